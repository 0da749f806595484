"""Mean and variance of a stream of rows, exact to rounding however it is cut (Chan, Golub, LeVeque 1983)."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


class RunningMoments:
    """Count, mean and variance, element by element; NaN is left out."""

    def __init__(self) -> None:
        self.count: NDArray[np.float64] = np.zeros(1)
        self.mean: NDArray[np.float64] = np.zeros(1)
        self.variance: NDArray[np.float64] = np.ones(1)

    @classmethod
    def of(cls, state: Any) -> Self:
        """Return what `state` described."""
        found = cls()
        found.count, found.mean, found.variance = (np.array(state[name]) for name in ("count", "mean", "variance"))
        return found

    def state(self) -> dict[str, NDArray[np.float64]]:
        """Return everything."""
        return {"count": self.count, "mean": self.mean, "variance": self.variance}

    def take(self, rows: NDArray[np.float64]) -> None:
        """Take in rows, [rows, elements]."""
        known = ~np.isnan(rows)
        count = known.sum(axis=0).astype(np.float64)
        divisor = np.maximum(count, 1.0)
        mean = np.where(known, rows, 0.0).sum(axis=0) / divisor
        squares = np.where(known, (rows - mean) ** 2, 0.0).sum(axis=0)
        total = self.count + count
        safe = np.maximum(total, 1.0)
        apart = mean - self.mean
        before = np.where(self.count > 0, self.variance * self.count, 0.0)
        merged = before + squares + apart**2 * self.count * count / safe
        self.mean = self.mean + apart * count / safe
        self.variance = np.where(total > 0, merged / safe, 1.0)
        self.count = total

    def normalise(self, values: NDArray[np.float64], epsilon: float) -> NDArray[np.float64]:
        """Return values as multiples of the standard deviation from the mean; as they are if nothing was taken in."""
        if not self.count.any():
            return values
        normed: NDArray[np.float64] = (values - self.mean) / np.sqrt(self.variance + epsilon)
        return normed
