"""A muscle behind the session port, in this process: author classes seen as the controller sees any muscle."""

from __future__ import annotations

from sparring.agent.filter import Filter
from sparring.agent.memory_row import Fields, no_fields
from sparring.agent.muscle import Muscle
from sparring.agent.muscle_lane import Experience, MuscleLane, Proposed
from sparring.agent.parts import Resolve, make_part
from sparring.types.declaration import Declaration
from sparring.types.errors import AuthorError, FailedPreconditionError, InvalidArgumentError, SparringError
from sparring.types.frames import (
    Act,
    Acted,
    MuscleRequest,
    MuscleReset,
    MuscleResponse,
    MuscleStarted,
    ResetMuscle,
    ShutDown,
    Shutdown,
    StartMuscle,
    Strike,
)
from sparring.types.free_value import join_parts
from sparring.types.gauge import NO_GAUGE, Gauge
from sparring.types.lanes import LaneWeaver
from sparring.types.strike import carry_out
from sparring.types.values import Values

CAPABILITIES = frozenset({"lanes", "filters"})


class MuscleInstance:
    """Implements the port `MuscleSession`; does its work inside `send`. One instance is one session.

    Args:
        resolve: Finds author classes by name: muscles and filters.
        gauge: Shows what author code is running, for somebody who watches deadlines.
    """

    def __init__(self, resolve: Resolve, gauge: Gauge = NO_GAUGE) -> None:
        self._resolve = resolve
        self._gauge = gauge
        self._lanes: list[MuscleLane] = []
        self._begun = False
        self._answer: MuscleResponse | SparringError | None = None
        self._rewards: tuple[Declaration, ...] = ()
        self._reward_fields = no_fields("reward")
        self._reward_lanes: LaneWeaver | None = None

    def send(self, request: MuscleRequest) -> None:
        """Carry out a request; `receive` tells what came of it."""
        try:
            self._answer = self._act(request) if type(request) is Act and self._lanes else self._handle(request)
        except SparringError as error:
            self._answer = error
            if isinstance(error, AuthorError):
                self.close()

    def receive(self, timeout_s: float) -> MuscleResponse:
        """Return the answer to the last request, or raise what it raised.

        Raises:
            InvalidArgumentError, FailedPreconditionError: The request was refused; nothing has changed.
            AuthorError: The muscle's own code raised, or proposed what the actuators do not allow; the session is over.
        """
        answer, self._answer = self._answer, None
        if isinstance(answer, SparringError):
            raise answer
        if answer is None:
            raise _out_of_turn("nothing was sent since the last answer")
        return answer

    def close(self) -> None:
        """Release the author's objects."""
        lanes, self._lanes = self._lanes, []
        for lane in lanes:
            try:
                lane.end()
            except AuthorError:
                continue  # it is logged, and nobody waits for an answer

    def _act(self, request: Act) -> Acted:
        if request.declared_rewards:
            self._rewards = (*self._rewards, *request.declared_rewards)
            self._reward_fields = Fields.of("reward", self._rewards)
            self._reward_lanes = None
        lanes = self._lanes
        if request.policy is not None:
            for lane in lanes:
                lane.update(request.policy)
        if len(lanes) > 1 or request.lanes is not None:
            return self._act_some(request)
        self._require_size(request.readings)
        terminated, truncated = request.terminated, request.truncated
        experience = Experience(
            request.rewards,
            self._reward_fields,
            bool(terminated) and terminated[0],
            bool(truncated) and truncated[0],
        )
        setpoints, data, statistics = lanes[0].act(request.readings, request.times, experience)
        return Acted(setpoints, data, statistics)

    def _act_some(self, request: Act) -> Acted:
        """Ask several lanes, or perhaps none."""
        lanes, count = self._lanes, len(self._lanes)
        moving = request.lanes or (True,) * count
        if len(moving) != count:
            raise _mismatch(f"a mask of {len(moving)}", count)
        self._require_size(request.readings)
        readings = self._sensors.split(request.readings)
        rewards: list[Values | None] = [None] * count
        if request.rewards is not None:
            if self._reward_lanes is None:
                self._reward_lanes = LaneWeaver(self._reward_fields.layout.spaces, count)
            rewards = list(self._reward_lanes.split(request.rewards))
        none = (False,) * count
        terminated, truncated = request.terminated or none, request.truncated or none
        proposed: list[Proposed | None] = [None] * count
        for number, lane in enumerate(lanes):
            if moving[number]:
                fields = self._reward_fields
                experience = Experience(rewards[number], fields, terminated[number], truncated[number])
                proposed[number] = lane.act(readings[number], request.times, experience)
        data = [None if each is None else each.data for each in proposed]
        return Acted(
            self._actuators.join([None if each is None else each.setpoints for each in proposed]),
            None if not any(data) else data[0] if count == 1 else join_parts(data),
            tuple(
                (f"{name}[{lane}]" if count > 1 else name, value)
                for lane, each in enumerate(proposed)
                if each is not None
                for name, value in each.statistics
            ),
        )

    def _handle(self, request: MuscleRequest) -> MuscleResponse:
        if isinstance(request, StartMuscle):
            return self._start(request)
        lanes = self._lanes
        if not lanes:
            raise _out_of_turn("the session has ended" if self._begun else "it was not started")
        if isinstance(request, ResetMuscle):
            moving = request.lanes or (True,) * len(lanes)
            if len(request.episode_seeds) != len(lanes) or len(moving) != len(lanes):
                raise _mismatch(f"{len(request.episode_seeds)} seeds and a mask of {len(moving)}", len(lanes))
            self._forget_rewards()
            for lane, seed, moves in zip(lanes, request.episode_seeds, moving, strict=True):
                if moves:
                    lane.begin(seed, request.policy, request.mode)
            return MuscleReset()
        if isinstance(request, Shutdown):
            self._lanes = []
            for lane in lanes:
                lane.end()
            return ShutDown()
        if isinstance(request, Strike):
            return carry_out(request)
        raise _out_of_turn(f"{type(request).__name__} is no request to a muscle")

    def _start(self, request: StartMuscle) -> MuscleStarted:
        if self._begun:
            raise _out_of_turn("it was started before")
        if request.lanes < 1 or len(request.episode_seeds) != request.lanes:
            raise _mismatch(f"{len(request.episode_seeds)} seeds", request.lanes)
        self._begun = True
        self._sensors = LaneWeaver([each.space for each in request.sensors], request.lanes)
        self._actuators = LaneWeaver([each.space for each in request.actuators], request.lanes)
        for number, seed in enumerate(request.episode_seeds):
            lane = self._lane(request, number)
            self._lanes.append(lane)
            lane.setup()
            lane.begin(seed, request.policy, request.mode)
        return MuscleStarted(CAPABILITIES)

    def _lane(self, start: StartMuscle, number: int) -> MuscleLane:
        self._gauge.begin("start", f"agent {start.agent!r}", start.timeouts.start_s)
        try:
            offers = {"uid": start.agent, "seed": start.session_seed}
            muscle = make_part(self._resolve, start.muscle, Muscle, "muscle", start.agent, offers)
            filters = [make_part(self._resolve, each, Filter, "filter", start.agent, {}) for each in start.filters]
            return MuscleLane(muscle, filters, start, number, self._gauge)
        finally:
            self._gauge.end()

    def _forget_rewards(self) -> None:
        self._rewards = ()
        self._reward_fields = no_fields("reward")
        self._reward_lanes = None

    def _require_size(self, readings: Values) -> None:
        size = self._sensors.all.size
        if len(readings.data) != size:
            raise InvalidArgumentError(
                "READINGS_MALFORMED", f"Readings of {len(readings.data)} bytes; the agent's sensors take {size}."
            )


def _mismatch(found: str, lanes: int) -> InvalidArgumentError:
    return InvalidArgumentError("LANES_MISMATCH", f"A session of {lanes} lanes was given {found}.")


def _out_of_turn(problem: str) -> FailedPreconditionError:
    return FailedPreconditionError("GRAMMAR_VIOLATED", f"This is not allowed in a muscle session: {problem}.")
