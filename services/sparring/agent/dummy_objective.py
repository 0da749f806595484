"""DummyObjective: what an agent wants if nobody says anything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sparring.agent.memory import Memory
from sparring.agent.objective import Objective


class DummyObjective(Objective):
    """The sum of all rewards of all environments; vectors count with the sum of their elements.

    Args:
        params: Not used.
    """

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(params)

    def internal_reward(self, memory: Memory, **kwargs: Any) -> float | None:
        """Return the sum, None if there was no reward."""
        memory.truncate(1)
        rewards = memory.tail(1).reward_values()
        if not rewards:
            return None
        return float(sum(float(np.sum(value)) for value in rewards.values()))
