"""The port to a brain over a stream: experience up; objectives, flow control and policies down."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import Final

from sparring.client.access import NO_ACCESS, Access, connect
from sparring.client.experience_stream import ExperienceStream, Numbered
from sparring.codec.experience_frames import Join
from sparring.codec.session import Refused
from sparring.types.declaration import Declaration
from sparring.types.errors import FailedPreconditionError, InternalError, InvalidArgumentError
from sparring.types.frames import Policy
from sparring.types.layout import Layout
from sparring.types.learning import Considered, DiscardEpisode, EpisodeEnd, ExperienceBatch, Joined
from sparring.types.plan import Grant, RolloutPlan

JOIN_S: Final = 30.0
_LISTEN_EVERY_S: Final = 0.02
"""To look whether a policy has come costs more than a step may."""


class StreamExperience:
    """One rollout worker's stream to one brain: an `ExperienceSession`, whose docstrings hold here. One thread.

    A brain takes in `window` requests whether or not its answers are read: sending never waits for receiving.
    """

    def __init__(
        self, stream: ExperienceStream, joined: Joined, component: str, sizes: tuple[int, int], think_s: float
    ) -> None:
        """Take over a joined stream.

        Args:
            stream: Closed with the session.
            joined: What the brain said.
            component: Names the brain in errors.
            sizes: Bytes of the readings and of the setpoints of one step.
            think_s: How long `send` waits for an answer when `window` are open.
        """
        self._stream = stream
        self._joined = joined
        self._component = component
        self._sizes = sizes
        self._think_s = think_s
        self._open: deque[int] = deque()
        self._ready: deque[Considered | Refused] = deque()
        self._policy = joined.policy
        self._listened = time.monotonic()

    @property
    def joined(self) -> Joined:
        """What the brain said at the beginning."""
        return self._joined

    def send(self, request: ExperienceBatch | EpisodeEnd) -> None:
        """Send a batch or an episode's end; waits only while `window` answers are open.

        Raises:
            InvalidArgumentError: PACKED_INVALID, a step's values do not have the size of what was declared: in columns
                they would shift all that follow.
        """
        if isinstance(request, ExperienceBatch):
            self._check(request)
        while len(self._open) >= self._joined.window:
            self._keep(self._stream.receive("what it was sent", self._think_s))
        self._stream.send(request)
        self._open.append(self._stream.sequence)

    def discard(self, request: DiscardEpisode) -> None:
        """Void an episode; not answered."""
        self._stream.send(request)

    def receive(self, timeout_s: float) -> Considered:
        """Wait for the next answer, in the order of what was sent."""
        until = time.monotonic() + timeout_s
        while not self._ready:
            if not self._open:
                raise FailedPreconditionError("NOTHING_ASKED", f"{self._component} owes no answer; send first.")
            self._keep(self._stream.receive("what it was sent", timeout_s, until))
        found = self._ready.popleft()
        if isinstance(found, Refused):
            raise found.error
        return found

    def latest_policy(self) -> Policy | None:
        """Return the newest policy heard of, without waiting."""
        now = time.monotonic()
        if now - self._listened > _LISTEN_EVERY_S:
            self._listened = now
            while (frame := self._stream.poll()) is not None:
                self._keep(frame)
        return self._policy

    def wait_for_policy(self, version: int, timeout_s: float) -> Policy:
        """Wait until a policy of at least this version is known."""
        until = time.monotonic() + timeout_s
        while self._policy is None or self._policy.version < version:
            self._keep(self._stream.receive(f"policy {version}", timeout_s, until))
        return self._policy

    def close(self) -> None:
        """Half-close and release. Never raises; may be called twice."""
        self._stream.close()

    def _check(self, batch: ExperienceBatch) -> None:
        for step in batch.steps:
            found = len(step.readings.data), len(step.setpoints.data)
            if found != self._sizes:
                raise InvalidArgumentError(
                    "PACKED_INVALID",
                    f"A step for {self._component} has {found[0]} bytes of readings and {found[1]} of setpoints; "
                    f"what was declared takes {self._sizes[0]} and {self._sizes[1]}.",
                )

    def _keep(self, numbered: Numbered) -> None:
        """File what came: a policy, or the answer to the oldest open request."""
        number, frame = numbered
        policy = frame if isinstance(frame, Policy) else frame.policy if isinstance(frame, Considered) else None
        if policy is not None and (self._policy is None or policy.version > self._policy.version):
            self._policy = policy
        if isinstance(frame, Policy):
            return
        if isinstance(frame, Joined) or not self._open or self._open.popleft() != number:
            kind = type(frame).__name__
            raise self._stream.fail(
                InternalError("RESPONSE_UNEXPECTED", f"{self._component} sent {kind} {number} out of turn.")
            )
        self._ready.append(frame)


def open_experience(
    grant: Grant,
    agent: str,
    sensors: Sequence[Declaration],
    actuators: Sequence[Declaration],
    rollout: RolloutPlan,
    *,
    access: Access = NO_ACCESS,
    timeout_s: float = JOIN_S,
) -> StreamExperience:
    """Join the brain of an agent, which its governor has started.

    Args:
        grant: The brain's session.
        agent: The agent's name in the document.
        sensors: What the agent reads, in packing order.
        actuators: What it sets, in packing order.
        rollout: On whose behalf; also says the lanes, the epoch and how long a brain may think.
        access: Token and TLS material.
        timeout_s: How long the brain may take to answer.

    Raises:
        LostError: The brain is gone.
        FailedPreconditionError: It refuses: EPOCH_STALE, VERSION_MISMATCH.
        HungError: It did not answer.
    """
    component = f"the brain of agent {agent!r}"
    sizes = tuple(Layout([one.space for one in declared], rollout.lanes).size for declared in (sensors, actuators))
    stream = ExperienceStream(connect(grant, grant.token, access), component)
    try:
        _, joined = stream.join(Join(grant.token, rollout.origin, rollout.lanes, rollout.epoch), timeout_s)
        if isinstance(joined, Refused):
            raise joined.error
        if not isinstance(joined, Joined):
            raise InternalError("RESPONSE_UNEXPECTED", f"{component} answered Join with {type(joined).__name__}.")
    except BaseException:
        stream.close()
        raise
    return StreamExperience(stream, joined, component, (sizes[0], sizes[1]), rollout.timeouts.think_s)
