"""What an environment offers, found out before anything runs."""

from __future__ import annotations

from typing import Any

from sparring.environment.construction import EnvironmentMaker, Resolve
from sparring.environment.declarations import Declarations, declared
from sparring.environment.deprecated_tuples import baseline_of_tuple
from sparring.environment.environment import Environment
from sparring.environment.environment_baseline import EnvironmentBaseline
from sparring.types.author_code import call, sentence
from sparring.types.declaration import Component
from sparring.types.errors import AuthorError
from sparring.types.frames import StartEnvironment
from sparring.types.gauge import NO_GAUGE
from sparring.types.information import ActuatorInformation, RewardInformation, SensorInformation

_SEED = 0


def describe_environment(
    component: Component, resolve: Resolve, uid: str = "", reward: Component | None = None
) -> Declarations:
    """Ask an author's class what it offers with these parameters; nothing is kept.

    An author's own `describe` is asked where there is one; otherwise an object is made, begins an episode, and is shut
    down.

    Args:
        component: The class and its parameters.
        resolve: Finds classes by name.
        uid: Name in the document, for messages and prefixed uids.
        reward: What the document plugs in.

    Raises:
        NotFoundError: As `resolve`.
        InvalidArgumentError: PARAMETERS_INVALID, CLASS_UNSUITABLE, SPACE_UNKNOWN.
        AuthorError: The author's code raised, or declares what cannot be.
    """
    start = StartEnvironment(component, uid or component.name, _SEED, (_SEED,), reward=reward)
    maker = EnvironmentMaker(resolve, start, NO_GAUGE)
    kind: Any = resolve(component.name)
    # What Environment.describe does, a lane does better: with the reward, and with errors that say where.
    own = getattr(kind, "describe", None)
    if own is not None and own.__func__ is not vars(Environment)["describe"].__func__:
        return _described(kind, component, start.uid)
    lane = maker.lane()
    try:
        lane.begin(_SEED)
        return lane.declarations
    finally:
        lane.end()


def _described(kind: type[Environment], component: Component, uid: str) -> Declarations:
    name = f"environment {uid!r}"

    def ask() -> Any:
        return kind.describe(component.parameters)

    baseline = baseline_of_tuple(call(NO_GAUGE, "describe", name, 0.0, ask, "describe", kind), kind)
    if not isinstance(baseline, EnvironmentBaseline):
        found = type(baseline).__name__
        raise AuthorError(
            "AUTHOR_CODE_FAILED",
            f"{sentence(name)}: describe returned {found}; expected EnvironmentBaseline.",
            component=name,
            found=found,
        )
    return Declarations.of(
        declared(name, uid, "sensor", baseline.sensors_available, SensorInformation),
        declared(name, uid, "actuator", baseline.actuators_available, ActuatorInformation),
        declared(name, uid, "reward", baseline.rewards_available, RewardInformation),
        baseline.tick_ns,
        baseline.static_world_model,
    )
