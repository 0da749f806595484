"""PPOBrain: learns a policy from readings, setpoints and the agent's objective."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparring.agent.brain import Brain
from sparring.agent.learners.choices import Choices
from sparring.agent.learners.features import Features
from sparring.agent.learners.ppo import PPO, Batch, Settings, normalised
from sparring.agent.learners.snapshot import Snapshot
from sparring.agent.learners.trajectories import Trajectory, trajectories
from sparring.types.errors import InvalidArgumentError
from sparring.types.mode import Mode

_REMEMBERED = 8
"""Policies that muscles may still act by; in learning `async` some are late."""


class PPOBrain(Brain):
    """Proximal policy optimisation with a clipped objective, for every kind of sensor and actuator.

    Needs numpy only, and takes part with PPOMuscles. It gathers steps until there are `batch_steps` of them, improves
    its policy by them, and forgets them: every policy is learned from what the one before has experienced.

    - The policy and the values it expects are networks of their own, layers of tanh (Schulman et al. 2017,
      arXiv:1707.06347); advantages are generalised (Schulman et al. 2016, arXiv:1506.02438).
    - Setpoints are choices; a number of a Box is chosen from `levels` values (Tang and Agrawal 2020, arXiv:1901.10500).
    - Features are normalised by mean and deviation of all that was ever read; they are part of the policy. So are
      returns. Nothing has to be scaled by hand.
    - The policy stops to move within a batch once its Kullback-Leibler divergence from the one before exceeds
      `divergence`; tests use weights averaged over the last updates. Both are why the result depends little on luck.

    It learns in every learning mode: `step`, `episode` and `async`. Its policy changes only when it is asked for one.

    Args:
        hidden: Sizes of the hidden layers.
        levels: Values to choose from for each number of a Box.
        batch_steps: Steps to learn from at a time; in learning `episode` that many or more, whole rounds always.
        learning_rate: Of Adam.
        discount: Worth of the objective one step later, 0 to 1.
        trace_decay: Lambda of the advantages, 0 to 1.
        epochs: How often a batch is gone through.
        minibatch: Steps per gradient, about.
        clip: How far from 1 the ratio of new to old probabilities is rewarded.
        divergence: See above, in nats.
        entropy: Weight of the policy's entropy: more makes it explore for longer.
        averaging: How much of the average stays with each update, 0 to 1; 0 tests the newest weights.

    Raises:
        InvalidArgumentError: PARAMETERS_INVALID. When set up: ACTUATOR_UNSUITABLE.
    """

    def __init__(
        self,
        hidden: Sequence[int] = (32, 32),
        levels: int = 11,
        batch_steps: int = 1024,
        learning_rate: float = 3e-3,
        discount: float = 0.99,
        trace_decay: float = 0.95,
        epochs: int = 10,
        minibatch: int = 256,
        clip: float = 0.2,
        divergence: float = 0.015,
        entropy: float = 0.0,
        averaging: float = 0.8,
    ) -> None:
        super().__init__()
        self._levels = levels
        self._batch_steps = batch_steps
        self._settings = Settings(
            tuple(hidden),
            learning_rate,
            discount,
            trace_decay,
            epochs,
            minibatch,
            clip,
            divergence,
            entropy,
            averaging,
        )
        _require_sense(self._settings, levels, batch_steps)
        self._number = 0
        self._new = True
        self._policies: dict[int, Snapshot] = {}
        self._acting: dict[str, int] = {}

    def setup(self) -> None:
        """Make the networks."""
        actuators = self.actuators
        self._features = Features([each.space for each in self.sensors])
        self._choices = Choices([each.uid for each in actuators], [each.space for each in actuators], self._levels)
        self._ppo = PPO(self._settings, self._features.numbers, self._choices.counts, self.rng)
        self._policies[0] = self._snapshot()

    def thinking(self, muscle_id: str, data_from_muscle: Any) -> Any:
        """Do nothing: the step is in memory, and the time to learn is when a policy is asked for."""
        return None

    def pop_policy(self) -> Any:
        """Learn, if there is enough to learn from; return the policy if it is new."""
        if self.mode is Mode.TRAIN and len(self.memory) >= self._batch_steps:
            self._learn()
        if not self._new:
            return None
        self._new = False
        return self._policies[self._number].arrays()

    def save_state(self) -> Any:
        """Return networks, optimisers, means, generator, and the policies that muscles may still act by."""
        told = {each.policy for each in trajectories(self.memory.tail(len(self.memory)).rows, dict(self._acting))}
        needed = told | {self._number, *self._acting.values()}
        return {
            "learner": "PPO",
            "ppo": self._ppo.state(),
            "generator": self.rng.bit_generator.state,
            "number": self._number,
            "policies": [each.arrays() for number, each in self._policies.items() if number in needed],
            "acting": self._acting,
        }

    def load_state(self, state: Any) -> None:
        """Go on from there.

        Raises:
            ValueError: It was saved by another kind of brain, or with other sensors, actuators or layers.
        """
        if not isinstance(state, dict) or state.get("learner") != "PPO":
            raise ValueError("the saved state is not that of a PPOBrain")
        self._ppo.load(state["ppo"])
        self.rng.bit_generator.state = state["generator"]
        self._number = int(state["number"])
        self._policies = {int(each["number"]): Snapshot.of(each) for each in state["policies"]}
        self._acting = {tag: int(number) for tag, number in state["acting"].items()}
        self._new = True

    def _learn(self) -> None:
        rows = self.memory.tail(len(self.memory)).rows
        found = [each for each in trajectories(rows, self._acting) if each.policy in self._policies]
        self.memory.clear()
        if not found:
            return
        for name, value in self._ppo.learn(self._batch(found), self.rng).items():
            self.add_statistics(name, value, allow_overwrite=True)
        self.add_statistics("policy", self._number + 1, allow_overwrite=True)
        self._number += 1
        self._policies[self._number] = self._snapshot()
        self._policies.pop(self._number - _REMEMBERED, None)
        self._new = True

    def _batch(self, found: Sequence[Trajectory]) -> Batch:
        rows = [row for each in found for row in each.rows]
        features = self._features.of_rows([row.readings for row in rows])
        finals = self._features.of_rows([each.final or each.rows[-1].readings for each in found])
        chosen = self._choices.of_rows([row.setpoints for row in rows])
        if np.isinf(features).any() or np.isinf(finals).any():
            raise ValueError("a sensor read infinity, from which nothing can be learned")
        follows = [each.final is not None for each in found]
        likelihood = self._likelihood(features, chosen, found)
        return Batch(features, chosen, likelihood, [each.rewards for each in found], finals, follows)

    def _likelihood(
        self, features: NDArray[np.float64], chosen: NDArray[np.int64], found: Sequence[Trajectory]
    ) -> NDArray[np.float64]:
        """Return the logarithm of the probability with which each choice was made, by the policy that made it."""
        numbers = np.repeat([each.policy for each in found], [len(each.rows) for each in found])
        likelihood = np.zeros(len(numbers))
        for number in sorted(set(numbers.tolist())):
            policy, rows = self._policies[number], np.flatnonzero(numbers == number)
            seen = normalised(features[rows], policy.mean, policy.scale)
            known = self._ppo.distribution.log_probabilities(self._ppo.policy.forward(policy.weights, seen)[-1])
            likelihood[rows] = self._ppo.distribution.of_chosen(known, chosen[rows])
        return likelihood

    def _snapshot(self) -> Snapshot:
        ppo = self._ppo
        copies = (ppo.weights.copy(), ppo.averaged.copy(), ppo.mean.copy(), ppo.scale.copy())
        return Snapshot(self._number, self._levels, ppo.policy.sizes, *copies)


def _require_sense(settings: Settings, levels: int, batch_steps: int) -> None:
    at_least_one = {
        "levels": levels - 1,
        "batch_steps": batch_steps,
        "epochs": settings.epochs,
        "minibatch": settings.minibatch,
        "hidden": min(settings.hidden, default=1),
    }
    shares = {"discount": settings.discount, "trace_decay": settings.trace_decay, "averaging": settings.averaging}
    positive = {
        "learning_rate": settings.learning_rate,
        "clip": settings.clip,
        "divergence": settings.divergence,
        "entropy": settings.entropy + 1e-300,
    }
    wrong = [name for name, value in at_least_one.items() if value < 1]
    wrong += [name for name, value in shares.items() if not 0 <= value <= 1]
    wrong += [name for name, value in positive.items() if not 0 < value < float("inf")]
    if wrong:
        raise InvalidArgumentError(
            "PARAMETERS_INVALID",
            f"PPOBrain cannot use this {wrong[0]}: sizes and counts are at least 1 (levels 2), discount, trace_decay "
            "and averaging between 0 and 1, the others above 0 (entropy may be 0).",
            parameter=wrong[0],
        )
