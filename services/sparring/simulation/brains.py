"""The link to one agent's brain: experience up, objectives, flow control and policies down."""

from __future__ import annotations

import math
from collections import deque

from sparring.types.episode import EpisodeKey
from sparring.types.flow import SimulationFlowControl
from sparring.types.frames import Policy
from sparring.types.learning import Considered, DiscardEpisode, EpisodeEnd, ExperienceBatch, ExperienceStep
from sparring.types.ports import ExperienceSession
from sparring.types.values import Values


class BrainLink:
    """Sends an agent's experience and keeps what comes back.

    Args:
        session: The joined stream.
        waits: True where every step must be considered before the next (learning `step`, or a condition that
            looks into the brain).
        think_s: Deadline of one answer, in seconds.
        adopts: True where a newer policy is taken over within an episode (learning `step` and `async`).
    """

    def __init__(self, session: ExperienceSession, *, waits: bool, think_s: float, adopts: bool) -> None:
        self._session = session
        self.waits = waits
        self._adopts = adopts
        self._think_s = think_s
        self._given: Policy | None = session.joined.policy
        self.policy: Policy | None = self._given
        self._pending: list[ExperienceStep] = []
        self._open: deque[int] = deque()
        self._first_step = 0
        self._key: EpisodeKey | None = None
        self.flow = SimulationFlowControl.CONTINUE
        self.objectives: list[float] = []
        """One per experienced step of the episode, as far as considered; NaN where the objective had nothing to say."""

    def begin(self, key: EpisodeKey) -> None:
        """Begin an episode."""
        self._key, self._first_step = key, 0
        self._pending, self.objectives = [], []
        self.flow = SimulationFlowControl.CONTINUE

    def policy_for_reset(self, version: int | None) -> Policy | None:
        """Return the policy of the next episode: the one asked for, or the newest known."""
        if version is not None and (self.policy is None or self.policy.version < version):
            self.policy = self._session.wait_for_policy(version, self._think_s)
        elif version is None:
            self.policy = self._session.latest_policy() or self.policy
        self._given = self.policy
        return self.policy

    def take_policy(self) -> Policy | None:
        """Return a policy that the muscle does not have yet, if it may change within an episode."""
        if not self._adopts:
            return None
        newest = self.policy if self.waits else self._session.latest_policy() or self.policy
        if (
            newest is self._given
            or newest is None
            or (self._given is not None and newest.version <= self._given.version)
        ):
            return None
        self._given = self.policy = newest
        return newest

    def step(self, step: ExperienceStep) -> None:
        """Take a step; sends it, and waits for what the brain thinks of it, where that is asked for."""
        if step.declared_rewards and self._pending:
            self.flush()
        self._pending.append(step)
        if self.waits:
            self.flush()
            self._consider(self._session.receive(self._think_s))

    def flush(self) -> None:
        """Send what is pending."""
        if not self._pending or self._key is None:
            return
        batch = ExperienceBatch((self._key.episode,), self._first_step, tuple(self._pending))
        while len(self._open) >= self._session.joined.window:
            self._consider(self._session.receive(self._think_s))
        self._session.send(batch)
        self._open.append(len(self._pending))
        self._first_step += len(self._pending)
        self._pending = []

    def settle(self) -> None:
        """Wait for all answers that are open."""
        while self._open:
            self._consider(self._session.receive(self._think_s))

    def end(self, final_readings: Values) -> None:
        """End the episode and wait until the brain has considered all of it."""
        self.flush()
        self.settle()
        if self._key is not None:
            self._session.send(EpisodeEnd(self._key, 0, self._first_step, final_readings))
            self._take(self._session.receive(self._think_s))

    def discard(self) -> None:
        """Void the episode; answers that are open are waited for and dropped."""
        if self._key is None:
            return
        self._pending = []
        self.settle()
        self._session.discard(DiscardEpisode(self._key))
        self._key = None

    def objective(self) -> float | None:
        """Return the sum of the episode's objective; None if it said nothing at all."""
        said = [value for value in self.objectives if not math.isnan(value)]
        return math.fsum(said) if said else None

    def close(self) -> None:
        """Leave."""
        self._session.close()

    def _consider(self, considered: Considered) -> None:
        steps = self._open.popleft()
        given = considered.objectives
        self.objectives.extend(given if len(given) == steps else (math.nan,) * steps)
        self._take(considered)

    def _take(self, considered: Considered) -> None:
        if considered.policy is not None:
            self.policy = considered.policy
        self.flow = max(self.flow, considered.flow_control)
