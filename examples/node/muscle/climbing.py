"""The brain of the muscle in linear.js: tries weights near the best ones so far, and keeps those that do better."""

from typing import Any

import numpy as np

from sparring.agent import Brain


class ClimbingBrain(Brain):
    """Random search in the neighbourhood (J. Matyas, Random optimization, 1965), one round of episodes per try.

    Args:
        reach: Standard deviation of the first tries.
        patience: How much of it is left after a try that was no better, 0 to 1.
    """

    def __init__(self, reach: float = 0.5, patience: float = 0.9) -> None:
        super().__init__()
        self._reach = reach
        self._patience = patience
        self._best = -np.inf
        self._told = False

    def setup(self) -> None:
        """Begin with weights of zero: every actuator in the middle of its range."""
        ports = (self.sensors, self.actuators)
        numbers = [sum(int(np.prod(each.space.shape or ())) for each in some) for some in ports]
        self._kept = self._tried = np.zeros((numbers[1], numbers[0] + 1))

    def thinking(self, muscle_id: str, data_from_muscle: Any) -> Any:
        """Do nothing: the step is in memory, and a round is judged as a whole."""
        return None

    def pop_policy(self) -> Any:
        """Judge the weights that were tried, and return the next ones; JSON, for a muscle of any language."""
        steps = len(self.memory)
        if self._told and not steps:
            return None
        if steps:
            self._judge(float(np.nansum(self.memory.tail(steps).objective)))
        self._told = True
        return {"weights": self._tried.tolist()}

    def save_state(self) -> Any:
        """Return all that is needed to go on."""
        return {
            "best": self._best if np.isfinite(self._best) else None,
            "reach": self._reach,
            "kept": self._kept.tolist(),
            "tried": self._tried.tolist(),
            "generator": self.rng.bit_generator.state,
        }

    def load_state(self, state: Any) -> None:
        """Go on from there."""
        self._best = -np.inf if state["best"] is None else float(state["best"])
        self._reach = float(state["reach"])
        self._kept, self._tried = np.array(state["kept"]), np.array(state["tried"])
        self.rng.bit_generator.state = state["generator"]

    def _judge(self, score: float) -> None:
        self.memory.clear()
        if score > self._best:
            self._best, self._kept = score, self._tried
        else:
            self._reach *= self._patience
        self.add_statistics("best", self._best, allow_overwrite=True)
        self._tried = self._kept + self.rng.normal(0.0, self._reach, self._kept.shape)
