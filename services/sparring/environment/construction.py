"""Author classes by name, and objects made of them: environments with what a document plugs into them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparring.environment.array_environment import ArrayEnvironment
from sparring.environment.array_lane import ArrayLane
from sparring.environment.environment import Environment
from sparring.environment.environment_state_transformer import EnvironmentStateTransformer
from sparring.environment.lane import Lane, Rewards
from sparring.environment.object_lane import ObjectLane
from sparring.environment.rewards import NamedRewards, OrderedRewards
from sparring.types.author_code import construct
from sparring.types.declaration import Component, Declaration
from sparring.types.errors import InvalidArgumentError
from sparring.types.frames import StartEnvironment
from sparring.types.gauge import Gauge

Resolve = Callable[[str], Callable[..., Any]]
"""Finds a class by its name, `module:Class`; raises NotFoundError if there is none."""

_OFFERED = ("uid", "broker_uri", "seed")


class EnvironmentMaker:
    """Makes the author's objects of one session.

    Args:
        resolve: Finds classes.
        start: What is wanted.
        gauge: Shows what runs.
        existing: An object that is there already, instead of new ones: `Environment.run` serves it.

    Raises:
        NotFoundError: As `resolve`.
        InvalidArgumentError: CLASS_UNSUITABLE; or LANES_INVALID, INSTANCE_FIXED for what an existing object cannot do.
    """

    def __init__(
        self,
        resolve: Resolve,
        start: StartEnvironment,
        gauge: Gauge,
        existing: Environment | ArrayEnvironment | None = None,
    ) -> None:
        self._resolve = resolve
        self._start = start
        self._gauge = gauge
        self._existing = existing
        self._component = f"environment {start.uid!r}"
        self._kind: Any = type(existing) if existing is not None else resolve(start.environment.name)
        self._by_arrays = isinstance(self._kind, type) and issubclass(self._kind, ArrayEnvironment)
        if not self._by_arrays and not (isinstance(self._kind, type) and issubclass(self._kind, Environment)):
            raise _unsuitable(start.environment.name, "an Environment or an ArrayEnvironment")
        if existing is not None and (start.lanes > 1 or start.recreate_each_episode):
            raise InvalidArgumentError(
                "INSTANCE_FIXED",
                f"{self._component} is one object that somebody runs: it has one lane and is never made again.",
                component=self._component,
            )
        if self._by_arrays and (start.reward is not None or start.state_transformer is not None):
            raise InvalidArgumentError(
                "CLASS_UNSUITABLE",
                f"{self._component} is an ArrayEnvironment: it takes neither a reward nor a state transformer.",
                component=self._component,
            )

    def lane(self) -> Lane:
        """Return a lane; its object is made when it begins."""
        start = self._start
        common = (start.uid, start.session_seed, start.recreate_each_episode, self._gauge, start.timeouts)
        if self._by_arrays:
            return ArrayLane(self._make, *common)
        return ObjectLane(self._make, *common, self._plugged(start.state_transformer, EnvironmentStateTransformer))

    def rewards(self, declared: tuple[Declaration, ...]) -> Rewards:
        """Return the book of rewards for all lanes."""
        if self._by_arrays:
            return OrderedRewards(self._component, declared)
        return NamedRewards(self._component, self._start.uid, declared)

    def _make(self, seed: int) -> Any:
        """Make an object, with its reward; called when an episode begins."""
        start, gauge = self._start, self._gauge
        gauge.begin("start", self._component, start.timeouts.start_s)
        try:
            environment = self._existing
            if environment is None:
                offers = {"uid": start.uid, "broker_uri": "", "seed": seed}
                environment = construct(self._kind, start.environment.parameters, offers, self._component)
            if isinstance(environment, Environment):
                environment._uid = environment._uid or start.uid
                if start.reward is not None:
                    environment.reward = self._plugged(start.reward, object)
            return environment
        finally:
            gauge.end()

    def _plugged(self, component: Component | None, expected: type[Any]) -> Any:
        if component is None:
            return None
        kind = self._resolve(component.name)
        made = construct(kind, component.parameters, {}, f"{component.name} of {self._component}")
        if not isinstance(made, expected) or not callable(made):
            raise _unsuitable(component.name, f"a {expected.__name__} that can be called")
        return made


def _unsuitable(name: str, expected: str) -> InvalidArgumentError:
    return InvalidArgumentError("CLASS_UNSUITABLE", f"{name} is not {expected}.", name=name)
