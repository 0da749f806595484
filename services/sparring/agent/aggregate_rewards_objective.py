"""AggregateRewardsObjective: some rewards of the environments, put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sparring.agent.memory import Memory
from sparring.agent.objective import Objective
from sparring.agent.uids import find_uid
from sparring.types.errors import InvalidArgumentError

_AGGREGATIONS: dict[str, Callable[[Any], Any]] = {"sum": np.sum, "min": np.min, "max": np.max, "mean": np.mean}


class AggregateRewardsObjective(Objective):
    """Sum, minimum, maximum or mean of some rewards, times a factor.

    Args:
        rewards: Which: `environment.reward`, or `reward` where only one environment has it. One, or several.
        aggregation: sum, min, max or mean.
        factor: By which the result is multiplied.

    Raises:
        InvalidArgumentError: AGGREGATION_UNKNOWN. When asked: REWARD_UNKNOWN or REWARD_AMBIGUOUS.
    """

    def __init__(self, rewards: str | Sequence[str], aggregation: str = "sum", factor: float = 1.0) -> None:
        super().__init__({"rewards": rewards, "aggregation": aggregation, "factor": factor})
        if aggregation not in _AGGREGATIONS:
            raise InvalidArgumentError(
                "AGGREGATION_UNKNOWN",
                f"There is no aggregation {aggregation!r}; take one of {', '.join(_AGGREGATIONS)}.",
                aggregation=aggregation,
            )
        self.rewards = [rewards] if isinstance(rewards, str) else list(rewards)
        self.aggregation = aggregation
        self.factor = factor
        self._uids: tuple[str, ...] = ()
        self._chosen: list[str] = []

    def internal_reward(self, memory: Memory, **kwargs: Any) -> float | None:
        """Return the aggregate of the last step's rewards, None if it brought none of them."""
        memory.truncate(1)
        shard = memory.tail(1)
        uids = shard.rows[-1].reward_fields.uids
        if uids is not self._uids:
            self._chosen = [uids[find_uid("reward", name, uids)] for name in self.rewards]
            self._uids = uids
        given = shard.reward_values()
        values = [np.ravel(given[uid]) for uid in self._chosen if uid in given]
        if not values:
            return None
        return float(_AGGREGATIONS[self.aggregation](np.concatenate(values)) * self.factor)
