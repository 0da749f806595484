"""A lane of a muscle session: one author's object, its filters, and what stands between objects and packed values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sparring.agent.array_muscle import ArrayMuscle
from sparring.agent.filter import Filter
from sparring.agent.memory_row import Fields, Row
from sparring.agent.muscle import Muscle
from sparring.agent.muscle_setpoints import as_informations, in_order, split_answer
from sparring.agent.resting import resting_values
from sparring.agent.statistics import numbers
from sparring.types.author_code import AUTHOR_FAULTS, author_error, call, value_error
from sparring.types.declaration import FreeValue
from sparring.types.errors import AuthorError, OutOfActionSpaceError, OutOfSpaceError
from sparring.types.frames import LaneTimes, Policy, StartMuscle
from sparring.types.free_value import from_free_value, to_free_value
from sparring.types.gauge import Gauge
from sparring.types.information import ActuatorInformation, SensorInformation
from sparring.types.mode import Mode
from sparring.types.seeds import generator
from sparring.types.values import Values


class Experience(NamedTuple):
    """What followed the last act of a lane; `rewards` is None before the first."""

    rewards: Values | None
    reward_fields: Fields
    terminated: bool
    truncated: bool


class Proposed(NamedTuple):
    """What a muscle answers."""

    setpoints: Values
    data: FreeValue | None
    statistics: tuple[tuple[str, float], ...]


class MuscleLane:
    """Plays the episodes of one lane with a Muscle.

    Args:
        muscle: The author's object.
        filters: Its filters, first to last.
        start: How the session began.
        lane: Which lane.
        gauge: Shows what runs.
    """

    def __init__(self, muscle: Muscle, filters: Sequence[Filter], start: StartMuscle, lane: int, gauge: Gauge) -> None:
        self.component = f"agent {start.agent!r}"
        self._muscle = muscle
        self._filters = list(filters)
        self._start = start
        self._lane = lane
        self._gauge = gauge
        self._sensors = Fields.of("sensor", start.sensors)
        self._actuators = Fields.of("actuator", start.actuators)
        self._sensor_parts = [(each.space, each.uid) for each in start.sensors]
        self._actuator_parts = [(each.space, each.uid) for each in start.actuators]
        self._index = {each.uid: place for place, each in enumerate(start.actuators)}
        # With a filter in between, what the muscle sees is no longer what was declared.
        self._by_arrays = muscle if isinstance(muscle, ArrayMuscle) and not self._filters else None
        self._last: tuple[Values, Values, FreeValue | None] | None = None
        self._step = 0

    def setup(self) -> None:
        """Prepare the muscle: `setup`, and `prepare_model` where nothing is learned.

        Raises:
            AuthorError: The author's code raised.
        """
        muscle, start = self._muscle, self._start
        muscle._uid = start.agent
        muscle._lane, muscle._environments = self._lane, start.environments
        muscle.mode = _shown(start.mode)
        muscle.rng = generator(start.session_seed)
        muscle.sensors = resting_values(SensorInformation, start.sensors)
        muscle.actuators = resting_values(ActuatorInformation, start.actuators)
        for each in self._filters:
            each.muscle = muscle
            self._call("start", each.setup, "setup of a filter", each)
        self._call("start", muscle.setup, "setup", muscle)
        if muscle.mode is not Mode.TRAIN:
            self._call("start", muscle.prepare_model, "prepare_model", muscle)

    def begin(self, seed: int, policy: Policy | None, mode: Mode) -> None:
        """Begin an episode.

        Raises:
            AuthorError: The author's code raised.
        """
        muscle = self._muscle
        self._step = 0
        self._last = None
        shown = _shown(mode)
        if shown is not muscle.mode:
            muscle.mode = shown
            if shown is not Mode.TRAIN:
                self._call("reset", muscle.prepare_model, "prepare_model", muscle)
        if muscle._memory is not None:
            muscle._memory.clear()
        muscle.rng = generator(seed)
        if policy is not None:
            self.update(policy)
        for each in self._filters:
            self._call("reset", each.reset, "reset of a filter", each)
        self._call("reset", muscle.reset, "reset", muscle)

    def update(self, policy: Policy) -> None:
        """Give the muscle a policy."""

        def hand_over() -> None:
            update = from_free_value(policy.snapshot)
            for each in self._filters:
                update = each.muscle_update(update)
            self._muscle.update(update)

        self._call("update", hand_over, "update", self._muscle)

    def act(self, readings: Values, times: tuple[LaneTimes, ...], experience: Experience) -> Proposed:
        """Ask for setpoints.

        Raises:
            AuthorError: The author's code raised, or proposed what the actuators do not allow: SETPOINT_OUT_OF_SPACE.
        """
        self._step += 1
        muscle, layout = self._muscle, self._actuators.layout
        muscle._times = times
        if muscle._memory is not None and self._last is not None and experience.rewards is not None:
            self._remember(*self._last, experience)
        given = self._sensors.layout.unpack(readings)
        self._gauge.begin("act", self.component, self._start.timeouts.step_s)
        try:
            if self._by_arrays is not None:
                answer: Any = self._by_arrays.act(given)
                values, data = answer if type(answer) is tuple else (answer, None)
                setpoints = layout.pack(values)
            else:
                setpoints, data = self._propose(given)
            statistics = numbers(said) if (said := muscle.pop_statistics()) else ()
            told = None if data is None else to_free_value(data)
            violation = layout.check(setpoints)
        except AUTHOR_FAULTS as error:
            raise self._failed(error) from error
        finally:
            self._gauge.end()
        if violation is not None:
            raise self._outside(violation.field, violation)
        self._last = (readings, setpoints, told)
        return Proposed(setpoints, told, statistics)

    def end(self) -> None:
        """Tear the muscle down."""
        self._call("shutdown", self._muscle.teardown, "teardown", self._muscle)

    def _propose(self, given: Sequence[Any]) -> tuple[Values, Any]:
        """Call `propose_actions` between the filters."""
        layout = self._actuators.layout
        sensors: Any = [
            SensorInformation(value, space, uid, check=False)
            for value, (space, uid) in zip(given, self._sensor_parts, strict=True)
            if value is not None
        ]
        actuators: Any = [ActuatorInformation(None, space, uid, check=False) for space, uid in self._actuator_parts]
        for each in self._filters:
            sensors, actuators = each.muscle_pre_process(sensors, actuators)
        setpoints, data = split_answer(self._muscle.propose_actions(sensors, actuators))
        if self._filters:
            setpoints = as_informations(setpoints, actuators)
            for each in reversed(self._filters):
                setpoints, data = each.muscle_post_process(setpoints, data)
        return layout.pack(in_order(setpoints, self._index, layout)), data

    def _remember(self, readings: Values, setpoints: Values, data: FreeValue | None, experience: Experience) -> None:
        rewards, fields, terminated, truncated = experience
        assert rewards is not None
        row = Row(
            self._start.agent,
            self._sensors,
            readings,
            self._actuators,
            setpoints,
            fields,
            rewards,
            terminated,
            truncated,
            data,
        )
        self._muscle.memory.add(row)

    def _failed(self, error: BaseException) -> AuthorError:
        """Make the error for what was raised in an act."""
        agent, step = self._start.agent, self._step
        if isinstance(error, AuthorError):
            return error.with_values(component=self.component, agent=agent, step=step)
        if isinstance(error, OutOfSpaceError) and "field" in error.metadata:
            return self._outside(int(error.metadata["field"]), error)
        more: dict[str, object] = {"agent": agent}
        reason = None
        if isinstance(error, OutOfActionSpaceError):
            reason, more["actuator"] = "SETPOINT_OUT_OF_SPACE", error.metadata.get("uid", "")
        return author_error(error, self.component, "propose_actions", self._muscle, step, reason, **more)

    def _outside(self, field: int, wrong: Any) -> AuthorError:
        agent = self._start.agent
        uid = self._actuators.uids[field]
        return value_error(self.component, "actuator", uid, self._step, wrong, "SETPOINT_OUT_OF_SPACE", agent=agent)

    def _call(self, kind: str, function: Any, called: str, owner: object) -> None:
        timeouts = self._start.timeouts
        deadline_s = {"start": timeouts.start_s, "update": timeouts.step_s}.get(kind, timeouts.reset_s)
        call(self._gauge, kind, self.component, deadline_s, function, called, owner)


def _shown(mode: Mode) -> Mode:
    """Show evaluation as a test."""
    return Mode.TRAIN if mode is Mode.TRAIN else Mode.TEST
