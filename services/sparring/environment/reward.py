"""Rewards that a document can plug into an environment."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from sparring.types.information import RewardInformation


class Reward(ABC):
    """Makes rewards of an environment's state. The environment calls `self.reward(...)` in its `update`.

    Args:
        params: What the document gives.
    """

    def __init__(self, **params: Any) -> None:
        self.params = params

    @abstractmethod
    def __call__(self, *state: Any, **more: Any) -> RewardInformation | list[RewardInformation]:
        """Return the reward of a state; what a state is, environment and reward agree upon."""
