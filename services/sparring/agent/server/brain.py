"""The brain of a slot: its owner's stream and the rollout workers' streams, one at a time at the author's code."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sparring.agent.brain_instance import BrainInstance
from sparring.agent.server.experience_loop import ExperienceLoop
from sparring.codec.brain_frames import BrainRequest, BrainResponse
from sparring.codec.experience_frames import Join
from sparring.codec.session import Refused
from sparring.rpc.step_stream import ServerStream
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError, LostError, NotFoundError
from sparring.types.frames import Policy, ShutDown, Shutdown
from sparring.types.layout import Layout
from sparring.types.learning import (
    Considered,
    DiscardEpisode,
    EpisodeEnd,
    ExperienceBatch,
    Joined,
    Learn,
    Learned,
    Learning,
    Save,
    StartBrain,
)

_log = logging.getLogger(__name__)


class Brain:
    """One brain session after the other; an `Instance` for its owner, a `LearningBrain` for rollout workers.

    The owner's stream runs in the slot's main thread, each rollout worker's in its own; a lock lets one of them at the
    author's code.

    Args:
        make: Makes the instance of a session.
    """

    def __init__(self, make: Callable[[], BrainInstance]) -> None:
        self._make = make
        self._turn = threading.Lock()  # held for as long as author code takes
        self._instance: BrainInstance | None = None
        self._response: BrainResponse | None = None
        self._pushes = False
        self._texts = (0, 0)
        self._changed = threading.Lock()  # guards what follows; never held for long
        self._token = ""
        self._epoch = 0
        self._streams: dict[int, ServerStream] = {}
        self._policy: Policy | None = None
        self._orphan_s = 60.0

    @property
    def orphan_s(self) -> float:
        """How long the session is kept when its owner is lost."""
        return self._orphan_s

    @property
    def policy(self) -> Policy | None:
        """The newest policy."""
        return self._policy

    @property
    def pushes(self) -> bool:
        """Whether a policy may come while a rollout worker asks for nothing."""
        return self._pushes

    def begin(self, start: StartBrain) -> Brain:
        """Be the instance of the session that begins."""
        with self._changed:
            self._token, self._epoch, self._orphan_s = start.token, 0, start.orphan_s
            self._policy = None
        return self

    def fence(self, epoch: int) -> None:
        """Remember the highest epoch that has spoken.

        Raises:
            FailedPreconditionError: EPOCH_STALE, this one is older.
        """
        with self._changed:
            if epoch < self._epoch:
                _log.warning("a sender of epoch %d was refused: epoch %d owns the run", epoch, self._epoch)
                raise FailedPreconditionError(
                    "EPOCH_STALE",
                    f"The sender has epoch {epoch}, but epoch {self._epoch} was seen: another governor owns the run.",
                    found=epoch,
                    expected=self._epoch,
                )
            self._epoch = epoch

    def send(self, request: BrainRequest) -> None:
        """Carry out what the owner asks."""
        with self._turn:
            self._response = self._carry_out(request)

    def receive(self, timeout_s: float) -> BrainResponse:
        """Return the answer."""
        response, self._response = self._response, None
        if response is None:
            raise FailedPreconditionError("GRAMMAR_VIOLATED", "Nothing was asked.")
        return response

    def close(self) -> None:
        """Forget the session; the streams of its rollout workers break."""
        with self._changed:
            self._token = ""
            streams, self._streams = list(self._streams.values()), {}
        for stream in streams:
            stream.cancel()
        with self._turn:
            instance, self._instance = self._instance, None
            if instance is not None:
                instance.close()

    def experience(self, stream: ServerStream) -> None:
        """Serve a rollout worker's stream, in its own thread."""
        ExperienceLoop(self, stream).run()

    def join(self, join: Join, stream: ServerStream) -> tuple[Joined, tuple[int, int]]:
        """Let a rollout worker in; the stream that it had before breaks.

        Returns:
            What it is told; and how many texts readings and setpoints of one step have, in all lanes.

        Raises:
            NotFoundError: SESSION_UNKNOWN.
            FailedPreconditionError: EPOCH_STALE.
        """
        rollout = join.origin.rollout
        with self._turn:
            instance = self._instance
            if instance is None or join.token != self._token:
                raise NotFoundError("SESSION_UNKNOWN", "There is no such brain session here.")
            self.fence(join.epoch)
            with self._changed:
                before = self._streams.get(rollout)
                self._streams[rollout] = stream
            joined = instance.join(rollout, join.lanes)
        if before is not None:
            before.cancel()
        readings, setpoints = self._texts
        return joined, (readings * join.lanes, setpoints * join.lanes)

    def consider(
        self, join: Join, stream: ServerStream, request: ExperienceBatch | EpisodeEnd | DiscardEpisode
    ) -> Considered | Refused | None:
        """Take what a rollout worker sends.

        Raises:
            LostError: It has another stream by now, or the session is over.
            FailedPreconditionError: EPOCH_STALE.
            AuthorError: Objective, filter, brain or condition raised.
        """
        rollout = join.origin.rollout
        with self._turn:
            instance = self._instance
            if instance is None or self._streams.get(rollout) is not stream:
                raise LostError("STREAM_REPLACED", "The rollout worker has another stream, or the session is over.")
            self.fence(join.epoch)
            try:
                if isinstance(request, DiscardEpisode):
                    instance.discard(rollout, request)
                    return None
                considered = instance.consider(rollout, request)
            except (InvalidArgumentError, FailedPreconditionError) as error:
                return Refused(error)
            self._policy = considered.policy or self._policy
            return considered

    def leave(self, join: Join, stream: ServerStream) -> None:
        """Note that a stream has ended."""
        with self._changed:
            if self._streams.get(join.origin.rollout) is stream:
                del self._streams[join.origin.rollout]

    def _carry_out(self, request: BrainRequest) -> BrainResponse:
        if isinstance(request, StartBrain):
            instance = self._make()
            sensors, actuators = ([one.space for one in some] for some in (request.sensors, request.actuators))
            self._texts = (Layout(sensors).text_count, Layout(actuators).text_count)
            started = instance.start(request)
            self._pushes = started.learns and request.learning in (Learning.EPISODE, Learning.ASYNC)
            self._policy = started.policy
            self._instance = instance
            return started
        instance_now = self._instance
        if instance_now is None:
            raise FailedPreconditionError("GRAMMAR_VIOLATED", "The brain has not been started.")
        match request:
            case Learn():
                learned: Learned = instance_now.learn(request)
                self._policy = learned.policy or self._policy
                return learned
            case Save():
                return instance_now.save()
            case Shutdown():
                instance_now.shutdown()
                return ShutDown()
