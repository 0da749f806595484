"""Sessions in this process for the tests of environments, and a small environment to make others of."""

from collections.abc import Callable
from typing import Any

import numpy as np

from sparring.environment import (
    ActuatorInformation,
    Environment,
    EnvironmentBaseline,
    EnvironmentState,
    RewardInformation,
    SensorInformation,
)
from sparring.environment.instance import EnvironmentInstance
from sparring.types.declaration import Component
from sparring.types.frames import EnvironmentStarted, StartEnvironment, Update, Updated
from sparring.types.gauge import NO_GAUGE, Gauge
from sparring.types.layout import Layout
from sparring.types.space import Box, Discrete

LEVEL = Box(0.0, 10.0, (), np.float64)
VALVE = Discrete(3)


class Tank(Environment):
    """A level that rises by what the valve lets in."""

    def start_environment(self) -> Any:
        self.level = float(self.rng.uniform(0, 1))
        return EnvironmentBaseline([self.reading()], [ActuatorInformation(space=VALVE, uid="valve")])

    def update(self, actuators: list[ActuatorInformation]) -> Any:
        self.level += sum(int(actuator.value) for actuator in actuators)
        return EnvironmentState([self.reading()], [RewardInformation(self.level, LEVEL, "level")])

    def reading(self, uid: str = "level") -> SensorInformation:
        return SensorInformation(self.level, LEVEL, uid)


def begin(
    kind: Callable[..., Any], seed: int = 11, gauge: Gauge = NO_GAUGE, existing: Any = None, **more: Any
) -> tuple[EnvironmentInstance, EnvironmentStarted]:
    """Start a session with a class; other classes in `more` are given by their components' names."""
    classes = {"it": kind, **more.pop("classes", {})}
    session = EnvironmentInstance(classes.__getitem__, gauge, existing)
    parameters = more.pop("parameters", {})
    session.send(StartEnvironment(Component("it", parameters), "plant", 3, (seed,), **more))
    started = session.receive(1)
    assert isinstance(started, EnvironmentStarted)
    return session, started


def step(session: EnvironmentInstance, started: EnvironmentStarted, *setpoints: Any) -> Updated:
    layout = Layout([each.space for each in started.actuators])
    session.send(Update(layout.pack(setpoints or (None,) * len(started.actuators))))
    updated = session.receive(1)
    assert isinstance(updated, Updated)
    return updated
