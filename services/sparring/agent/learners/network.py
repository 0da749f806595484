"""A multilayer perceptron whose weights are one flat vector: forwards, backwards, and how it begins."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Network:
    """Layers of tanh, the last one linear.

    The object holds no weights: it says what a vector of them means.

    Args:
        sizes: Numbers going in, sizes of the hidden layers, numbers coming out.

    Attributes:
        sizes: As given.
        count: How many weights there are.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self.sizes = tuple(sizes)
        self._places: list[tuple[int, int, int]] = []
        self.count = 0
        for before, after in pairwise(self.sizes):
            self._places.append((self.count, before, after))
            self.count += before * after + after

    def layers(self, weights: Array) -> list[tuple[Array, Array]]:
        """Return matrix [before, after] and bias [after] of each layer, as views of the vector."""
        found = []
        for start, before, after in self._places:
            middle = start + before * after
            found.append((weights[start:middle].reshape(before, after), weights[middle : middle + after]))
        return found

    def initial(self, rng: np.random.Generator) -> Array:
        """Return weights to begin with: hidden layers orthogonal (Saxe et al. 2014), the last layer zero."""
        weights = np.zeros(self.count)
        for matrix, _ in self.layers(weights)[:-1]:
            before, after = matrix.shape
            drawn, triangle = np.linalg.qr(rng.standard_normal((max(before, after), min(before, after))))
            drawn = drawn * np.sign(np.diag(triangle)) * np.sqrt(2.0)
            matrix[:] = drawn if before >= after else drawn.T
        return weights

    def forward(self, weights: Array, inputs: Array) -> list[Array]:
        """Return what goes through for inputs [rows, numbers]: the inputs, every hidden layer, the output."""
        layers = self.layers(weights)
        passed = [inputs]
        for matrix, bias in layers[:-1]:
            passed.append(np.tanh(passed[-1] @ matrix + bias))
        matrix, bias = layers[-1]
        passed.append(passed[-1] @ matrix + bias)
        return passed

    def backward(self, weights: Array, passed: Sequence[Array], slope: Array) -> Array:
        """Return the gradient by the weights.

        Args:
            weights: As in `forward`.
            passed: What `forward` returned.
            slope: The gradient by the output, [rows, numbers].
        """
        gradient = np.empty(self.count)
        into = self.layers(gradient)
        layers = self.layers(weights)
        for number in range(len(layers) - 1, -1, -1):
            into[number][0][:] = passed[number].T @ slope
            into[number][1][:] = slope.sum(axis=0)
            if number:
                slope = (slope @ layers[number][0].T) * (1.0 - passed[number] ** 2)
        return gradient
