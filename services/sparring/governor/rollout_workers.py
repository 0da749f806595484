"""The rollout workers of a phase: who plays, who waits for a bundle, who is parked so that others can play."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from sparring.governor.limits import Limits
from sparring.governor.losses import LossBudget
from sparring.governor.phase_course import PhaseCourse
from sparring.governor.phase_events import PhaseEvent, StintOver
from sparring.governor.plans import BrainReference, Planner
from sparring.governor.ports import Bundle, Ports, Slot
from sparring.governor.rollout_frames import Cause, RolloutProgress
from sparring.governor.stint import Stint
from sparring.governor.together import together
from sparring.rpc.tasks import Tasks
from sparring.types.plan import Grant, RolloutPlan


class RolloutWorkers:
    """One stint at a time for each rollout worker that has something to play.

    Args:
        planner: Writes plans.
        course: Knows how far each may play.
        references: Returns the brains, once they are started.
        ports: Broker and simulation controllers.
        limits: How long to wait.
        tasks: Owns the stints.
        tell: Takes events.
        progressed: Takes progress.
        budget: Knows how often an episode was lost.
    """

    def __init__(
        self,
        planner: Planner,
        course: PhaseCourse,
        references: Callable[[], Mapping[str, BrainReference]],
        *,
        ports: Ports,
        limits: Limits,
        tasks: Tasks,
        tell: Callable[[PhaseEvent], Awaitable[None]],
        progressed: Callable[[int, RolloutProgress], None],
        budget: LossBudget,
    ) -> None:
        self._ready = asyncio.Event()
        self._planner, self._course, self._references = planner, course, references
        self._ports, self._limits, self._tasks = ports, limits, tasks
        self._tell, self._progressed, self._budget = tell, progressed, budget
        self._stints: dict[int, Stint] = {}
        self._held_back: set[int] = set()
        self._paused = False

    @property
    def active(self) -> bool:
        """Whether any stint is not over."""
        return bool(self._stints)

    def bundle(self, extra: Mapping[str, Slot] | None = None, *, at_head: bool = False) -> Bundle:
        """Return what one rollout worker needs, and something besides."""
        phase, placement = self._planner.phase, self._planner.placement
        return Bundle(
            run=self._planner.run,
            slots={**(extra or {}), **placement.rollout_slots(phase)},
            at_head=at_head,
            wait_s=self._limits.bundle_s,
            lifetime_s=2 * phase.timeouts.start_s + self._limits.started_s,  # brains, then environments come first
        )

    def begin(
        self,
        rollout: int,
        grants: Mapping[str, Grant] | None = None,
        *,
        at_head: bool = False,
        pause_s: float = 0.0,
    ) -> None:
        """Begin a stint: with a bundle that is there, or by asking for one."""
        stint = Stint(
            rollout,
            self._planner.epoch,
            self._ports,
            self.bundle(at_head=at_head),
            ready=self._ready,
            plan=lambda grants: self._plan(rollout, grants),
            decision=self._course.decision(rollout),
            tell=self._tell,
            progressed=self._progressed,
            patient=lambda: self._others_play(rollout),
            farewell_s=self._limits.farewell_s,
            pause_s=pause_s,
            grants=grants,
        )
        self._held_back.discard(rollout)
        self._stints[rollout] = stint
        if self._paused:
            stint.pause_at_start()
        self._tasks.start(stint.run(), f"rollout worker {rollout} of {self._planner.run}")

    def end(self, over: StintOver) -> bool:
        """Take note of a stint that is over; True if it was parked, so that nothing needs to be done about it."""
        stint = self._stints.pop(over.rollout, None)
        parked = over.cause in (Cause.COMPLETED, Cause.PARKED) and not self._course.over(over.rollout)
        if parked and (over.cause is Cause.PARKED or (stint is not None and stint.stopping)):
            return True
        self._held_back.add(over.rollout)
        return False

    async def start(self) -> None:
        """Let stints begin whose bundle is there: brains can be joined now. Those whose part is over already end."""
        await self.adjust()
        self._ready.set()

    async def adjust(self) -> None:
        """Bring what rollout workers were told in line with the course of the phase."""
        for rollout in range(self._planner.phase.workers):
            stint = self._stints.get(rollout)
            if self._course.over(rollout):
                if stint is not None and not stint.stopping:
                    await stint.stop()
            elif stint is None:
                if rollout not in self._held_back and not self._course.book.used_up(rollout):
                    self.begin(rollout)
            elif not stint.stopping and (decision := self._course.decision(rollout)) != stint.told:
                await stint.decide(decision)
        await self._park()

    async def pause(self) -> None:
        """Hold all of them, those that are still to begin included."""
        self._paused = True
        await together(stint.pause() for stint in self._stints.values())

    async def resume(self) -> None:
        """Let all of them go on."""
        self._paused = False
        await together(stint.resume() for stint in self._stints.values())

    async def stop(self) -> None:
        """End all of them with their running episodes."""
        await together(stint.stop() for stint in self._stints.values() if not stint.stopping)

    async def cancel(self, farewell_s: float) -> None:
        """End all of them at the next step boundary, and give back what they hold; the late ones are aborted."""
        await together(self._cancel(stint, farewell_s) for stint in self._stints.values())
        self._stints.clear()

    async def abort(self) -> None:
        """Drop all of them without a word to anybody."""
        stints, self._stints = list(self._stints.values()), {}
        await together(stint.abort() for stint in stints)

    async def _cancel(self, stint: Stint, farewell_s: float) -> None:
        try:
            async with asyncio.timeout(farewell_s):
                await stint.cancel()
                await stint.over.wait()
        except TimeoutError:
            await stint.abort()
            await stint.release()

    async def _park(self) -> None:
        """Where one waits for a bundle, those that wait for their round give theirs back."""
        if not any(stint.waiting for stint in self._stints.values()):
            return
        for rollout, stint in self._stints.items():
            if not stint.waiting and not stint.stopping and self._course.book.used_up(rollout):
                await stint.stop()

    def _plan(self, rollout: int, grants: Mapping[str, Grant]) -> RolloutPlan:
        first = self._course.book.first_open(rollout)
        attempt = 1 + self._budget.lost((self._planner.phase.number, rollout, first))
        return self._planner.rollout(rollout, first, grants, self._references(), attempt)

    def _others_play(self, rollout: int) -> bool:
        return any(number != rollout and not stint.waiting for number, stint in self._stints.items())
