"""A lane around an ArrayEnvironment: packed values by their place, no object per sensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparring.environment.array_environment import ArrayEnvironment, ArrayStart, ArrayStep
from sparring.environment.declarations import Declarations, refuse_change
from sparring.environment.lane import Began, Moved
from sparring.types.author_code import AUTHOR_FAULTS, author_error, call, sentence, value_error
from sparring.types.declaration import Timeouts
from sparring.types.errors import AuthorError, InvalidArgumentError, OutOfSpaceError
from sparring.types.gauge import Gauge
from sparring.types.seeds import generator
from sparring.types.values import Values


class ArrayLane:
    """Plays the episodes of one lane with an ArrayEnvironment; arguments as `ObjectLane`."""

    def __init__(
        self,
        make: Callable[[int], ArrayEnvironment],
        uid: str,
        session_seed: int,
        recreate: bool,
        gauge: Gauge,
        timeouts: Timeouts,
    ) -> None:
        self.component = f"environment {uid!r}"
        self._make = make
        self._session_seed = session_seed
        self._recreate = recreate
        self._gauge = gauge
        self._timeouts = timeouts
        self._environment: ArrayEnvironment | None = None
        self._declarations: Declarations | None = None
        self._step = 0

    @property
    def declarations(self) -> Declarations:
        """What it offers."""
        assert self._declarations is not None
        return self._declarations

    def begin(self, seed: int) -> Began:
        """Begin an episode; errors as `ObjectLane.begin`."""
        self._step = 0
        if self._recreate and self._environment is not None:
            self.end()
        kind, deadline_s = "reset", self._timeouts.reset_s
        if self._environment is None:
            self._environment = self._make(seed if self._recreate else self._session_seed)
            kind, deadline_s = "start", self._timeouts.start_s
        environment = self._environment
        environment.rng = generator(seed)
        answer = call(
            self._gauge, kind, self.component, deadline_s, lambda: environment.reset(seed), "reset", environment
        )
        self._declare(environment)
        start = answer if isinstance(answer, ArrayStart) else ArrayStart(answer)
        return Began(self._pack(start.readings, None), start.simtime, start.next_update)

    def _declare(self, environment: ArrayEnvironment) -> None:
        known = self._declarations
        if known is None:
            self._declarations = Declarations.of(
                environment.sensors,
                environment.actuators,
                environment.rewards,
                environment.tick_ns,
                environment.static_world_model,
            )
        else:
            refuse_change(self.component, "sensor", known.sensors, environment.sensors)
            refuse_change(self.component, "actuator", known.actuators, environment.actuators)
            refuse_change(self.component, "reward", known.rewards, environment.rewards)

    def move(self, setpoints: Values) -> Moved:
        """Call `step` with all setpoints, None for absent ones."""
        self._step += 1
        environment = self._environment
        assert environment is not None
        given = self.declarations.actuator_layout.unpack(setpoints)
        self._gauge.begin("update", self.component, self._timeouts.step_s)
        try:
            step: Any = environment.step(given)
            if type(step) is not ArrayStep:
                step = ArrayStep(*step)
        except AUTHOR_FAULTS as error:
            raise author_error(error, self.component, "step", environment, self._step) from error
        finally:
            self._gauge.end()
        readings, rewards, terminated, truncated, simtime, next_update, world_state = step
        if terminated and truncated:
            raise AuthorError(
                "AUTHOR_CODE_FAILED",
                f"{sentence(self.component)} says in step {self._step} that its episode is terminated and truncated.",
                component=self.component,
                step=self._step,
            )
        return Moved(
            self._step,
            self._pack(readings, self._step),
            rewards,
            bool(terminated),
            bool(truncated),
            simtime,
            next_update,
            world_state,
        )

    def end(self) -> None:
        """Shut the object down for good."""
        environment, self._environment = self._environment, None
        if environment is not None:
            deadline_s = self._timeouts.reset_s
            call(self._gauge, "shutdown", self.component, deadline_s, environment.shutdown, "shutdown", environment)

    def _pack(self, readings: Any, step: int | None) -> Values:
        """Pack and check readings."""
        layout = self.declarations.sensor_layout
        try:
            values = layout.pack(readings)
            violation = layout.check(values)
            if violation is None:
                return values
            wrong: Any = violation
            field = violation.field
        except OutOfSpaceError as error:
            wrong, field = error, int(error.metadata["field"])
        except (InvalidArgumentError, TypeError) as error:
            where = {} if step is None else {"step": step}
            expected = f"one per sensor ({len(layout.fields)})"
            raise AuthorError(
                "AUTHOR_CODE_FAILED",
                f"{sentence(self.component)} returned readings that are not {expected}: {error}",
                component=self.component,
                **where,
            ) from error
        uid = self.declarations.sensors[field].uid
        raise value_error(self.component, "sensor", uid, step, wrong, "VALUE_OUT_OF_SPACE")
