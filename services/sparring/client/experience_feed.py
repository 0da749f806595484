"""Committed experience on its way to a brain that lost it: sent again by the governor, in learning order."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import grpc

from sparring.api.agent.v1 import brain_service_pb2 as pb
from sparring.client.access import session_metadata
from sparring.client.session_errors import ended_early, hung, session_error
from sparring.codec.experience_frames import ExperienceFrames, Join
from sparring.codec.session import Refused
from sparring.codec.values import Chunks
from sparring.rpc.channels import Channel
from sparring.types.errors import SparringError
from sparring.types.frames import Origin, Policy
from sparring.types.plan import Grant

EXPERIENCE_METHOD: Final = "/sparring.api.agent.v1.BrainService/Experience"


class ExperienceFeed:
    """Streams of several rollout workers to one brain, each joined when it is first needed. One frame at a time.

    A rollout worker that joins later takes its stream over; what was fed to its end stays.

    Args:
        channel: To where the brain is; owned by somebody else.
        grant: The brain's session.
        component: Names the brain in errors.
        epoch: The owner's epoch of the run.
        run: Name of the run.
        phase: Number of the phase.
    """

    def __init__(self, channel: Channel, grant: Grant, component: str, epoch: int, run: str, phase: int) -> None:
        self._method = channel.stream_stream(EXPERIENCE_METHOD)
        self._grant, self._component, self._epoch = grant, component, epoch
        self._run, self._phase = run, phase
        self._streams: dict[int, _Stream] = {}

    async def give(self, rollout: int, part: pb.ExperienceBatch | pb.EpisodeEnd, timeout_s: float) -> None:
        """Give some experience of a rollout worker, and wait until the brain has taken it in.

        Raises:
            AuthorError: Objective, filter or brain raised.
            HungError: There was no answer in time.
            LostError: The brain is gone.
            SparringError: It refuses.
        """
        try:
            async with asyncio.timeout(timeout_s):
                stream = self._streams.get(rollout)
                if stream is None:
                    stream = self._streams[rollout] = _Stream(
                        self._method(metadata=(session_metadata(self._grant.token),)), self._component
                    )
                    await stream.join(Join(self._grant.token, Origin(self._run, self._phase, rollout), 1, self._epoch))
                await stream.give(part)
        except TimeoutError as error:
            raise hung(self._component, "committed experience", timeout_s) from error
        except SparringError as error:
            raise session_error(error, self._component) from error

    async def close(self) -> None:
        """End all streams. Never raises."""
        streams, self._streams = self._streams, {}
        for stream in streams.values():
            stream.close()


class _Stream:
    def __init__(self, call: Any, component: str) -> None:
        self._call, self._component = call, component
        self._codec, self._chunks = ExperienceFrames(), Chunks()
        self._sequence = 0

    async def join(self, join: Join) -> None:
        (message,) = self._codec.encode_request(1, join)
        self._sequence = 1
        await self._exchange(message)

    async def give(self, part: pb.ExperienceBatch | pb.EpisodeEnd) -> None:
        self._sequence += 1
        batch = part if isinstance(part, pb.ExperienceBatch) else None
        end = part if isinstance(part, pb.EpisodeEnd) else None
        request = pb.ExperienceRequest(sequence=self._sequence, batch=batch, episode_end=end)
        await self._exchange(request.SerializeToString())

    def close(self) -> None:
        self._call.cancel()

    async def _exchange(self, message: bytes) -> None:
        """Send a request and wait for its answer."""
        await self._call.write(message)
        while True:
            data = await self._call.read()
            if data is grpc.aio.EOF:
                raise ended_early(self._component, "committed experience")
            number, frame = self._codec.decode_response(data, self._chunks)
            if isinstance(frame, Refused):
                raise frame.error
            if frame is not None and number == self._sequence and not isinstance(frame, Policy):
                return
