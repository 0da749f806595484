"""The run governor: takes one run through its states; every transition is durable before it takes effect."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Sequence

from sparring.experiment.conditions.base import TerminationCondition
from sparring.experiment.run import ExperimentRun
from sparring.governor.brains import BrainLostError
from sparring.governor.conditions import Judge
from sparring.governor.limits import DEFAULT_LIMITS, Limits
from sparring.governor.ownership import Ownership
from sparring.governor.phase_events import STALE, BrainOver
from sparring.governor.ports import Ports
from sparring.governor.progress_board import ProgressBoard
from sparring.governor.run_course import RunCourse
from sparring.governor.run_record import Run, StateName, Status
from sparring.governor.states import STATES, State
from sparring.rpc.tasks import Tasks
from sparring.types.errors import InternalError, SparringError

_CLOSING = (StateName.STOPPING_TRANSCEIVING, StateName.FINALIZING, StateName.DONE)
_log = logging.getLogger(__name__)


class RunGovernor:
    """Governs one run, from its claim to its end. `run` is called once.

    Args:
        broker_uri: Where the broker is; used only if no `client` is given.
        uid: The owner's name in the store; one is made up if there is none.
        client: Everybody else: broker, store, brains, rollout workers. Made from `broker_uri` when `run` begins, if it
            is not given.
        claimed: The run, if it has been claimed already.
        limits: How long to wait.
        plugins: Modules with authors' termination conditions.

    Attributes:
        state: The current state, with `name`, `run()` and `next_state()`.
        errors: What went wrong; the first is why the run failed.
        shutdown: Set when a user has cancelled the run.
        experiment_run_id: The run's name; set before `run` to be the owner of this one only.
        experiment_run: The document in full, once it has been read.
        termination_condition: The run's, once the document has been read.
        tasks: What runs beside the states.
        worker: The Majordomo worker that takes the service's calls; None where nobody calls.
        board: Passing progress.
    """

    def __init__(
        self,
        broker_uri: str,
        uid: str | None = None,
        *,
        client: Ports | None = None,
        claimed: Run | None = None,
        limits: Limits = DEFAULT_LIMITS,
        plugins: Sequence[str] = (),
    ) -> None:
        self.broker_uri = broker_uri
        self.uid = uid or f"governor-{secrets.token_hex(4)}"
        self.client = client
        self.worker: object | None = None
        self.limits = limits
        self.plugins = tuple(plugins)
        self.state: State = STATES[StateName.PRISTINE](self)
        self.errors: list[Exception] = []
        self.shutdown = asyncio.Event()
        self.tasks = Tasks()
        self.board = ProgressBoard()
        self.experiment_run_id: str | None = None
        self.experiment_run: ExperimentRun | None = None
        self.termination_condition: TerminationCondition | None = None
        self._course: RunCourse | None = None
        self._pause_wanted = False
        self._leaving = asyncio.Event()
        self._ownership = Ownership(self.uid, limits, self.heed)
        if claimed is not None:
            self._ownership.take(claimed)

    @property
    def ports(self) -> Ports:
        """Everybody else."""
        if self.client is None:
            raise InternalError("NOT_CONNECTED", "A run governor has its client from `run` on.")
        return self.client

    @property
    def owned(self) -> Run:
        """The run as it was claimed."""
        return self._ownership.run

    @property
    def course(self) -> RunCourse:
        """How far the run has come."""
        if self._course is None:
            raise InternalError("NOT_INITIALIZED", "The document has not been read yet.")
        return self._course

    @property
    def failed(self) -> bool:
        """Whether the run is failing, be it that an owner before this one found that out."""
        return bool(self.errors) or bool(self.owned.error_reason)

    @property
    def summary(self) -> str:
        """How the run ends, in a sentence."""
        return str(self.errors[0]) if self.errors else self._last_status.value

    async def run(self) -> None:
        """Process the current state, then move on, until DONE.

        Returns early when the run has got another owner, or after `leave`. What the run's parts do wrong ends the run,
        and is not raised.

        Raises:
            SparringError: The store took no transition for too long. The run is left to whoever claims it next.
        """
        async with contextlib.AsyncExitStack() as stack:
            if self.client is None:
                # Only a governor on its own needs the adapters, and with them gRPC.
                from sparring.governor.adapters.connection import connected

                self.client = await stack.enter_async_context(connected(self.broker_uri))
            await stack.enter_async_context(self.tasks)
            try:
                while self.state.name is not StateName.DONE and not self._ownership.lost.is_set():
                    following = await self._process()
                    if following is None:
                        break
                    await self._enter(following)
            except SparringError:
                _log.exception("run %s: no transition can be recorded; left to another", self.experiment_run_id)
                raise
            finally:
                await self._let_go()

    async def claim(self) -> None:
        """Become the owner of a run, if none was given; waits until there is one. The lease is kept from here on."""
        store = self.ports.store
        await self._ownership.claim(store, self.experiment_run_id)
        self._ownership.keep(store, self.tasks)

    def begin(self, run: ExperimentRun, placement: str, judge: Judge) -> None:
        """Take the document; from now on the run has a course."""
        self.experiment_run, self.termination_condition = run, judge.condition
        self._course = RunCourse(
            self.owned, run, placement, judge, ports=self.ports, limits=self.limits, board=self.board
        )

    def heed(self, run: Run) -> None:
        """Take note of how the run stands, and of what users ask for."""
        self.experiment_run_id = run.run
        if run.cancel_requested:
            self.shutdown.set()
        self._pause_wanted = run.pause_requested
        if self._course is not None:
            self._course.nudge()

    async def heed_pause(self) -> None:
        """Hold the rollout workers, or let them go on, as users asked for."""
        active = self.course.active
        if active.paused is self._pause_wanted:
            return
        active.paused = self._pause_wanted
        if await self._recorded(self.state, "paused" if active.paused else "goes on"):
            await (active.workers.pause() if active.paused else active.workers.resume())

    def disown(self) -> None:
        """Stop touching the run: it belongs to somebody else."""
        self._ownership.lost.set()

    def leave(self) -> None:
        """End what is open in good order, and leave the run to whoever claims it next."""
        self._leaving.set()

    async def close_phase(self) -> None:
        """End the phase that is open, if one is."""
        if self._course is not None:
            await self._course.close_phase()

    async def _process(self) -> StateName | None:
        """Run the current state; return the one that follows, or None if this governor has nothing more to do here."""
        state = self.state
        work = asyncio.ensure_future(state.run())
        stops = [self._ownership.lost, *((self._leaving, self.shutdown) if state.interruptible else ())]
        waits = [asyncio.ensure_future(stop.wait()) for stop in stops]
        try:
            await asyncio.wait((work, *waits), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (work, *waits):
                task.cancel()
            await asyncio.gather(work, *waits, return_exceptions=True)
        error = None if work.cancelled() else work.exception()
        if isinstance(error, SparringError) and error.reason == STALE:
            self.disown()
        if self._ownership.lost.is_set() or (self._leaving.is_set() and state.interruptible):
            return None
        if isinstance(error, Exception):
            return self._after_error(state, error)
        if error is not None:
            raise error
        if self.shutdown.is_set() and state.interruptible:
            return StateName.STOPPING_TRANSCEIVING
        return state.next_state()

    def _after_error(self, state: State, error: Exception) -> StateName:
        if isinstance(error, BrainLostError) and self._course is not None and self._course.is_open:
            self._course.active.over.append(BrainOver(error.metadata.get("agent", ""), error))
            return StateName.HANDLING_DEAD_WORKERS
        _log.error("run %s: state %s failed", self.experiment_run_id, state.name, exc_info=error)
        if state.name not in _CLOSING:
            self.errors.append(error)
        return state.on_error

    async def _enter(self, name: StateName) -> None:
        """Make the next state durable, then current."""
        state = STATES[name](self)
        if await self._recorded(state, _message_of(state)):
            self.state = state

    async def _recorded(self, state: State, message: str) -> bool:
        phase = None if self._course is None else self._course.phase
        error = self.errors[0] if self.errors else None
        return await self._ownership.record(state.name, self._status(state.name), phase, message, error)

    def _status(self, state: StateName) -> Status:
        if state is StateName.DONE:
            return self._last_status
        return Status.PAUSED if self._course is not None and self._course.paused else Status.RUNNING

    @property
    def _last_status(self) -> Status:
        if self.failed:
            return Status.FAILED
        return Status.CANCELLED if self.shutdown.is_set() else Status.FINISHED

    async def _let_go(self) -> None:
        """Leave nothing open, however the run was left."""
        if self._course is None or not self._course.is_open:
            return
        if self._ownership.lost.is_set():
            _log.warning("run %s belongs to another governor now", self.experiment_run_id)
            await self._course.abort_phase()
        elif self._leaving.is_set():
            await self._course.hand_over_phase()
        else:
            await self._course.close_phase()


def _message_of(state: State) -> str:
    try:
        return state.message
    except SparringError as error:
        return f"({error})"
