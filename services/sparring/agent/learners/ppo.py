"""Proximal policy optimisation: networks, and one update from a batch of trajectories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparring.agent.filters.running_moments import RunningMoments
from sparring.agent.learners.adam import Adam
from sparring.agent.learners.categoricals import Categoricals
from sparring.agent.learners.network import Network
from sparring.agent.learners.trajectories import advantages

Array = NDArray[np.float64]

_STEEPEST = 0.5
"""Longest gradient of the policy (PPO's usual bound)."""
_QUIET = 0.1
"""Advantages are divided by their deviation, but by no less than this part of the returns' deviation: where all goes
well, differences are chance, and blown up to full size they would unlearn what was learned."""
_CONSTANT = 1e-7
"""A feature that varies less than this part of its mean is constant, and not used."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be tuned; see `PPOBrain`."""

    hidden: tuple[int, ...] = (32, 32)
    learning_rate: float = 3e-3
    discount: float = 0.99
    trace_decay: float = 0.95
    epochs: int = 10
    minibatch: int = 256
    clip: float = 0.2
    divergence: float = 0.015
    entropy: float = 0.0
    averaging: float = 0.8


@dataclass(frozen=True, slots=True)
class Batch:
    """Trajectories, one after the other.

    Attributes:
        features: [steps, features], not normalised; NaN where there was no reading.
        chosen: [steps, choices].
        likelihood: Logarithm of the probability with which that was chosen, [steps].
        rewards: Of each trajectory.
        finals: Features after each trajectory, [trajectories, features].
        follows: Whether anything follows after it.
    """

    features: Array
    chosen: NDArray[np.int64]
    likelihood: Array
    rewards: Sequence[Array]
    finals: Array
    follows: Sequence[bool]


class PPO:
    """A policy and the values it expects, and how they learn (Schulman et al. 2017, arXiv:1707.06347).

    Args:
        settings: What can be tuned.
        numbers: Which features are to be normalised.
        counts: How many values each choice is among.
        rng: Draws the first weights.
    """

    def __init__(
        self, settings: Settings, numbers: NDArray[np.bool_], counts: Sequence[int], rng: np.random.Generator
    ) -> None:
        self.settings = settings
        self.distribution = Categoricals(counts)
        self.policy = Network((numbers.size, *settings.hidden, sum(counts)))
        self.weights = self.policy.initial(rng)
        self.averaged = self.weights.copy()
        self.mean, self.scale = np.zeros(numbers.size), np.ones(numbers.size)
        self._numbers = numbers
        self._values = Network((numbers.size, *settings.hidden, 1))
        self._value_weights = self._values.initial(rng)
        self._adam, self._value_adam = Adam(self.policy.count), Adam(self._values.count)
        self._seen, self._returns = RunningMoments(), RunningMoments()
        self._updates = 0

    def learn(self, batch: Batch, rng: np.random.Generator) -> dict[str, float]:
        """Make the policy better; return numbers that tell how that went."""
        settings = self.settings
        gains, targets = self._judge(batch)
        self._look(batch.features)
        features = normalised(batch.features, self.mean, self.scale)
        self._returns.take(targets[:, None])
        spread = float(np.sqrt(self._returns.variance[0])) or 1.0
        targets = (targets - self._returns.mean[0]) / spread
        gains = (gains - gains.mean()) / max(float(gains.std()), _QUIET * spread, 1e-12)
        before = self.log_probabilities(features)
        moves, epochs, divergence, error = True, 0, 0.0, 0.0
        for _ in range(settings.epochs):
            errors = []
            for some in _minibatches(len(features), settings.minibatch, rng):
                errors.append(self._learn_values(features[some], targets[some]))
                if moves:
                    self._learn_policy(features[some], batch.chosen[some], batch.likelihood[some], gains[some])
            error = float(np.mean(errors))
            if moves:
                epochs += 1
                divergence = self.distribution.divergence(before, self.log_probabilities(features))
                moves = divergence <= settings.divergence
        self._updates += 1
        self._average()
        entropy = self.distribution.entropy(self.log_probabilities(features))
        return {"value_error": error, "divergence": divergence, "policy_epochs": epochs, "entropy": entropy}

    def log_probabilities(self, features: Array) -> Array:
        """Return the logarithm of every value's probability for normalised features, [steps, values]."""
        return self.distribution.log_probabilities(self.policy.forward(self.weights, features)[-1])

    def state(self) -> dict[str, Any]:
        """Return everything that changes."""
        return {
            "weights": self.weights,
            "averaged": self.averaged,
            "mean": self.mean,
            "scale": self.scale,
            "value_weights": self._value_weights,
            "adam": self._adam.state(),
            "value_adam": self._value_adam.state(),
            "seen": self._seen.state(),
            "returns": self._returns.state(),
            "updates": self._updates,
        }

    def load(self, state: Any) -> None:
        """Go on from what `state` returned.

        Raises:
            ValueError: It is of networks of another size.
        """
        if state["weights"].shape != self.weights.shape or state["value_weights"].shape != self._value_weights.shape:
            found, expected = state["weights"].size, self.weights.size
            raise ValueError(
                f"the saved policy has {found} weights, this one {expected}: sensors, actuators, 'hidden' and 'levels' "
                "must be those it was saved with"
            )
        names = ("weights", "averaged", "mean", "scale")
        self.weights, self.averaged, self.mean, self.scale = (np.array(state[name]) for name in names)
        self._value_weights = np.array(state["value_weights"])
        self._adam, self._value_adam = Adam.of(state["adam"]), Adam.of(state["value_adam"])
        self._seen, self._returns = RunningMoments.of(state["seen"]), RunningMoments.of(state["returns"])
        self._updates = int(state["updates"])

    def _judge(self, batch: Batch) -> tuple[Array, Array]:
        """Return advantages and returns of all steps, by what is expected now."""
        settings = self.settings
        expected = self._expected(batch.features)
        finals = self._expected(batch.finals)
        gains = []
        start = 0
        for number, rewards in enumerate(batch.rewards):
            values = expected[start : start + len(rewards)]
            final = float(finals[number]) if batch.follows[number] else 0.0
            gains.append(advantages(rewards, values, final, settings.discount, settings.trace_decay))
            start += len(rewards)
        joined = np.concatenate(gains)
        return joined, joined + expected

    def _expected(self, features: Array) -> Array:
        found = self._values.forward(self._value_weights, normalised(features, self.mean, self.scale))[-1][:, 0]
        return np.asarray(found * np.sqrt(self._returns.variance[0]) + self._returns.mean[0])

    def _look(self, features: Array) -> None:
        """Bring mean and scale of the features up to date."""
        self._seen.take(features)
        deviation = np.sqrt(self._seen.variance)
        varies = self._numbers & (deviation > _CONSTANT * np.abs(self._seen.mean))
        self.mean = np.where(self._numbers, self._seen.mean, 0.0)
        self.scale = np.where(varies, 1.0 / np.where(varies, deviation, 1.0), np.where(self._numbers, 0.0, 1.0))

    def _learn_values(self, features: Array, targets: Array) -> float:
        passed = self._values.forward(self._value_weights, features)
        wrong = passed[-1][:, 0] - targets
        gradient = self._values.backward(self._value_weights, passed, wrong[:, None] / len(wrong))
        self._value_adam.descend(self._value_weights, gradient, self.settings.learning_rate)
        return float((wrong**2).mean())

    def _learn_policy(self, features: Array, chosen: NDArray[np.int64], likelihood: Array, gains: Array) -> None:
        settings, distribution = self.settings, self.distribution
        passed = self.policy.forward(self.weights, features)
        known = distribution.log_probabilities(passed[-1])
        ratio = np.exp(distribution.of_chosen(known, chosen) - likelihood)
        # Where the clipped objective is flat, a step pushes no further.
        flat = ((gains > 0) & (ratio > 1 + settings.clip)) | ((gains < 0) & (ratio < 1 - settings.clip))
        weights = np.where(flat, 0.0, ratio * gains) / len(gains)
        slope = -distribution.slope(known, chosen, weights)
        if settings.entropy:
            slope -= distribution.entropy_slope(known) * (settings.entropy / len(gains))
        gradient = self.policy.backward(self.weights, passed, slope)
        length = float(np.sqrt((gradient**2).sum()))
        if length > _STEEPEST:
            gradient *= _STEEPEST / length
        self._adam.descend(self.weights, gradient, settings.learning_rate)

    def _average(self) -> None:
        """Average the weights over the last updates (Polyak and Juditsky 1992), the newest counting most."""
        decay = self.settings.averaging
        # The first weights are no result of learning: they count for nothing.
        share = (1.0 - decay) / (1.0 - decay**self._updates) if decay < 1.0 else 1.0 / self._updates
        self.averaged = self.averaged + share * (self.weights - self.averaged)


def normalised(features: Array, mean: Array, scale: Array) -> Array:
    """Return features around zero; 0 where there was no reading."""
    return np.nan_to_num((features - mean) * scale, nan=0.0)


def _minibatches(count: int, size: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Yield places in random order, in parts of about the same size."""
    yield from np.array_split(rng.permutation(count), max(1, round(count / size)))
