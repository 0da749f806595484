"""The brain of a slot: its owner's stream and the rollout workers' streams, one at a time at the author's code."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sparring.agent.brain_instance import BrainInstance
from sparring.codec.brain_frames import BrainRequest, BrainResponse
from sparring.codec.experience_frames import ExperienceFrames, Join
from sparring.codec.session import Refused
from sparring.codec.values import Chunks
from sparring.rpc.step_stream import ServerStream
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError
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
    Save,
    StartBrain,
)

WINDOW = 8
"""How many batches a rollout worker may send ahead."""
FIRST_FRAME_S = 10.0
LOOK_EVERY_S = 0.2
"""How often a stream that hears nothing looks for a newer policy."""


class Brain:
    """One brain session. The owner's stream runs in the slot's main thread, each rollout worker's in its own; a lock lets one of them at the author's code."""

    def __init__(self, make: Callable[[], BrainInstance]) -> None:
        self._make = make
        self._turn = threading.Lock()
        self._instance: BrainInstance | None = None
        self._token = ""
        self._epoch = 0
        self._orphan_s = 60.0
        self._texts = (0, 0)
        self._policy: Policy | None = None
        self._response: BrainResponse | None = None

    @property
    def orphan_s(self) -> float:
        """How long the session is kept when its owner is lost."""
        return self._orphan_s

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
        """Forget the session; the streams of its rollout workers end at their next frame."""
        with self._turn:
            instance, self._instance, self._token = self._instance, None, ""
            if instance is not None:
                instance.close()

    def experience(self, stream: ServerStream) -> None:
        """Serve a rollout worker's stream."""
        chunks = Chunks()
        data = stream.receive(FIRST_FRAME_S)
        join = ExperienceFrames().decode_request(data, chunks)[1] if data is not None else None
        if not isinstance(join, Join):
            raise FailedPreconditionError("GRAMMAR_VIOLATED", "An experience stream begins with Join.")
        rollout = join.origin.rollout
        with self._turn:
            frames = ExperienceFrames(*self._texts)
            instance = self._admitted(join)
            instance.join(rollout, join.lanes)
            known = self._policy
        for message in frames.encode_response(1, Joined(known, WINDOW)):
            stream.send(message)
        while (data := stream.receive()) is not None:
            sequence, request = frames.decode_request(data, chunks)
            if request is None:
                continue
            if isinstance(request, Join):
                raise FailedPreconditionError("GRAMMAR_VIOLATED", "Join came a second time.")
            with self._turn:
                answer = self._consider(join, rollout, request)
                newest = self._policy
            if answer is None:
                continue
            messages = list(frames.encode_response(sequence, answer))
            if newest is not None and newest is not known:
                told = (
                    isinstance(answer, Considered)
                    and answer.policy is not None
                    and answer.policy.version >= newest.version
                )
                known = newest
                if not told:
                    messages = [*frames.encode_response(0, newest), *messages]
            for message in messages:
                stream.send(message)

    def _carry_out(self, request: BrainRequest) -> BrainResponse:
        if isinstance(request, StartBrain):
            self._instance = self._make()
            self._token, self._orphan_s = request.token, request.orphan_s
            sensors = Layout([one.space for one in request.sensors])
            actuators = Layout([one.space for one in request.actuators])
            self._texts = (sensors.text_count, actuators.text_count)
            started = self._instance.start(request)
            self._policy = started.policy
            return started
        instance = self._instance
        if instance is None:
            raise FailedPreconditionError("GRAMMAR_VIOLATED", "The brain has not been started.")
        match request:
            case Learn():
                learned: Learned = instance.learn(request)
                self._policy = learned.policy or self._policy
                return learned
            case Save():
                return instance.save()
            case Shutdown():
                instance.shutdown()
                return ShutDown()

    def _admitted(self, join: Join) -> BrainInstance:
        if self._instance is None or join.token != self._token:
            raise NotFoundError("SESSION_UNKNOWN", "There is no such brain session here.")
        if join.epoch < self._epoch:
            raise FailedPreconditionError(
                "EPOCH_STALE",
                f"The rollout worker has epoch {join.epoch}, but epoch {self._epoch} was seen.",
                found=join.epoch,
                expected=self._epoch,
            )
        self._epoch = join.epoch
        return self._instance

    def _consider(
        self, join: Join, rollout: int, request: ExperienceBatch | EpisodeEnd | DiscardEpisode
    ) -> Considered | Refused | None:
        instance = self._admitted(join)
        if isinstance(request, DiscardEpisode):
            instance.discard(rollout, request)
            return None
        try:
            considered = instance.consider(rollout, request)
        except InvalidArgumentError as error:
            return Refused(error)
        self._policy = considered.policy or self._policy
        return considered
