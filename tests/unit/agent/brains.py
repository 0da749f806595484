"""Brains and objectives for the tests of brain sessions."""

from typing import Any

import numpy as np

from sparring.agent import Brain, Memory, Objective


class Averager(Brain):
    """Its policy is a number that depends on all it has experienced, and on chance."""

    def __init__(self, fault_at: int = 0, size_limit: int = 1000) -> None:
        super().__init__()
        self.fault_at = fault_at
        self.size_limit = size_limit
        self.value = 0.0
        self.thoughts = 0

    def setup(self) -> None:
        self.memory.size_limit = self.size_limit

    def thinking(self, muscle_id: str, data_from_muscle: Any) -> Any:
        self.thoughts += 1
        if self.thoughts == self.fault_at:
            raise ValueError("a headache")
        newest = self.memory.tail(1)
        past = self.memory.tail(5)
        self.value = (
            0.9 * self.value
            + float(np.nan_to_num(newest.objective[-1]))
            + 0.01 * float(np.nansum(past.next_reading_matrix))
            + 0.1 * len(self.memory)
            + self.rng.normal()
            + (data_from_muscle or 0)
        )
        self.memory.append(muscle_id, observations=np.array([self.value]))
        self.add_statistics("value", self.value, allow_overwrite=True)
        return {"value": np.array([self.value]), "by": muscle_id}

    def save_state(self) -> Any:
        state = self.rng.bit_generator.state["state"]
        generator = {name: str(number) for name, number in state.items()}
        return {"value": np.array([self.value]), "thoughts": self.thoughts, "generator": generator}

    def load_state(self, state: Any) -> None:
        self.value = float(state["value"][0])
        self.thoughts = state["thoughts"]
        whole = self.rng.bit_generator.state
        whole["state"] = {name: int(number) for name, number in state["generator"].items()}
        self.rng.bit_generator.state = whole


class Watcher(Brain):
    """Learns nothing, but looks."""

    learns = False

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def thinking(self, muscle_id: str, data_from_muscle: Any) -> Any:
        self.seen += 1
        self.add_statistics("seen", self.seen, allow_overwrite=True)
        return {"nobody": "hears this"}


class Forgetful(Brain):
    """Learns, but cannot be saved."""

    def thinking(self, muscle_id: str, data_from_muscle: Any) -> Any:
        return 1


class Odd(Brain):
    """Its policy is no value."""

    def thinking(self, muscle_id: str, data_from_muscle: Any) -> Any:
        return [object()]


class Mood(Objective):
    """The reward plus a tenth of how long the episode is; nothing in the first step.

    Args:
        fault: "raise", or "text" for something that is no number, in step 2.
    """

    def __init__(self, fault: str = "") -> None:
        super().__init__()
        self.fault = fault
        self.calls = 0

    def internal_reward(self, memory: Memory, **kwargs: Any) -> Any:
        self.calls += 1
        if self.calls == 2 and self.fault:
            if self.fault == "raise":
                raise RuntimeError("no mood")
            return "good"
        if self.calls == 1:
            return None
        return float(memory.tail(1).reward("r")[-1]) + 0.1 * len(memory)
