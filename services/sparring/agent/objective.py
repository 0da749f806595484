"""Objective: an agent's own goal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sparring.agent.memory import Memory


class Objective(ABC):
    """Turns what an agent experienced into the number that it wants to be high.

    An object is made for every episode of every muscle, so that it starts without a past and its memory holds that
    episode only.

    Args:
        params: What a subclass wants to keep.
    """

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        self.params = dict(params or {})

    @abstractmethod
    def internal_reward(self, memory: Memory, **kwargs: Any) -> float | NDArray[np.float64] | None:
        """Say how good the last step was.

        Called after every step, in order.

        Args:
            memory: The muscle's episode so far; `memory.tail(1)` is the step in question.
            kwargs: Nothing now; for what may come.

        Returns:
            A number, or several; None or an empty array if there is nothing to say.
        """
