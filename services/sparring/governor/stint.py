"""A stint: one stretch of play of a rollout worker, with one bundle and one control stream, from waiting to its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from sparring.governor.phase_events import PhaseEvent, StintOver, StintStarted, cause_of
from sparring.governor.placement import SIMULATION_LABEL, STORE_LABEL
from sparring.governor.ports import Bundle, Ports, RolloutStream
from sparring.governor.rollout_frames import (
    Cause,
    Decision,
    EpisodeCommitted,
    RolloutEnded,
    RolloutProgress,
    RolloutStarted,
)
from sparring.types.errors import DeadlineError, HungError, InternalError, LostError, SparringError
from sparring.types.fail_points import reach
from sparring.types.flow import SimulationFlowControl
from sparring.types.holding import SessionEvent, SessionEventKind
from sparring.types.plan import Grant, RolloutPlan

Result = TypeVar("Result")

_log = logging.getLogger(__name__)


class Stint:
    """Plays as far as it is told, and tells what happens. `run` is called once, in a task of its own.

    Args:
        rollout: Number of the rollout worker.
        epoch: The owner's epoch.
        ports: Broker and simulation controllers.
        bundle: To be asked for.
        ready: Set when the phase's brains can be joined.
        plan: Writes the plan, once the bundle is there.
        decision: How far to play at first.
        tell: Takes events; may wait.
        progressed: Takes progress.
        patient: Whether to ask for the bundle again when it did not come in time.
        farewell_s: How long an ordered end may take.
        pause_s: Pause before asking for the bundle.
        grants: The bundle, if it is there already.
    """

    def __init__(
        self,
        rollout: int,
        epoch: int,
        ports: Ports,
        bundle: Bundle,
        *,
        ready: asyncio.Event,
        plan: Callable[[Mapping[str, Grant]], RolloutPlan],
        decision: Decision,
        tell: Callable[[PhaseEvent], Awaitable[None]],
        progressed: Callable[[int, RolloutProgress], None],
        patient: Callable[[], bool],
        farewell_s: float,
        pause_s: float = 0.0,
        grants: Mapping[str, Grant] | None = None,
    ) -> None:
        self.rollout = rollout
        self.stopping = False
        self.over = asyncio.Event()
        self._epoch, self._ports, self._bundle = epoch, ports, bundle
        self._ready, self._plan, self._decision = ready, plan, decision
        self._tell, self._progressed, self._patient = tell, progressed, patient
        self._farewell_s, self._pause_s = farewell_s, pause_s
        self._grants = grants
        self._paused = self._cancelled = False
        self._stream: RolloutStream | None = None
        self._sending = asyncio.Lock()
        self._waiting: asyncio.Future[Any] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> bool:
        """Whether it waits for its bundle."""
        return self._grants is None and not self.over.is_set()

    @property
    def told(self) -> Decision:
        """The newest decision."""
        return self._decision

    @property
    def tokens(self) -> list[str]:
        """The sessions that it holds."""
        return [] if self._grants is None else [grant.token for grant in self._grants.values()]

    async def run(self) -> None:
        """Play until the end, which is told as `StintOver`."""
        self._task = asyncio.current_task()
        try:
            over = await self._play()
        except SparringError as error:
            over = StintOver(self.rollout, cause_of(error), error)
        except Exception as error:
            _log.exception("run %s: rollout worker %d", self._bundle.run, self.rollout)
            over = StintOver(self.rollout, Cause.FAILED, _bug(error))
        if self._stream is not None:
            await self._stream.close()
        await self.release()
        self.over.set()
        await self._tell(over)

    async def decide(self, decision: Decision) -> None:
        """Say how it goes on."""
        self._decision = decision
        await self._send(lambda stream: stream.decide(decision))

    async def stop(self) -> None:
        """End it with the running episode; if it still waits for its bundle, at once."""
        self.stopping = True
        if self._waiting is not None:
            self._waiting.cancel()
        now = self._decision
        await self.decide(Decision(SimulationFlowControl.STOP_SIMULATION, now.episodes_below, now.policy_versions))

    async def pause(self) -> None:
        """Hold at the next step boundary."""
        self._paused = True
        await self._send(lambda stream: stream.pause())

    def pause_at_start(self) -> None:
        """Hold from the first step on; for one that does not run yet."""
        self._paused = True

    async def resume(self) -> None:
        """Go on."""
        self._paused = False
        await self._send(lambda stream: stream.resume())

    async def cancel(self) -> None:
        """End it at the next step boundary; the running episode is discarded."""
        self.stopping = self._cancelled = True
        if self._waiting is not None:
            self._waiting.cancel()
        await self._send(lambda stream: stream.cancel())

    async def abort(self) -> None:
        """End it now, without a word to anybody; sessions stay held."""
        if self._task is not None:
            self._task.cancel()
        if self._stream is not None:
            await self._stream.close()

    async def release(self) -> None:
        """Give back what it holds."""
        tokens = self.tokens
        if not tokens:
            return
        try:
            await self._ports.broker.release(tokens)
        except SparringError as error:
            _log.warning("run %s: sessions were not given back: %s", self._bundle.run, error)

    async def _send(self, say: Callable[[RolloutStream], Awaitable[None]]) -> None:
        async with self._sending:
            if self._stream is not None:
                with contextlib.suppress(SparringError):  # the stream is broken: reading from it says so
                    await say(self._stream)

    async def _play(self) -> StintOver:
        if not await self._prepared() or self._grants is None:
            return StintOver(self.rollout, Cause.COMPLETED)
        grants, plan = self._grants, self._plan(self._grants)
        reach("slots-granted")
        async with self._sending:
            self._stream = stream = self._ports.rollouts.open(grants[SIMULATION_LABEL], self._epoch)
            await stream.start(plan, self._decision)
            if self._paused:
                await stream.pause()
        reader = asyncio.ensure_future(self._read(stream))
        watcher = asyncio.ensure_future(self._watch(grants))
        try:
            await asyncio.wait((reader, watcher), return_when=asyncio.FIRST_COMPLETED)
            if reader.done():
                return reader.result()
            found, lost = watcher.result()
            if lost is not None:  # the rollout worker itself lives: let it end, and say what is committed
                await self._send(lambda stream: stream.lose(lost.token, lost.reason, lost.message))
                await self._send(lambda stream: stream.cancel())
                await asyncio.wait((reader,), timeout=self._farewell_s)
                if reader.done() and reader.result().cause in (Cause.COMPLETED, Cause.FAILED):
                    return reader.result()
            return found
        finally:
            for task in (reader, watcher):
                task.cancel()
            await asyncio.gather(reader, watcher, return_exceptions=True)

    async def _prepared(self) -> bool:
        """Wait for the bundle and for the brains; False if the stint is not wanted any more."""
        if self._pause_s:
            await self._unless_stopped(asyncio.sleep(self._pause_s))
        while self._grants is None and not self.stopping:
            try:
                self._grants = await self._unless_stopped(self._ports.broker.acquire(self._bundle))
            except DeadlineError:
                if not self._patient():
                    raise
        if not self.stopping:
            await self._unless_stopped(self._ready.wait())
        return not self.stopping

    async def _unless_stopped(self, work: Coroutine[Any, Any, Result]) -> Result | None:
        """Wait for something; None if `stop` or `cancel` came first."""
        waiting = self._waiting = asyncio.ensure_future(work)
        try:
            await asyncio.wait((waiting,))
        except asyncio.CancelledError:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            raise
        return None if waiting.cancelled() else waiting.result()

    async def _read(self, stream: RolloutStream) -> StintOver:
        async for frame in stream.frames():
            match frame:
                case RolloutStarted():
                    await self._tell(StintStarted(self.rollout))
                case RolloutProgress():
                    self._progressed(self.rollout, frame)
                case EpisodeCommitted():
                    await self._tell(frame)
                case RolloutEnded():
                    return StintOver(self.rollout, frame.cause, frame.error)
                case _:
                    continue
        raise LostError(
            "SESSION_ENDED", f"Rollout worker {self.rollout} ended its control stream without a last frame."
        )

    async def _watch(self, grants: Mapping[str, Grant]) -> tuple[StintOver, SessionEvent | None]:
        """Wait until a session is lost or hangs; returns what that means, and the loss if the worker itself lives."""
        labels = {grant.token: label for label, grant in grants.items() if label != STORE_LABEL}
        async for event in self._ports.broker.watch(list(labels)):
            label = labels[event.token]
            text = event.message or "no reason given"
            if event.kind is SessionEventKind.HUNG:
                hung = HungError(event.reason or "DEADLINE_PASSED", f"{label}: {text}", component=label)
                return StintOver(self.rollout, Cause.FAILED, hung), None
            if event.kind is SessionEventKind.LOST:
                lost = LostError(event.reason or "SESSION_LOST", f"{label}: {text}", component=label)
                return StintOver(self.rollout, Cause.LOST, lost), None if label == SIMULATION_LABEL else event
        raise InternalError("WATCH_ENDED", "The broker port ended a watch; it never may.")


def _bug(error: Exception) -> InternalError:
    return InternalError("INTERNAL", f"{type(error).__name__}: {error}")
