"""HANDLING_DEAD_WORKERS: something was lost."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.client.record_keeper import STORE
from sparring.governor.phase_events import BrainOver, StintOver
from sparring.governor.plans import learning_of
from sparring.governor.run_record import StateName
from sparring.governor.states.base import State
from sparring.types.errors import LostError
from sparring.types.learning import Learning


class HandlingDeadWorkers(State):
    """Lets a lost rollout worker play again with a whole new bundle.

    Where a brain is lost, the phase begins again with new ones, which catch up on what is committed. So it does where
    brains learn step by step and an episode is lost: they have learned from a part of it, which nobody can take back.
    """

    name = StateName.HANDLING_DEAD_WORKERS
    _again = False

    @property
    def message(self) -> str:
        """Say what."""
        return "; ".join(_describe(over) for over in self.governor.course.active.over)

    async def run(self) -> None:
        """Bring back what can be brought back."""
        active = self.governor.course.active
        over, active.over = active.over, []
        brains = [one for one in over if isinstance(one, BrainOver)]
        if brains:
            await self._without(brains)
            return
        await active.recover()
        lost = [one for one in over if isinstance(one, StintOver) and not active.course.over(one.rollout)]
        if lost and active.brains.learn and learning_of(active.phase) is Learning.STEP:
            for one in lost:
                self._count(one)
            await self.governor.course.close_phase()
            self._again = True
            return
        for one in lost:
            self._replay(one)
        await active.adjust()  # whoever waits for its round makes room

    def next_state(self) -> StateName:
        """Go on, or begin the phase again."""
        return StateName.STARTING_SIMULATION_CONTROLLERS if self._again else self.governor.course.active.following()

    async def _without(self, brains: Sequence[BrainOver]) -> None:
        course, active = self.governor.course, self.governor.course.active
        for one in brains:
            if not isinstance(one.error, LostError):
                raise one.error
            active.brains.lose(one.agent)
        book = active.course.book
        played = sum(book.committed(rollout) for rollout in range(active.phase.workers))
        what = f"The brain of agent {brains[0].agent!r}"
        course.budget.count(("brain", active.phase.number, played), what, brains[0].error)
        await course.close_phase()
        self._again = True

    def _replay(self, over: StintOver) -> None:
        governor, losses = self.governor, self._count(over)
        limits = governor.limits
        pause_s = min(limits.replay_pause_s * 2 ** min(losses - 1, 10), limits.longest_pause_s)
        governor.course.active.workers.begin(over.rollout, at_head=True, pause_s=pause_s)

    def _count(self, over: StintOver) -> int:
        """Count the loss of an episode; returns which it is. A store that is away costs patience, not the budget."""
        active = self.governor.course.active
        if over.error is not None and over.error.metadata.get("component") == STORE:
            return 1
        episode = active.course.book.first_open(over.rollout)
        what = f"Episode {episode} of rollout worker {over.rollout} in phase {active.phase.name!r}"
        return self.governor.course.budget.count((active.phase.number, over.rollout, episode), what, over.error)


def _describe(over: StintOver | BrainOver) -> str:
    who = f"brain of {over.agent}" if isinstance(over, BrainOver) else f"rollout worker {over.rollout}"
    why = "no reason given" if over.error is None else over.error.message
    return f"{who}: {why}"
