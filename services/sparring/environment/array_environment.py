"""Array environments: for simulators that are fast, without an object per sensor and step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from sparring.types.declaration import Declaration
from sparring.types.seeds import generator
from sparring.types.time import SimTime


class ArrayStart(NamedTuple):
    """What `ArrayEnvironment.reset` may return instead of bare readings.

    Attributes:
        readings: One per sensor, in declared order; None: no reading.
        simtime: Simulated time, in ticks or as a SimTime.
        next_update: When the environment first wants to be updated; None: at every step.
    """

    readings: Sequence[Any]
    simtime: SimTime | int | None = 0
    next_update: SimTime | int | None = None


class ArrayStep(NamedTuple):
    """What `ArrayEnvironment.step` returns; a plain tuple of the first two or more is the same.

    Attributes:
        readings: One per sensor, in declared order; None: no reading this time.
        rewards: One per reward, in declared order; None: none this time.
        terminated: Whether the task itself has ended.
        truncated: Whether the episode was cut short; never together with `terminated`.
        simtime: Simulated time now, in ticks or as a SimTime; None: one tick after the step before.
        next_update: When the environment next wants to be updated; None: at the next step.
        world_state: What else there is to know, never for agents: see `to_free_value`.
    """

    readings: Sequence[Any]
    rewards: Sequence[Any]
    terminated: bool = False
    truncated: bool = False
    simtime: SimTime | int | None = None
    next_update: SimTime | int | None = None
    world_state: Any = None


class ArrayEnvironment(ABC):
    """An environment whose values are given by their place in the declarations.

    Values are those of their spaces: an array of the space's dtype and shape for a Box (fastest; what converts without
    changing its meaning is taken as well), a number for Discrete, and so on. They are copied before `step` returns to
    its caller, so that the same array can be used again.

    ```python
    class Cart(ArrayEnvironment):
        sensors = (Declaration("state", Box(-5, 5, (4,), np.float32)),)
        actuators = (Declaration("push", Discrete(2)),)
        rewards = (Declaration("upright", Box(0, 1, (), np.float32)),)

        def reset(self, seed):
            self.state = self.rng.uniform(-0.05, 0.05, 4).astype(np.float32)
            return [self.state]

        def step(self, setpoints):
            ...
            return [self.state], [1.0], fallen, False
    ```

    Args:
        uid: Name in the experiment document.
        broker_uri: Not used.
        seed: Seed of the object's own life; each episode has another.

    Attributes:
        sensors: What can be read, in packing order; known once the object is made.
        actuators: What can be set.
        rewards: All rewards.
        tick_ns: Length of one tick of simulated time in nanoseconds, if it has one.
        static_world_model: What agents may be told once about the world, if anything.
        rng: The source of chance, made anew from the episode's seed before `reset`.
    """

    sensors: Sequence[Declaration] = ()
    actuators: Sequence[Declaration] = ()
    rewards: Sequence[Declaration] = ()
    tick_ns: int | None = None
    static_world_model: Any = None
    rng: np.random.Generator
    uid: str = ""

    def __init__(self, uid: str = "", broker_uri: str = "", seed: int = 0) -> None:
        self.uid = uid
        self.rng = generator(seed)

    @abstractmethod
    def reset(self, seed: int) -> ArrayStart | Sequence[Any]:
        """Begin an episode and return the first readings, one per sensor. Also called for the first episode.

        Must leave nothing behind: afterwards the environment is as one newly made that was given this seed first.
        """

    @abstractmethod
    def step(self, setpoints: Sequence[Any]) -> ArrayStep | tuple[Any, ...]:
        """Advance the world by one step.

        Args:
            setpoints: One per actuator, in declared order, inside its space, as `space.sample()` would give it; None
                where nobody has set it. Yours to keep.
        """

    def shutdown(self) -> None:
        """Release what the object holds; the end of its life."""
        return
