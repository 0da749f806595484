"""A lane around an Environment: packed setpoints to actuator objects, sensor objects to packed readings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sparring.environment.coroutines import close_runner, finished
from sparring.environment.declarations import Declarations, declared, refuse_change
from sparring.environment.deprecated_tuples import baseline_of_tuple, state_of_tuple
from sparring.environment.environment import Environment, call_shutdown
from sparring.environment.environment_baseline import EnvironmentBaseline
from sparring.environment.environment_reset import EnvironmentResetRequest, EnvironmentResetResponse
from sparring.environment.environment_state import EnvironmentState
from sparring.environment.environment_state_transformer import EnvironmentStateTransformer
from sparring.environment.lane import Began, Moved
from sparring.environment.named_values import NamedValues
from sparring.types.author_code import AUTHOR_FAULTS, author_error, call, sentence, value_error
from sparring.types.declaration import Timeouts
from sparring.types.errors import AuthorError, OutOfSpaceError
from sparring.types.gauge import Gauge
from sparring.types.information import ActuatorInformation, RewardInformation, SensorInformation
from sparring.types.seeds import generator
from sparring.types.values import Values


class ObjectLane:
    """Plays the episodes of one lane with an Environment.

    Args:
        make: Makes the author's object of a seed.
        uid: The environment's name.
        session_seed: Seed of the object's own life.
        recreate: Make a new object, of the episode's seed, for every episode.
        gauge: Shows what runs.
        timeouts: Deadlines.
        transformer: What the document plugged in, if anything.
    """

    def __init__(
        self,
        make: Callable[[int], Environment],
        uid: str,
        session_seed: int,
        recreate: bool,
        gauge: Gauge,
        timeouts: Timeouts,
        transformer: EnvironmentStateTransformer | None = None,
    ) -> None:
        self.component = f"environment {uid!r}"
        self._uid = uid
        self._make = make
        self._session_seed = session_seed
        self._recreate = recreate
        self._gauge = gauge
        self._timeouts = timeouts
        self._transformer = transformer
        self._environment: Environment | None = None
        self._declarations: Declarations | None = None
        self._step = 0

    @property
    def declarations(self) -> Declarations:
        """What it offers."""
        assert self._declarations is not None
        return self._declarations

    def begin(self, seed: int) -> Began:
        """Begin an episode.

        Raises:
            AuthorError: The author's code raised, returned what it must not, or changed what it offers.
            InvalidArgumentError: PARAMETERS_INVALID, or SPACE_UNKNOWN.
        """
        self._step = 0
        if self._recreate and self._environment is not None:
            self.end()
        if self._environment is None:
            return self._start(seed if self._recreate else self._session_seed, seed)
        environment = self._environment
        environment.rng = generator(seed)
        request = EnvironmentResetRequest(seed)
        answer = self._call("reset", self._timeouts.reset_s, lambda: environment.reset(request), "reset")
        if isinstance(answer, EnvironmentResetResponse):
            if answer.create_new_instance:
                self.end()
                return self._start(self._session_seed, seed)
            simtime = self._first_simtime if answer.simtime is None else answer.simtime
            answer = EnvironmentBaseline(answer.sensors, answer.actuators, simtime, next_update=answer.next_update)
        return self._begun(answer, "reset")

    def _start(self, own_seed: int, seed: int) -> Began:
        environment = self._environment = self._make(own_seed)
        environment.rng = generator(seed)
        answer = self._call("start", self._timeouts.start_s, environment.start_environment, "start_environment")
        return self._begun(answer, "start_environment")

    def _begun(self, answer: Any, called: str) -> Began:
        baseline = baseline_of_tuple(answer, self._environment)
        if not isinstance(baseline, EnvironmentBaseline):
            raise self._wrong_type(called, "EnvironmentBaseline", answer, None)
        self._declare(baseline)
        self._first_simtime = baseline.simtime
        readings = self._pack(baseline.sensors_available, None)
        return Began(readings, baseline.simtime, baseline.next_update)

    def _declare(self, baseline: EnvironmentBaseline) -> None:
        """Take in what the baseline declares, the first time; later, see that it is the same."""
        component, uid, known = self.component, self._uid, self._declarations
        sensors = declared(component, uid, "sensor", baseline.sensors_available, SensorInformation)
        actuators = declared(component, uid, "actuator", baseline.actuators_available, ActuatorInformation)
        rewards = declared(component, uid, "reward", baseline.rewards_available, RewardInformation)
        if known is None:
            self._declarations = Declarations.of(
                sensors, actuators, rewards, baseline.tick_ns, baseline.static_world_model
            )
            self._sensors = NamedValues(component, uid, "sensor", [each.uid for each in sensors], SensorInformation)
            self._actuators = [(each.space, each.uid) for each in actuators]
        else:
            refuse_change(component, "sensor", known.sensors, sensors)
            refuse_change(component, "actuator", known.actuators, actuators)
            if rewards:  # a reset need not repeat them
                refuse_change(component, "reward", known.rewards, rewards)
        assert self._environment is not None
        self._environment._sensor_ids = [each.uid for each in sensors]
        self._environment._actuator_ids = [each.uid for each in actuators]

    def move(self, setpoints: Values) -> Moved:
        """Call `update` with the setpoints that are present."""
        self._step += 1
        environment, declarations = self._environment, self._declarations
        assert environment is not None
        assert declarations is not None
        given = declarations.actuator_layout.unpack(setpoints)
        actuators = [
            ActuatorInformation(value, space, uid, check=False)
            for value, (space, uid) in zip(given, self._actuators, strict=True)
            if value is not None
        ]
        called: object = environment
        self._gauge.begin("update", self.component, self._timeouts.step_s)
        try:
            state = environment.update(actuators)
            if type(state) is not EnvironmentState:
                state = state_of_tuple(finished(environment, state), environment)
            if self._transformer is not None and isinstance(state, EnvironmentState):
                called = self._transformer
                state = self._transformer(state)
            if not isinstance(state, EnvironmentState):
                raise self._wrong_type("update", "EnvironmentState", state, self._step)
            terminated, truncated = state.ends()
        except AUTHOR_FAULTS as error:
            name = "update" if called is environment else "the state transformer"
            raise author_error(error, self.component, name, called, self._step) from error
        finally:
            self._gauge.end()
        rewards = state.rewards
        return Moved(
            self._step,
            self._pack(state.sensor_information, self._step),
            [rewards] if isinstance(rewards, RewardInformation) else rewards,
            terminated,
            truncated,
            state.simtime,
            state.next_update,
            state.world_state,
        )

    def end(self) -> None:
        """Shut the object down for good."""
        environment, self._environment = self._environment, None
        if environment is not None:
            try:
                self._call(
                    "shutdown", self._timeouts.reset_s, lambda: call_shutdown(environment, reset=False), "shutdown"
                )
            finally:
                close_runner(environment)

    def _call(self, kind: str, deadline_s: float, function: Callable[[], Any], called: str) -> Any:
        environment = self._environment or self
        gauge, component = self._gauge, self.component
        return call(gauge, kind, component, deadline_s, lambda: finished(environment, function()), called, environment)

    def _pack(self, informations: Sequence[Any], step: int | None) -> Values:
        """Pack and check readings."""
        layout = self.declarations.sensor_layout
        try:
            values = layout.pack(self._sensors.sort(informations, step))
            violation = layout.check(values)
            if violation is None:
                return values
            wrong: Any = violation
            field = violation.field
        except OutOfSpaceError as error:
            wrong, field = error, int(error.metadata["field"])
        uid = self.declarations.sensors[field].uid
        raise value_error(self.component, "sensor", uid, step, wrong, "VALUE_OUT_OF_SPACE")

    def _wrong_type(self, called: str, expected: str, found: object, step: int | None) -> AuthorError:
        name = type(found).__name__
        return AuthorError(
            "AUTHOR_CODE_FAILED",
            f"{sentence(called)} of {self.component} returned {name}; expected {expected}.",
            component=self.component,
            found=name,
            **({} if step is None else {"step": step}),
        )
