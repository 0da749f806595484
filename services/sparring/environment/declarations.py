"""What an environment offers, taken from information objects, and whether it is still the same after a reset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from sparring.types.author_code import sentence
from sparring.types.declaration import Declaration
from sparring.types.errors import AuthorError
from sparring.types.layout import Layout
from sparring.types.space import describe_space, equal_spaces


@dataclass(frozen=True, slots=True, eq=False)
class Declarations:
    """What a lane's environment offers; the same in every episode and in all lanes.

    Attributes:
        sensors, actuators, rewards: In packing order; uids without the environment's name.
        sensor_layout, actuator_layout: Of one lane.
        tick_ns: Length of a tick in nanoseconds, if it has one.
        static_world_model: As the author gave it.
    """

    sensors: tuple[Declaration, ...]
    actuators: tuple[Declaration, ...]
    rewards: tuple[Declaration, ...]
    sensor_layout: Layout
    actuator_layout: Layout
    tick_ns: int | None = None
    static_world_model: Any = None

    @classmethod
    def of(
        cls,
        sensors: Sequence[Declaration],
        actuators: Sequence[Declaration],
        rewards: Sequence[Declaration],
        tick_ns: int | None,
        static_world_model: Any,
    ) -> Self:
        """Make them, with their layouts."""
        layouts = [Layout([each.space for each in some]) for some in (sensors, actuators)]
        parts = (tuple(sensors), tuple(actuators), tuple(rewards))
        return cls(*parts, layouts[0], layouts[1], tick_ns, static_world_model)

    def refuse_change(self, component: str, other: Declarations) -> None:
        """Compare with what another lane offers.

        Raises:
            AuthorError: BASELINE_CHANGED.
        """
        refuse_change(component, "sensor", self.sensors, other.sensors)
        refuse_change(component, "actuator", self.actuators, other.actuators)
        refuse_change(component, "reward", self.rewards, other.rewards)


def declared(
    component: str, environment: str, kind: str, informations: Any, information: type[Any]
) -> tuple[Declaration, ...]:
    """Return declarations of information objects, their uids without the environment's name.

    Args:
        component: Whose they are, for messages: "environment 'grid'".
        environment: Its name.
        kind: sensor, actuator or reward.
        informations: What the author gave.
        information: The class that it should be.

    Raises:
        AuthorError: SENSOR_REPEATED, ACTUATOR_REPEATED or REWARD_REPEATED; AUTHOR_CODE_FAILED for something else.
    """
    found: dict[str, Declaration] = {}
    for each in informations if isinstance(informations, Sequence) else [informations]:
        if not isinstance(each, information):
            name = type(each).__name__
            raise AuthorError(
                "AUTHOR_CODE_FAILED",
                f"{sentence(component)} declares {name} among its {kind}s; expected {information.__name__}.",
                component=component,
                found=name,
            )
        uid = each.uid.removeprefix(f"{environment}.")
        if uid in found:
            raise AuthorError(
                f"{kind.upper()}_REPEATED",
                f"{sentence(component)} declares {kind} {uid!r} twice.",
                component=component,
                **{kind: uid},
            )
        found[uid] = Declaration(uid, each.space)
    return tuple(found.values())


def refuse_change(component: str, kind: str, before: Sequence[Declaration], now: Sequence[Declaration]) -> None:
    """Compare what was declared at the first start and after a reset.

    Raises:
        AuthorError: BASELINE_CHANGED, naming what is different.
    """
    if [each.uid for each in before] != [each.uid for each in now]:
        was, found = (", ".join(each.uid for each in some) or "none" for some in (before, now))
        raise _changed(component, f"its {kind}s were {was}; after a reset they are {found}")
    for one, other in zip(before, now, strict=True):
        if one.space is not other.space and not equal_spaces(one.space, other.space):
            was, found = describe_space(one.space), describe_space(other.space)
            raise _changed(component, f"the space of {kind} {one.uid!r} was {was}; after a reset it is {found}")


def _changed(component: str, problem: str) -> AuthorError:
    return AuthorError(
        "BASELINE_CHANGED",
        f"{sentence(component)} must offer the same in every episode: {problem}.",
        component=component,
    )
