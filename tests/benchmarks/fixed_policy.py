"""A policy for CartPole that is not learned: networks of the usual size that push where the pole falls."""

from __future__ import annotations

from typing import Any

import numpy as np

from sparring.agent import Brain
from sparring.agent.learners.network import Network
from sparring.agent.learners.snapshot import Snapshot

SIZES = (4, 32, 32, 2)


def snapshot() -> dict[str, Any]:
    """Return the policy as a PPOMuscle takes it."""
    network = Network(SIZES)
    weights = np.zeros(network.count)
    (first, _), (second, _), (last, _) = network.layers(weights)
    first[:, 0] = 0.02, 0.04, 0.4, 0.3  # position, speed, angle, turning: to the right if the pole falls there
    second[0, 0] = last[0, 1] = 1.0
    return Snapshot(0, 2, SIZES, weights, weights, np.zeros(4), np.ones(4)).arrays()


class FixedBrain(Brain):
    """Hands out that policy and learns nothing."""

    learns = False

    def thinking(self, muscle_id: str, data_from_muscle: Any) -> Any:
        """Do nothing."""
        return None

    def pop_policy(self) -> Any:
        """Return the policy."""
        return snapshot()
