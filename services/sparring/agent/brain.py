"""Brain: the learning half of an agent, which authors write a subclass of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sparring.agent.brain_dumper import BrainDumper, MemoryBrainDumper
from sparring.agent.memory import Memory
from sparring.agent.statistics import Statistics
from sparring.types.mode import Mode

if TYPE_CHECKING:
    from sparring.agent.evaluation_result import EvaluationResult
    from sparring.types.information import ActuatorInformation, SensorInformation


class Brain(Statistics, ABC):
    """Learns from what the muscles of an agent experience, and tells them what to do better.

    One brain serves all muscles of its agent. It is a fold over experience: the same experience in the same order, from
    the same seed, must give the same policy. So chance comes from `self.rng`, and `save_state` includes everything,
    optimisers and generators too.

    Attributes:
        learns: Class attribute. False: `thinking` is called, but its result is not used and nobody waits for it.
        seed: The brain's own seed.
        rng: A generator made of it.
        mode: TRAIN or TEST.
        sensors: What the muscles read; values are stand-ins.
        actuators: What they set; values are stand-ins.
    """

    learns: bool = True
    seed: int = 0
    rng: np.random.Generator
    mode: Mode = Mode.TRAIN
    sensors: Sequence[SensorInformation] = ()
    actuators: Sequence[ActuatorInformation] = ()
    _name: str = ""
    _memory: Memory | None = None
    _memory_used: bool = False
    _dumpers: Sequence[BrainDumper] = ()

    def __init__(self) -> None:
        self._name = ""

    @property
    def name(self) -> str:
        """The agent's name."""
        return self._name

    @property
    def memory(self) -> Memory:
        """What all muscles experienced, in the order in which the brain learns from it; a row per `thinking`."""
        self._memory_used = True
        if self._memory is None:
            self._memory = Memory()
        return self._memory

    def setup(self) -> None:
        """Prepare, once; name, seed, mode, sensors and actuators are known."""

    @abstractmethod
    def thinking(self, muscle_id: str, data_from_muscle: Any) -> Any:
        """Learn from one step, which is the last row of `self.memory`.

        Args:
            muscle_id: Which muscle; the tag of its rows.
            data_from_muscle: What it said besides, as `from_free_value` gives it back; None if nothing.

        Returns:
            A policy for the muscles, whole and not a difference (`to_free_value` says what it can be); or None, False
            or something empty: no new one.
        """

    def pop_policy(self) -> Any:
        """Return a policy if there is a new one, else None.

        Asked at the start, once a saved state is loaded, and whenever policies are handed out: after each step, or
        after a round of episodes. For brains that do not want to return one from `thinking`.
        """
        return None

    def save_state(self) -> Any:
        """Return everything that is needed to go on with equal bits: a FreeValue, bytes, dicts, arrays.

        By default what `store` gives to the brain dumpers. None: this brain cannot be saved. `self.memory`, if it was
        ever used, is saved besides.
        """
        if type(self).store is Brain.store:
            return None
        dumper = MemoryBrainDumper()
        self._dumpers = [dumper]
        self.store()
        return {tag: np.frombuffer(data, np.uint8) for tag, data in dumper.dumps.items()}

    def load_state(self, state: Any) -> None:
        """Go on from what `save_state` returned (as `from_free_value` gives it back); called after `setup`."""
        self._dumpers = [MemoryBrainDumper({tag: array.tobytes() for tag, array in state.items()})]
        self.load()

    def store(self) -> None:
        """Save by `BrainDumper.store_brain_dump(file, self._dumpers, tag)`; `save_state` is the other way."""

    def load(self) -> None:
        """Load by `BrainDumper.load_brain_dump(self._dumpers, tag)`; `load_state` is the other way."""

    def pretrain(self) -> None:
        """Learn beforehand from experience that was put into `self.memory`."""

    def evaluate_rollouts(self, *args: Any, **kwargs: Any) -> EvaluationResult | None:
        """Say how good the policy is, after a round of evaluation; None: nothing to say."""
        return None
