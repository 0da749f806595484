"""The phase that is being played: its bundle, its brains, its rollout workers, and what happens to them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

from sparring.governor.brain_watch import watch_brains
from sparring.governor.brains import PHASE_END, PhaseBrains
from sparring.governor.limits import Limits
from sparring.governor.losses import LossBudget
from sparring.governor.phase_course import PhaseCourse
from sparring.governor.phase_events import BrainOver, Nudge, PhaseEvent, StintOver, StintStarted
from sparring.governor.placement import brain_slots
from sparring.governor.plans import Planner
from sparring.governor.ports import Bundle, Ports
from sparring.governor.progress_board import ProgressBoard, ProgressNote
from sparring.governor.rollout_frames import EpisodeCommitted, RolloutProgress
from sparring.governor.rollout_workers import RolloutWorkers
from sparring.governor.run_record import Sealing, StateName
from sparring.rpc.tasks import Tasks
from sparring.types.declaration import Declaration
from sparring.types.errors import SparringError
from sparring.types.plan import Grant, Place

EVENTS = 1024
"""So many events wait for a governor that is busy; then rollout workers do."""

_log = logging.getLogger(__name__)


class ActivePhase:
    """Everything that is held while a phase is played. Whoever makes one calls `close` or `abort` in the end.

    Args:
        planner: Writes plans; knows run and phase.
        course: What committed episodes lead to.
        brains: The brains, not started yet.
        ports: Broker, store, simulation controllers.
        limits: How long to wait.
        board: Takes progress.
        budget: Knows how often an episode was lost.

    Attributes:
        over: Stints that are over, and what became of brains: to be handled by the next state.
        paused: Whether rollout workers hold.
    """

    def __init__(
        self,
        planner: Planner,
        course: PhaseCourse,
        brains: PhaseBrains,
        *,
        ports: Ports,
        limits: Limits,
        board: ProgressBoard,
        budget: LossBudget,
    ) -> None:
        self.planner, self.course, self.brains = planner, course, brains
        self.phase = planner.phase
        self.over: list[StintOver | BrainOver] = []
        self.paused = self.started = False
        self._ports, self._limits, self._board = ports, limits, board
        self._tasks = Tasks()
        self._events: asyncio.Queue[PhaseEvent] = asyncio.Queue(EVENTS)
        self._grants: Mapping[str, Grant] = {}
        self._brain_tokens: list[str] = []
        self.workers = RolloutWorkers(
            planner,
            course,
            lambda: brains.references,
            ports=ports,
            limits=limits,
            tasks=self._tasks,
            tell=self._events.put,
            progressed=self._progressed,
            budget=budget,
        )

    @property
    def finished(self) -> bool:
        """Whether the phase is over."""
        return self.course.finished

    def first_bundle(self) -> Bundle:
        """Return what the phase begins with: all brains, and all that one rollout worker needs, if any has to play."""
        brains = brain_slots(self.phase)
        bundle = self.workers.bundle(brains)
        if self.course.book.unfinished():
            return bundle
        return Bundle(bundle.run, brains, bundle.at_head, bundle.wait_s, bundle.lifetime_s)

    @property
    def ended(self) -> list[StintOver]:
        """Stints that are over and were not lost."""
        return [one for one in self.over if isinstance(one, StintOver) and not one.lost]

    def following(self) -> StateName:
        """Return the state in which what has happened is handled."""
        if self.ended:
            return StateName.HANDLING_SIMULATION_CONTROLLER_TERMINATION
        if self.over:
            return StateName.HANDLING_DEAD_WORKERS
        return StateName.STOPPING_SIMULATION if self.finished else StateName.TRANSCEIVING

    def environment_places(self) -> list[tuple[str, Place]]:
        """Return where the environments of the first rollout worker are; none if nobody has to play."""
        if not self.course.book.unfinished():
            return []
        return [(one.uid, one.place) for one in self.planner.environments(self._grants)]

    async def look_up(self) -> None:
        """Count what is committed of the phase already, and decide by it."""
        self.course.book.recover(await committed_episodes(self._ports, self.planner))
        await self.course.review()

    async def acquire(self) -> None:
        """Wait for the first bundle, then let the other rollout workers wait for theirs."""
        bundle = self.first_bundle()
        self._grants = await self._ports.broker.acquire(bundle) if bundle.slots else {}
        brains = brain_slots(self.phase)
        self._brain_tokens = [grant.token for label, grant in self._grants.items() if label in brains]
        rollout = {label: grant for label, grant in self._grants.items() if label not in brains}
        for number in self.course.book.unfinished():
            self.workers.begin(number, rollout or None)
            rollout = {}

    async def start_brains(self, declared: Mapping[str, tuple[Sequence[Declaration], Sequence[Declaration]]]) -> None:
        """Start the brains; `declared` has sensors and actuators by agent."""
        await self.brains.start(self._grants, declared)
        self.course.heed(self.brains.flow)
        grants = {agent: reference.grant for agent, reference in self.brains.references.items()}
        self._tasks.start(
            watch_brains(self._ports.broker, grants, self._events.put), f"watch over brains of {self.planner.run}"
        )

    async def start_rollouts(self) -> None:
        """Let rollout workers begin, unless what is committed already ends the phase."""
        await self.workers.start()

    def nudge(self) -> None:
        """Wake up who waits for events."""
        if not self._events.full():
            self._events.put_nowait(Nudge())

    async def next_event(self) -> None:
        """Wait for an event and carry it out, as far as the state of the run does not change by it."""
        match await self._events.get():
            case EpisodeCommitted() as episode:
                await self.course.committed(episode)
                await self.adjust()
            case StintOver() as over:
                if not self.workers.end(over):
                    self.over.append(over)
                await self.adjust()
            case BrainOver() as over:
                self.over.append(over)
            case StintStarted():
                self.started = True
            case Nudge():
                return

    async def recover(self) -> None:
        """Learn from the store what was committed without our being told."""
        for episode in await committed_episodes(self._ports, self.planner):
            await self.course.committed(episode)
        await self.adjust()

    async def stop_rollouts(self) -> None:
        """End all rollout workers with their running episodes."""
        await self.workers.stop()
        while self.workers.active:
            await self.next_event()

    async def seal(self) -> None:
        """Save the brains and end them, then let the store audit and close the phase."""
        await self.brains.save(PHASE_END)
        await self.brains.shut_down(self.phase.timeouts.think_s)
        planner, counts = self.planner, self.course.book.counts()
        await self._ports.store.seal(Sealing(planner.run, planner.epoch, self.phase.number, self.phase.mode, counts))
        await self._release()

    async def close(self) -> None:
        """End everything in good order as far as that goes quickly, and give everything back."""
        await self._cancel_rollouts()
        await self.brains.shut_down(self._limits.farewell_s)
        await self._release()

    async def hand_over(self) -> None:
        """Do as `close`, with the brains saved for whoever goes on."""
        await self._cancel_rollouts()
        if self.brains.learn:
            played = min(self.course.book.first_open(rollout) for rollout in range(self.phase.workers))
            try:
                async with asyncio.timeout(self._limits.farewell_s):
                    await self.brains.save(f"episode-{played}")
            except (SparringError, TimeoutError) as error:
                _log.warning("run %s: brains were not saved: %s", self.planner.run, error)
        await self.close()

    async def abort(self) -> None:
        """Drop everything without a word to anybody: the run belongs to somebody else."""
        await self.workers.abort()
        await self.brains.close()
        await self._end_tasks()

    async def adjust(self) -> None:
        """Tell rollout workers how they go on; once the phase is over, that is for another state to do."""
        if not self.finished:
            await self.workers.adjust()

    async def _release(self) -> None:
        """Give the brains' sessions back; rollout workers have given back theirs."""
        tokens, self._brain_tokens = self._brain_tokens, []
        try:
            if tokens:
                await self._ports.broker.release(tokens)
        except SparringError as error:
            _log.warning("run %s: sessions were not given back: %s", self.planner.run, error)
        finally:
            await self._end_tasks()

    async def _end_tasks(self) -> None:
        async with self._tasks:  # leaving the block ends what still runs
            pass

    async def _cancel_rollouts(self) -> None:
        """End rollout workers; what they still tell only counts."""
        self._tasks.start(self._count(), f"last events of {self.planner.run}")
        await self.workers.cancel(self._limits.farewell_s)
        while not self._events.empty():
            self._count_event(self._events.get_nowait())

    async def _count(self) -> None:
        while True:
            self._count_event(await self._events.get())

    def _count_event(self, event: PhaseEvent) -> None:
        if isinstance(event, EpisodeCommitted):
            self.course.book.note(event)

    def _progressed(self, rollout: int, progress: RolloutProgress) -> None:
        phase = self.phase
        self._board.post(ProgressNote(phase.number, phase.name, rollout, phase.episodes or 0, progress))


async def committed_episodes(ports: Ports, planner: Planner) -> list[EpisodeCommitted]:
    """Return what the store has of a phase."""
    phase = planner.phase
    return [
        EpisodeCommitted(one.key, one.steps, one.episode_return, one.objectives, one.flow_control)
        for one in await ports.store.episodes(planner.run, phase.number)
        if one.key.mode is phase.mode
    ]
