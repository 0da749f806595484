"""A policy as it travels from brain to muscles: numbered, whole, a dict of arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sparring.agent.learners.network import Network

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a muscle needs to act.

    Attributes:
        number: Counts up from 0 with every one that the brain makes.
        levels: Values to choose from for a number of a Box.
        sizes: Of the network's layers.
        weights: Of the policy that explores.
        averaged: Of the policy that is tested.
        mean: Subtracted from the features.
        scale: By which they are multiplied then.
    """

    number: int
    levels: int
    sizes: tuple[int, ...]
    weights: Array
    averaged: Array
    mean: Array
    scale: Array

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return it as arrays by name."""
        return {
            "number": np.array(self.number),
            "levels": np.array(self.levels),
            "sizes": np.array(self.sizes),
            "weights": self.weights,
            "averaged": self.averaged,
            "mean": self.mean,
            "scale": self.scale,
        }

    @classmethod
    def of(cls, arrays: Any) -> Self:
        """Return what `arrays` described."""
        sizes = tuple(int(size) for size in arrays["sizes"])
        floats = (np.asarray(arrays[name], np.float64) for name in ("weights", "averaged", "mean", "scale"))
        return cls(int(arrays["number"]), int(arrays["levels"]), sizes, *floats)

    def layers(self, averaged: bool) -> list[tuple[Array, Array]]:
        """Return matrix and bias of each layer for features that are not normalised: the first layer does that."""
        network = Network(self.sizes)
        layers = network.layers(self.averaged if averaged else self.weights)
        matrix, bias = layers[0]
        return [(matrix * self.scale[:, None], bias - (self.mean * self.scale) @ matrix), *layers[1:]]
