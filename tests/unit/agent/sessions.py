"""Muscle sessions in this process."""

from collections.abc import Callable, Sequence
from typing import Any

from sparring.agent.muscle_instance import MuscleInstance
from sparring.types.declaration import Component, Declaration
from sparring.types.frames import Act, Acted, MuscleStarted, StartMuscle
from sparring.types.gauge import NO_GAUGE, Gauge
from sparring.types.layout import Layout
from sparring.types.space import Space


def declare(**spaces: Space[Any]) -> tuple[Declaration, ...]:
    """Declare `w.name` for each."""
    return tuple(Declaration(f"w.{name}", space) for name, space in spaces.items())


def begin(
    kind: Callable[..., Any],
    sensors: Sequence[Declaration],
    actuators: Sequence[Declaration],
    filters: Sequence[tuple[Callable[..., Any], dict[str, Any]]] = (),
    gauge: Gauge = NO_GAUGE,
    seed: int = 11,
    **more: Any,
) -> MuscleInstance:
    """Start a session with classes."""
    classes = {"it": kind} | {f"filter{number}": made for number, (made, _) in enumerate(filters)}
    session = MuscleInstance(classes.__getitem__, gauge)
    session.send(
        StartMuscle(
            Component("it", more.pop("parameters", {})),
            "mover",
            3,
            (seed,),
            tuple(sensors),
            tuple(actuators),
            filters=tuple(Component(f"filter{number}", given) for number, (_, given) in enumerate(filters)),
            **more,
        )
    )
    assert isinstance(session.receive(1), MuscleStarted)
    return session


def act(
    session: MuscleInstance, sensors: Sequence[Declaration], actuators: Sequence[Declaration], *readings: Any
) -> tuple[list[Any], Acted]:
    """Ask for setpoints; return them unpacked, and the answer."""
    session.send(Act(Layout([each.space for each in sensors]).pack(readings)))
    acted = session.receive(1)
    assert isinstance(acted, Acted)
    return Layout([each.space for each in actuators]).unpack(acted.setpoints), acted
