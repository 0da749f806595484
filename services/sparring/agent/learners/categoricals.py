"""The distribution of a policy: independent choices, each with its own probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Categoricals:
    """Arithmetic on rows of logits, the logits of all choices side by side.

    Args:
        counts: How many values each choice is among.
    """

    def __init__(self, counts: Sequence[int]) -> None:
        ends = [0, *np.cumsum(counts).tolist()]
        self._slices = [slice(start, stop) for start, stop in pairwise(ends)]

    def log_probabilities(self, logits: Array) -> Array:
        """Return the logarithm of every value's probability, [rows, values of all choices]."""
        found = np.empty_like(logits)
        for part in self._slices:
            shifted = logits[:, part] - logits[:, part].max(axis=1, keepdims=True)
            found[:, part] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return found

    def of_chosen(self, log_probabilities: Array, chosen: NDArray[np.int64]) -> Array:
        """Return the logarithm of the probability of what was chosen, [rows]."""
        found: Array = np.take_along_axis(log_probabilities, chosen + self._starts, axis=1).sum(axis=1)
        return found

    def entropy(self, log_probabilities: Array) -> float:
        """Return the mean entropy of a row, in nats."""
        return float(-(np.exp(log_probabilities) * log_probabilities).sum(axis=1).mean())

    @staticmethod
    def divergence(before: Array, after: Array) -> float:
        """Return the mean Kullback-Leibler divergence of rows of log-probabilities from those before, in nats."""
        return float((np.exp(before) * (before - after)).sum(axis=1).mean())

    def slope(self, log_probabilities: Array, chosen: NDArray[np.int64], weights: Array) -> Array:
        """Return the gradient by the logits of the weighted sum of the chosen values' log-probabilities."""
        found = np.exp(log_probabilities)
        found *= -weights[:, None]
        rows = np.arange(len(found))
        for place, start in enumerate(self._starts):
            found[rows, chosen[:, place] + start] += weights
        return found

    def entropy_slope(self, log_probabilities: Array) -> Array:
        """Return the gradient by the logits of the sum of all rows' entropies."""
        probabilities = np.exp(log_probabilities)
        found = np.empty_like(probabilities)
        for part in self._slices:
            known, share = log_probabilities[:, part], probabilities[:, part]
            found[:, part] = -share * (known - (share * known).sum(axis=1, keepdims=True))
        return found

    @property
    def _starts(self) -> NDArray[np.int64]:
        return np.array([part.start for part in self._slices], np.int64)
