"""The course of a phase: what a committed episode leads to - learning, saving, verdicts, new allowances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from sparring.experiment.conditions.base import Verdict
from sparring.experiment.run import Phase
from sparring.governor.conditions import Judge, is_builtin
from sparring.governor.phase_book import Pace, PhaseBook
from sparring.governor.plans import learning_of
from sparring.governor.rollout_frames import Decision, EpisodeCommitted
from sparring.types.flow import SimulationFlowControl, combine
from sparring.types.learning import Learning


class Learners(Protocol):
    """The brains of a phase, as far as its course needs them (`PhaseBrains`)."""

    @property
    def learn(self) -> bool:
        """Whether any of them changes its policy."""

    @property
    def policy_versions(self) -> Mapping[str, int]:
        """Version of each policy, by agent."""

    async def learn_round(self) -> SimulationFlowControl:
        """Let them learn from the committed round; return what their conditions ask for."""

    async def save(self, tag: str) -> None:
        """Save all states."""


def pace_of(phase: Phase, judge: Judge, *, learn: bool, save_every: int | None) -> Pace:
    """Return how far rollout workers play before the governor is asked.

    Rounds are played where brains learn in rounds, and where something that looks at results can end the phase: the
    run's condition, or an author's condition of episodes. Asynchronous learning knows no rounds. All episodes are
    allowed at once otherwise.

    Args:
        phase: The phase.
        judge: Asks the run's condition.
        learn: Whether any brain changes its policy.
        save_every: Brain states are saved after so many episodes of a rollout worker.
    """
    learning = learning_of(phase)
    by_results = (
        judge.condition.depends_on_results
        or phase.episodes is None
        or not all(is_builtin(one) for one in phase.conditions)
    )
    saves = save_every if learn else None
    if learning is Learning.ASYNC:
        return Pace(step=1 if by_results else None, stop_every=saves)
    rounds = by_results or (learn and learning is Learning.EPISODE)
    return Pace(rounds=rounds, stop_every=saves)


class PhaseCourse:
    """Carries out what follows from committed episodes, in learning order where there are rounds.

    Args:
        book: What is committed.
        judge: Asks the run's condition.
        brains: Those that may learn.
    """

    def __init__(self, book: PhaseBook, judge: Judge, brains: Learners) -> None:
        self.book = book
        self._judge = judge
        self._brains = brains
        self._restarting: set[int] = set()
        self.verdict: Verdict | None = None
        """Why the phase is over; None while it is not."""

    @property
    def finished(self) -> bool:
        """Whether the phase is over."""
        return self.verdict is not None

    @property
    def ends_run(self) -> bool:
        """Whether not only the phase, but the run is over."""
        return self.verdict is not None and self.verdict.flow >= SimulationFlowControl.SHUTDOWN

    def over(self, rollout: int) -> bool:
        """Whether a rollout worker's part is over."""
        return self.finished or self.book.over(rollout)

    def decision(self, rollout: int) -> Decision:
        """Return how a rollout worker goes on."""
        flow = SimulationFlowControl.RESTART if rollout in self._restarting else SimulationFlowControl.CONTINUE
        versions = self._brains.policy_versions if self.book.pace.rounds else {}
        return Decision(flow, self.book.allowance(rollout), versions)

    async def review(self) -> None:
        """Decide by what is committed already, before anybody plays."""
        seen = [number for number in range(self.book.phase.workers) if self.book.committed(number)]
        await self._judge_rollouts(seen, SimulationFlowControl.CONTINUE)
        self._finish_if_played()

    def heed(self, flow: SimulationFlowControl) -> None:
        """End the phase if brains have asked for it, in a round that they have learned again."""
        if self.verdict is None and flow >= SimulationFlowControl.STOP_PHASE:
            self.verdict = Verdict(flow, "objective", "a condition beside a brain asked for it")

    async def committed(self, episode: EpisodeCommitted) -> None:
        """Carry out what follows from a committed episode; one that is known already has no effect."""
        if not self.book.note(episode) or self.verdict is not None:
            return
        rollout = episode.key.rollout
        if not self.book.pace.rounds:
            await self._save_if_due([rollout])
            await self._judge_rollouts([rollout], SimulationFlowControl.CONTINUE)
            self._finish_if_played()
            return
        while not self.finished and self.book.round_complete():
            await self._close_round()

    async def _close_round(self) -> None:
        played = sorted({key.rollout for key in self.book.round_keys()})
        flow = SimulationFlowControl.CONTINUE
        if self._brains.learn and learning_of(self.book.phase) is Learning.EPISODE:
            flow = await self._brains.learn_round()
        await self._save_if_due(played)
        await self._judge_rollouts(played, flow)
        self.book.next_round()
        self._finish_if_played()

    async def _judge_rollouts(self, rollouts: Sequence[int], flow: SimulationFlowControl) -> None:
        """Ask the condition about rollout workers that have committed; `flow` is what brains ask for."""
        verdicts = await self._judge.verdicts(self.book.progress(), rollouts)
        self._restarting.difference_update(rollouts)
        for rollout, verdict in zip(rollouts, verdicts, strict=True):
            wish = combine((verdict.flow, flow))
            if wish >= SimulationFlowControl.STOP_SIMULATION:
                self.book.end(rollout)
            elif wish is SimulationFlowControl.RESTART:
                self._restarting.add(rollout)
        if flow >= SimulationFlowControl.STOP_PHASE:
            verdicts.append(Verdict(flow, "objective", "a condition beside a brain asked for it"))
        ending = [verdict for verdict in verdicts if verdict.flow >= SimulationFlowControl.STOP_PHASE]
        if ending:
            self.verdict = max(ending, key=lambda verdict: verdict.flow)

    def _finish_if_played(self) -> None:
        if self.verdict is None and not self.book.unfinished():
            self.verdict = Verdict(SimulationFlowControl.STOP_PHASE, "max_episodes", "every rollout worker is done")

    async def _save_if_due(self, rollouts: Sequence[int]) -> None:
        every = self.book.pace.stop_every
        if every is None or not rollouts:
            return
        played = min(self.book.first_open(rollout) for rollout in rollouts)
        if played and played % every == 0 and played != self.book.phase.episodes:
            await self._brains.save(f"episode-{played}")
