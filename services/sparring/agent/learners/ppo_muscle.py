"""PPOMuscle: acts as the policies of a PPOBrain say."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparring.agent.array_muscle import ArrayMuscle
from sparring.agent.learners.choices import Choices
from sparring.agent.learners.features import Features
from sparring.agent.learners.snapshot import Snapshot
from sparring.types.mode import Mode

_EXPLORES_NOT = -1


class PPOMuscle(ArrayMuscle):
    """Draws its actions from the policy's probabilities while it trains; takes the most likely ones otherwise.

    It takes part with a PPOBrain, which has all the parameters. In its first step, and whenever it has got another
    policy, it tells its brain the policy's number; -1 says that it does not explore.

    Filters cannot stand between it and its environments: its brain learns from readings and setpoints as they are.
    """

    def __init__(self) -> None:
        super().__init__()
        self._snapshot: Snapshot | None = None
        self._explores = True
        self._news: int | None = None

    def setup(self) -> None:
        """Prepare what does not depend on the policy."""
        self._features = Features([sensor.space for sensor in self.sensors])

    def update(self, update: Any) -> None:
        """Take over a policy."""
        known, self._snapshot = self._snapshot, Snapshot.of(update)
        if known is None or known.levels != self._snapshot.levels:
            actuators = self.actuators
            self._choices = Choices(
                [each.uid for each in actuators], [each.space for each in actuators], self._snapshot.levels
            )
        self._prepare()

    def reset(self) -> None:
        """Begin an episode."""
        if self._snapshot is not None:
            self._prepare()

    def act(self, readings: Sequence[Any]) -> list[Any] | tuple[list[Any], Any]:
        """Act.

        Raises:
            RuntimeError: There is no policy.
        """
        if self._snapshot is None:
            raise RuntimeError("a PPOMuscle has no policy of its own; its agent needs a PPOBrain as brain")
        passed: NDArray[np.float64] = self._features.of_one(readings, self._missing)
        for matrix, bias in self._hidden:
            passed = np.dot(passed, matrix)
            passed += bias
            np.tanh(passed, passed)
        matrix, bias = self._last
        setpoints = self._choices.setpoints(self._choose((np.dot(passed, matrix) + bias).tolist()))
        if self._news is None:
            return setpoints
        news, self._news = self._news, None
        return setpoints, news

    def propose_actions(self, sensors: Any, actuators_available: Any) -> Any:
        """Refuse to act behind filters.

        Raises:
            RuntimeError: Always.
        """
        raise RuntimeError("a PPOMuscle cannot act behind filters; it normalises its readings itself")

    def _prepare(self) -> None:
        snapshot = self._snapshot
        assert snapshot is not None
        self._explores = self.mode is Mode.TRAIN
        *self._hidden, self._last = snapshot.layers(averaged=not self._explores)
        self._missing = np.where(self._features.numbers, snapshot.mean, 0.0)
        self._news = snapshot.number if self._explores else _EXPLORES_NOT

    def _choose(self, logits: list[float]) -> list[int]:
        """Return the number of the value of each choice."""
        found = []
        start = 0
        for count in self._choices.counts:
            some = logits[start : start + count]
            start += count
            highest = max(some)
            if not self._explores:
                found.append(some.index(highest))
                continue
            shares = [exp(each - highest) for each in some]
            drawn = self.rng.random() * sum(shares)
            number = 0
            for share in shares[:-1]:
                drawn -= share
                if drawn < 0.0:
                    break
                number += 1
            found.append(number)
        return found
