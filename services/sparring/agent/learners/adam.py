"""Adam: stochastic gradient descent with a step size per weight (Kingma and Ba 2015, arXiv:1412.6980)."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

_DECAY, _SQUARE_DECAY, _EPSILON = 0.9, 0.999, 1e-8


class Adam:
    """The moments of the gradients of one vector of weights.

    Args:
        count: How many weights.
    """

    def __init__(self, count: int) -> None:
        self._mean = np.zeros(count)
        self._square = np.zeros(count)
        self._steps = 0

    @classmethod
    def of(cls, state: Any) -> Self:
        """Return what `state` described."""
        found = cls(0)
        found._mean, found._square = np.array(state["mean"]), np.array(state["square"])
        found._steps = int(state["steps"])
        return found

    def state(self) -> dict[str, Any]:
        """Return everything."""
        return {"mean": self._mean, "square": self._square, "steps": self._steps}

    def descend(self, weights: NDArray[np.float64], gradient: NDArray[np.float64], rate: float) -> None:
        """Change the weights, in place, against the gradient."""
        self._steps += 1
        self._mean = _DECAY * self._mean + (1.0 - _DECAY) * gradient
        self._square = _SQUARE_DECAY * self._square + (1.0 - _SQUARE_DECAY) * gradient * gradient
        mean = self._mean / (1.0 - _DECAY**self._steps)
        square = self._square / (1.0 - _SQUARE_DECAY**self._steps)
        weights -= rate * mean / (np.sqrt(square) + _EPSILON)
