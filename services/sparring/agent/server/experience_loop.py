"""One rollout worker's stream to a brain: experience in; objectives, flow control and newer policies out."""

from __future__ import annotations

import time
from typing import Final, Protocol

from sparring.codec.experience_frames import ExperienceFrames, Join
from sparring.codec.session import Refused
from sparring.codec.values import Chunks
from sparring.rpc.step_stream import ServerStream
from sparring.types.errors import DeadlineError, FailedPreconditionError
from sparring.types.frames import Policy
from sparring.types.learning import Considered, DiscardEpisode, EpisodeEnd, ExperienceBatch, Joined

FIRST_FRAME_S: Final = 10.0
LEAST_LOOK_S: Final = 0.002
MOST_LOOK_S: Final = 0.05
_SHARE: Final = 20
"""A stream that has been silent for some time looks for a newer policy after a twentieth of that."""


class LearningBrain(Protocol):
    """What is behind the stream; see `brain.Brain`."""

    @property
    def policy(self) -> Policy | None:
        """The newest policy."""

    @property
    def pushes(self) -> bool:
        """Whether a policy may come while nothing is asked."""

    def join(self, join: Join, stream: ServerStream) -> tuple[Joined, tuple[int, int]]:
        """Let the rollout worker in."""

    def consider(
        self, join: Join, stream: ServerStream, request: ExperienceBatch | EpisodeEnd | DiscardEpisode
    ) -> Considered | Refused | None:
        """Take what it sends."""

    def leave(self, join: Join, stream: ServerStream) -> None:
        """Note that the stream has ended."""


class ExperienceLoop:
    """Serves one stream, in the thread that calls `run`."""

    def __init__(self, brain: LearningBrain, stream: ServerStream) -> None:
        self._brain = brain
        self._stream = stream
        self._frames = ExperienceFrames()
        self._chunks = Chunks()
        self._known: Policy | None = None

    def run(self) -> None:
        """Serve until the rollout worker is done.

        Raises:
            SparringError: What the stream ends with.
        """
        data = self._stream.receive(FIRST_FRAME_S)
        join = None if data is None else self._frames.decode_request(data, self._chunks)[1]
        if not isinstance(join, Join):
            raise FailedPreconditionError("GRAMMAR_VIOLATED", "An experience stream begins with Join.")
        try:
            joined, texts = self._brain.join(join, self._stream)
            self._frames = ExperienceFrames(*texts)
            self._known = joined.policy
            self._send(1, joined)
            while (data := self._next()) is not None:
                self._take(join, data)
        finally:
            self._brain.leave(join, self._stream)

    def _take(self, join: Join, data: bytes) -> None:
        sequence, request = self._frames.decode_request(data, self._chunks)
        if request is None:
            return
        if isinstance(request, Join):
            raise FailedPreconditionError("GRAMMAR_VIOLATED", "Join came a second time.")
        answer = self._brain.consider(join, self._stream, request)
        if isinstance(answer, Considered) and answer.policy is not None:
            self._known = answer.policy
        self._push()
        if answer is not None:
            self._send(sequence, answer)

    def _next(self) -> bytes | None:
        """Wait for the next message; send policies that come meanwhile."""
        if not self._brain.pushes:
            return self._stream.receive()
        since = time.monotonic()
        while True:
            silent_s = time.monotonic() - since
            try:
                return self._stream.receive(min(MOST_LOOK_S, LEAST_LOOK_S + silent_s / _SHARE))
            except DeadlineError:
                self._push()

    def _push(self) -> None:
        """Send the newest policy, if the rollout worker does not know it."""
        newest = self._brain.policy
        if newest is not None and (self._known is None or newest.version > self._known.version):
            self._known = newest
            self._send(0, newest)

    def _send(self, sequence: int, frame: Considered | Refused | Joined | Policy) -> None:
        for message in self._frames.encode_response(sequence, frame):
            self._stream.send(message)
