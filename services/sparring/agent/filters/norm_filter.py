"""NormFilter: readings, and the objective, brought to a mean of 0 and a variance of 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.spaces import Box
from numpy.typing import NDArray

from sparring.agent.filter import Actuators, Filter, Sensors
from sparring.agent.filters.number_spaces import numbers
from sparring.agent.filters.running_moments import RunningMoments
from sparring.agent.memory_row import Row
from sparring.types.information import ActuatorInformation, SensorInformation

_POLICY, _MOMENTS = "policy", "reading_moments"
_DATA, _SEEN = "data", "seen"


class NormFilter(Filter):
    """Shows (reading - mean) / standard deviation, clipped.

    Mean and variance are learned beside the brain, from what all muscles have read, and travel to the muscles inside
    the policies: until the first policy they are 0 and 1. So every muscle normalises alike, and a saved brain goes on
    with the same numbers.

    Args:
        normalise_objective: Divide the objective by its standard deviation in the brain's memory, too.
        clip_obs: Largest absolute value shown.
        clip_reward: Largest absolute value of the objective.
        epsilon: Added to variances.
        batch_size: After how many steps means and variances are brought up to date.
        norm_objective_after: The objective is left alone for so many steps.
    """

    def __init__(
        self,
        normalise_objective: bool = True,
        clip_obs: float = 10.0,
        clip_reward: float = 10.0,
        epsilon: float = 1e-8,
        batch_size: int = 256,
        norm_objective_after: int = 10_000,
    ) -> None:
        self.normalise_objective = normalise_objective
        self.clip_obs = clip_obs
        self.clip_reward = clip_reward
        self.epsilon = epsilon
        self.batch_size = max(1, batch_size)
        self.norm_objective_after = norm_objective_after
        self._readings = RunningMoments()
        self._objectives = RunningMoments()
        self._waiting: list[NDArray[np.float64]] = []
        self._steps = 0
        self._shown = RunningMoments()
        self._places: dict[str, slice] = {}
        self._seen = np.zeros(0)

    def setup(self) -> None:
        """Learn which sensors there are, in which order."""
        beside = self.brain if self.brain is not None else self.muscle
        start = 0
        for each in beside.sensors if beside is not None else ():
            size = np.size(each.value)
            self._places[each.uid] = slice(start, start + size)
            start += size
        super().setup()

    def muscle_pre_process(self, sensors: Sensors, actuators_available: Actuators) -> tuple[Sensors, Actuators]:
        """Normalise all readings."""
        size = max((place.stop for place in self._places.values()), default=0)
        seen = np.full(size, np.nan)
        for each in sensors:
            seen[self._places[each.uid]] = np.ravel(numbers(each.value))
        self._seen = seen
        normed = np.clip(self._shown.normalise(seen, self.epsilon), -self.clip_obs, self.clip_obs)
        shown = []
        for each in sensors:
            space = Box(-self.clip_obs, self.clip_obs, np.shape(each.value), np.float64)
            value = normed[self._places[each.uid]].reshape(space.shape)
            shown.append(SensorInformation(value, space, each.uid, each.value_ids, check=False))
        return shown, actuators_available

    def muscle_post_process(
        self, setpoints: Sequence[ActuatorInformation], data_for_brain: Any
    ) -> tuple[Sequence[ActuatorInformation], Any]:
        """Tell the brain's half what was read."""
        return setpoints, {_DATA: data_for_brain, _SEEN: self._seen}

    def muscle_update(self, update: Any) -> Any:
        """Take mean and variance out of a policy."""
        self._shown = RunningMoments.of(update[_MOMENTS])
        return update[_POLICY]

    def brain_pre_process(self, muscle_id: str, data_from_muscle: Any) -> tuple[str, Any]:
        """Learn from what a muscle has read, and from its objective."""
        self._steps += 1
        self._waiting.append(data_from_muscle[_SEEN])
        if len(self._waiting) >= self.batch_size:
            self._readings.take(np.array(self._waiting))
            self._waiting.clear()
        if self.normalise_objective and self.brain is not None and self.brain._memory is not None:
            # Not `memory`, which would say that the brain itself has a use for it.
            self._normalise(self.brain._memory.tail(1).rows[-1])
        return muscle_id, data_from_muscle[_DATA]

    def _normalise(self, row: Row) -> None:
        if row.objective.size:
            self._objectives.take(row.objective.reshape(1, -1))
            if self._steps > self.norm_objective_after:
                deviation = np.sqrt(self._objectives.variance + self.epsilon)
                row.objective = np.clip(row.objective / deviation, -self.clip_reward, self.clip_reward)

    def brain_post_process(self, potential_update: Any) -> Any:
        """Put mean and variance into a policy."""
        if potential_update is None:
            return None
        return {_POLICY: potential_update, _MOMENTS: self._readings.state()}

    def save_state(self) -> Any:
        """Return all means and variances, and what waits to be taken into them."""
        return {
            "readings": self._readings.state(),
            "objectives": self._objectives.state(),
            "waiting": np.array(self._waiting),
            "steps": self._steps,
        }

    def load_state(self, state: Any) -> None:
        """Go on from there."""
        self._readings = RunningMoments.of(state["readings"])
        self._objectives = RunningMoments.of(state["objectives"])
        self._waiting = list(state["waiting"])
        self._steps = state["steps"]
