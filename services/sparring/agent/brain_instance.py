"""A brain session: experience of all rollout workers in, objectives and policies out; one thread at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

from sparring.agent.attempt import Attempt
from sparring.agent.brain_conditions import BrainConditions
from sparring.agent.episode_ledger import EpisodeLedger
from sparring.agent.memory_row import Fields
from sparring.agent.objective import Objective
from sparring.agent.parts import Resolve, make_part
from sparring.agent.rollout_experience import RolloutExperience
from sparring.agent.thinker import NOTHING_SAVED, Thinker
from sparring.types.errors import AuthorError, FailedPreconditionError, InvalidArgumentError
from sparring.types.fail_points import reach
from sparring.types.flow import SimulationFlowControl
from sparring.types.frames import Policy
from sparring.types.gauge import NO_GAUGE, Gauge
from sparring.types.learning import (
    BrainStarted,
    Considered,
    DiscardEpisode,
    EpisodeEnd,
    ExperienceBatch,
    Joined,
    Learn,
    Learned,
    Learning,
    Saved,
    StartBrain,
)

Returned = TypeVar("Returned")

WINDOW = 8


class BrainInstance:
    """One brain. The same calls in the same order give the same bytes.

    When experience is learned from: in learning `episode` when `learn` names its episode; otherwise, and whenever the
    brain does not learn, as soon as it is heard of. Objectives are computed at once, always.

    After author code has failed, every call raises that failure again.

    Args:
        resolve: Finds author classes by name: brains, objectives, filters, conditions.
        gauge: Shows what author code is running, for somebody who watches deadlines.
    """

    def __init__(self, resolve: Resolve, gauge: Gauge = NO_GAUGE) -> None:
        self._resolve = resolve
        self._gauge = gauge
        self._start: StartBrain | None = None
        self._thinker: Thinker | None = None
        self._rollouts: dict[int, RolloutExperience] = {}
        self._policy: Policy | None = None
        self._failure: AuthorError | None = None

    def start(self, start: StartBrain) -> BrainStarted:
        """Make the brain.

        Raises:
            NotFoundError: A class is unknown.
            InvalidArgumentError: PARAMETERS_INVALID, CLASS_UNSUITABLE, or a saved state that is none.
            AuthorError: The author's code raised.
        """
        if self._start is not None:
            raise _out_of_turn("the brain was started before")
        self._start = start
        self._sensors = Fields.of("sensor", start.sensors)
        self._actuators = Fields.of("actuator", start.actuators)
        self._objective(start)  # to know now whether it can be made
        self._conditions = BrainConditions(start.agent, start.conditions, self._resolve)
        thinker = Thinker(self._resolve, start, self._gauge, self._sensors, self._actuators)
        self._learns = thinker.learns and start.learning is not Learning.NONE
        self._keeps = start.learning is Learning.EPISODE and self._learns
        final = self._learns and start.learning is Learning.STEP
        self._ledger = EpisodeLedger(start.agent, self._keeps, final, start.contains)
        thinker.setup(start.state)
        self._policy = thinker.first_policy(start.policy_version)
        self._thinker = thinker
        return BrainStarted(self._learns, self._policy)

    def join(self, rollout: int, lanes: int) -> Joined:
        """Let a rollout worker in. One that joins again begins its running episodes anew."""
        start, _ = self._started()
        before = self._rollouts.get(rollout)
        if before is not None:
            self._ledger.forget(rollout, before.attempts)

        def begin(episode: int, lane: int) -> Attempt:
            tag = f"{start.agent}.{rollout}.{lane}"
            attempt = Attempt(start.agent, episode, tag, self._objective(start), self._conditions.needed)
            self._ledger.begin(rollout, attempt)
            return attempt

        self._rollouts[rollout] = RolloutExperience(lanes, self._sensors, self._actuators, begin)
        return Joined(self._policy, WINDOW)

    def consider(self, rollout: int, request: ExperienceBatch | EpisodeEnd) -> Considered:
        """Take experience of a rollout worker, or the end of one of its episodes.

        Returns:
            Objectives step by step, lane by lane (NaN: nothing to say), what conditions want, and a newer policy.

        Raises:
            InvalidArgumentError: EXPERIENCE_MISPLACED, EXPERIENCE_INCOMPLETE, PACKED_INVALID. Nothing was taken from
            it. FailedPreconditionError: GRAMMAR_VIOLATED, the rollout worker has not joined; EPISODE_THOUGHT_ALREADY.
            AuthorError: Objective, filter, brain or condition raised.
        """
        self._started()
        found = self._rollouts.get(rollout)
        if found is None:
            raise _out_of_turn(f"rollout worker {rollout} has not joined")
        if isinstance(request, EpisodeEnd):
            return self._watched(lambda: self._end(found, request))
        return self._watched(lambda: self._consider(rollout, found, request))

    def discard(self, rollout: int, request: DiscardEpisode) -> None:
        """Forget an episode that will not be committed."""
        self._started()
        self._ledger.discard(request.key)
        found = self._rollouts.get(rollout)
        if found is not None:
            found.drop(request.key.episode)

    def learn(self, request: Learn) -> Learned:
        """Learn from committed episodes, in this order. Those that the brain contains already are left out.

        Raises:
            FailedPreconditionError: EXPERIENCE_MISSING, an episode that was not heard of to its end.
            AuthorError: Brain or filter raised.
        """
        _, thinker = self._started()
        if not self._keeps:
            return Learned(None, thinker.take_statistics())
        return self._watched(lambda: self._learn(thinker, request))

    def save(self) -> Saved:
        """Return the brain's state.

        A brain that learns but cannot be saved gives a state of nothing that contains no episode.

        Raises:
            FailedPreconditionError: EPISODE_IN_PROGRESS, in learning `step`: the brain has learned from steps of an
                episode that has not ended, or that was lost.
            AuthorError: The author's code raised.
        """
        _, thinker = self._started()
        self._ledger.require_whole()
        state = self._watched(thinker.save)
        if state is None:
            return Saved(NOTHING_SAVED, (), thinker.version)
        return Saved(state, self._ledger.contains, thinker.version)

    def shutdown(self) -> None:
        """End the session."""
        self.close()

    def close(self) -> None:
        """Forget everything. Never raises; may be called twice."""
        if self._thinker is not None:
            self._ledger.clear()
        self._thinker = None
        self._rollouts.clear()

    def _consider(self, rollout: int, found: RolloutExperience, batch: ExperienceBatch) -> Considered:
        start, thinker = self._started()
        gauge, think_s, ledger = self._gauge, start.timeouts.think_s, self._ledger
        objectives: list[float] = []
        flow = SimulationFlowControl.CONTINUE
        policy = None
        before = found.attempts
        for rows in found.rows(batch):
            if found.attempts is not before:
                ledger.forget(rollout, before)
                before = found.attempts
            for each in rows:
                if each is None:
                    objectives.append(math.nan)
                    continue
                attempt, row = each
                objective = attempt.judge(row, gauge, think_s)
                objectives.append(objective)
                if self._conditions.needed and not math.isnan(objective):
                    flow = max(flow, self._conditions.flow(attempt))
                if self._keeps:
                    attempt.rows.append(row)
                    continue
                ledger.thought(rollout, attempt)
                thinker.think(row, attempt.steps, attempt.episode)
                if self._learns:
                    policy = thinker.take_policy() or policy
        self._policy = policy or self._policy
        return Considered(tuple(objectives), flow, policy, thinker.take_statistics())

    def _end(self, found: RolloutExperience, end: EpisodeEnd) -> Considered:
        attempt = found.running(end.key.episode, end.lane, end.steps)
        if attempt is None or attempt.steps != end.steps:
            problem = "it is not running there" if attempt is None else f"{attempt.steps} came"
            raise InvalidArgumentError(
                "EXPERIENCE_INCOMPLETE",
                f"Episode {end.key.episode} of rollout worker {end.key.rollout} is said to end in lane {end.lane} "
                f"after {end.steps} steps, but {problem}.",
                rollout=end.key.rollout,
                episode=end.key.episode,
            )
        attempt.ended = True
        if attempt.last is not None:
            attempt.last.next_readings = found.readings(end.final_readings, end.lane)
        self._ledger.ended(end.key)
        return Considered()

    def _learn(self, thinker: Thinker, request: Learn) -> Learned:
        for key, attempt in self._ledger.take(request.episodes):
            for step, row in enumerate(attempt.rows, 1):
                thinker.think(row, step, attempt.episode)
            self._ledger.learned(key)
        reach("round-learned")
        policy = thinker.take_policy()
        self._policy = policy or self._policy
        return Learned(policy, thinker.take_statistics())

    def _objective(self, start: StartBrain) -> Objective:
        made: Objective = make_part(self._resolve, start.objective, Objective, "objective", start.agent, {})
        return made

    def _watched(self, function: Callable[[], Returned]) -> Returned:
        """Call something that calls author code; remember its failure."""
        try:
            return function()
        except AuthorError as error:
            self._failure = error
            raise

    def _started(self) -> tuple[StartBrain, Thinker]:
        if self._failure is not None:
            raise self._failure
        if self._thinker is None or self._start is None:
            raise _out_of_turn("the brain was not started, or the session has ended")
        return self._start, self._thinker


def _out_of_turn(problem: str) -> FailedPreconditionError:
    return FailedPreconditionError("GRAMMAR_VIOLATED", f"This is not allowed in a brain session: {problem}.")
