"""HANDLING_DEAD_WORKERS: something was lost."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.governor.phase_events import BrainOver, StintOver
from sparring.governor.run_record import StateName
from sparring.governor.states.base import State
from sparring.types.errors import LostError


class HandlingDeadWorkers(State):
    """Lets a lost rollout worker play again with a whole new bundle.

    Where a brain is lost, the phase begins again with new ones.
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
        for one in over:
            if isinstance(one, StintOver) and not active.course.over(one.rollout):
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
        book = active.course.book
        played = sum(book.committed(rollout) for rollout in range(active.phase.workers))
        what = f"The brain of agent {brains[0].agent!r}"
        course.budget.count(("brain", active.phase.number, played), what, brains[0].error)
        await course.close_phase()
        self._again = True

    def _replay(self, over: StintOver) -> None:
        governor, active = self.governor, self.governor.course.active
        episode = active.course.book.first_open(over.rollout)
        what = f"Episode {episode} of rollout worker {over.rollout} in phase {active.phase.name!r}"
        losses = governor.course.budget.count((active.phase.number, over.rollout, episode), what, over.error)
        pause_s = governor.limits.replay_pause_s * 2 ** (losses - 1)
        active.workers.begin(over.rollout, at_head=True, pause_s=pause_s)


def _describe(over: StintOver | BrainOver) -> str:
    who = f"brain of {over.agent}" if isinstance(over, BrainOver) else f"rollout worker {over.rollout}"
    why = "no reason given" if over.error is None else over.error.message
    return f"{who}: {why}"
