"""Brains and rollout workers behind the governor's ports."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sparring.api.simulation.v1 import simulation_service_pb2 as pb
from sparring.client.access import Access
from sparring.client.brain_session import BrainSession as OwnerStream
from sparring.client.brain_session import open_brain
from sparring.client.experience_feed import ExperienceFeed
from sparring.client.rollout_stream import RolloutStream as ControlStream
from sparring.codec.declaration import decode_flow
from sparring.codec.episode import decode_key
from sparring.codec.errors import decode_error
from sparring.governor.ports import BrainSession, Given, RolloutStream
from sparring.governor.rollout_frames import (
    Cause,
    Decision,
    EpisodeCommitted,
    RolloutEnded,
    RolloutFrame,
    RolloutPaused,
    RolloutProgress,
    RolloutResumed,
    RolloutStarted,
)
from sparring.types.declaration import Timeouts
from sparring.types.frames import Origin
from sparring.types.learning import BrainStarted, Learn, Learned, Saved, StartBrain
from sparring.types.plan import Grant, RolloutPlan

_CAUSES = {pb.Ended.Cause.Value(f"CAUSE_{cause.name}"): cause for cause in Cause}


class HostedBrains:
    """See `Brains`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def open(self, agent: str, grant: Grant, epoch: int, timeouts: Timeouts) -> BrainSession:
        """Prepare a conversation."""
        return HostedBrain(open_brain(grant, agent, epoch=epoch, access=self._access), timeouts)


class HostedBrain:
    """See `BrainSession`."""

    def __init__(self, session: OwnerStream, timeouts: Timeouts) -> None:
        self._session = session
        self._timeouts = timeouts
        self._origin = Origin()
        self._feed: ExperienceFeed | None = None

    async def start(self, start: StartBrain) -> BrainStarted:
        """Make the brain."""
        self._origin = start.origin
        return await self._session.start(start, self._timeouts.start_s)

    async def learn(self, learn: Learn) -> Learned:
        """Learn."""
        return await self._session.learn(learn, self._timeouts.think_s)

    async def give(self, given: Given) -> None:
        """Give committed experience once more."""
        self._feed = self._feed or self._session.feed(self._origin.run, self._origin.phase)
        await self._feed.give(given.key.rollout, given.frame, self._timeouts.think_s)

    async def given(self) -> None:
        """Say that all is given."""
        feed, self._feed = self._feed, None
        if feed is not None:
            await feed.close()

    async def save(self) -> Saved:
        """Hand out the state."""
        return await self._session.save(self._timeouts.think_s)

    async def shutdown(self) -> None:
        """End the session."""
        await self._session.shutdown(self._timeouts.reset_s)

    async def close(self) -> None:
        """Release the stream."""
        await self.given()
        await self._session.close()


class HostedRollouts:
    """See `Rollouts`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def open(self, grant: Grant, epoch: int) -> RolloutStream:
        """Prepare a control stream."""
        return HostedRollout(ControlStream(grant, epoch, access=self._access))


class HostedRollout:
    """See `RolloutStream`."""

    def __init__(self, stream: ControlStream) -> None:
        self._stream = stream

    async def start(self, plan: RolloutPlan, decision: Decision) -> None:
        """Begin."""
        await self._stream.start(plan, decision)

    async def decide(self, decision: Decision) -> None:
        """Say how it goes on."""
        await self._stream.decide(decision)

    async def lose(self, token: str, reason: str, message: str) -> None:
        """Say that a session is lost."""
        await self._stream.lose(token, reason, message)

    async def pause(self) -> None:
        """Hold."""
        await self._stream.pause()

    async def resume(self) -> None:
        """Go on."""
        await self._stream.resume()

    async def cancel(self) -> None:
        """Stop."""
        await self._stream.cancel()

    async def frames(self) -> AsyncIterator[RolloutFrame]:
        """Yield what it tells."""
        async for message in self._stream.frames():
            frame = decode_frame(message)
            if frame is not None:
                yield frame

    async def close(self) -> None:
        """Release the stream."""
        await self._stream.close()


def decode_frame(message: pb.RunResponse) -> RolloutFrame | None:
    """Read what a rollout worker tells; None for what a newer one may add."""
    match message.WhichOneof("kind"):
        case "started":
            return RolloutStarted(message.started.took.ToNanoseconds() / 1e9)
        case "progress":
            progress = message.progress
            return RolloutProgress(
                progress.episode,
                progress.step,
                progress.steps_played,
                progress.steps_per_second,
                progress.episode_return,
                progress.waiting,
            )
        case "episode_ended":
            ended = message.episode_ended
            return EpisodeCommitted(
                decode_key(ended.episode),
                ended.steps,
                ended.episode_return,
                {one.agent: one.objective for one in ended.agents if one.HasField("objective")},
                decode_flow(ended.flow_control),
            )
        case "paused":
            return RolloutPaused()
        case "resumed":
            return RolloutResumed()
        case "ended":
            return _decode_ended(message.ended)
    return None


def _decode_ended(ended: pb.Ended) -> RolloutEnded:
    cause = _CAUSES.get(ended.cause, Cause.FAILED)
    error = decode_error(ended.error) if ended.HasField("error") else None
    return RolloutEnded(cause, error, ended.steps_sent, ended.episodes_sent)
