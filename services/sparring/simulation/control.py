"""What the governor wants of a running rollout worker, and what it is told: the one thing that two threads share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from sparring.types.episode import EpisodeSummary
from sparring.types.errors import LostError, SparringError
from sparring.types.flow import SimulationFlowControl
from sparring.types.ports import RecordSession


class Cause(Enum):
    """Why a rollout worker ended."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    LOST = "lost"
    ORPHANED = "orphaned"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Decision:
    """How the rollout worker goes on; `episodes_below` counts over the whole phase, so that it may be said twice."""

    flow_control: SimulationFlowControl
    episodes_below: int
    policy_versions: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a rollout worker ended; counts are of committed episodes in its own life."""

    cause: Cause
    error: SparringError | None = None
    steps_sent: int = 0
    episodes_sent: int = 0


class CancelledRun(Exception):
    """The governor cancelled; unwinds the step loop."""


class OrphanedRun(Exception):
    """No governor came back in time; unwinds the step loop."""


class RolloutControl:
    """Mailbox between the control stream (any thread) and the step loop (one thread).

    The step loop looks at one attribute per step, `attention`, without a lock; only when it is set does it enter
    `hold`.

    Attributes:
        attention: Whether the step loop shall enter `hold`.
        on_loss: Told token and error of a session that is lost, in the control stream's thread.
    """

    def __init__(self, decision: Decision, orphan_s: float = 60.0) -> None:
        self.attention = False
        self._changed = threading.Condition()
        self._decision = decision
        self._cancelled = False
        self._paused = False
        self._orphaned_at: float | None = None
        self._orphan_s = orphan_s
        self.on_loss: Callable[[str, LostError], None] = lambda token, error: None

    @property
    def decision(self) -> Decision:
        """The newest decision."""
        return self._decision

    def decide(self, decision: Decision) -> None:
        """Take a decision; an older one (fewer episodes, no stronger flow control) changes nothing."""
        with self._changed:
            now = self._decision
            self._decision = Decision(
                max(now.flow_control, decision.flow_control)
                if now.flow_control >= SimulationFlowControl.STOP_SIMULATION
                else decision.flow_control,
                max(now.episodes_below, decision.episodes_below),
                {**now.policy_versions, **decision.policy_versions},
            )
            self._changed.notify_all()

    def pause(self) -> None:
        """Hold at the next step boundary."""
        self._set(paused=True)

    def resume(self) -> None:
        """Go on."""
        self._set(paused=False)

    def cancel(self) -> None:
        """Stop at the next step boundary."""
        with self._changed:
            self._cancelled = self.attention = True
            self._changed.notify_all()

    def lose(self, token: str, error: LostError) -> None:
        """A session is lost for good: whoever waits for it stops waiting."""
        self.on_loss(token, error)

    def governor_lost(self) -> None:
        """The control stream broke: from now on a governor has `orphan_s` to come back."""
        with self._changed:
            self._orphaned_at = time.monotonic()
            self._changed.notify_all()

    def governor_back(self) -> None:
        """A governor attached."""
        with self._changed:
            self._orphaned_at = None
            self._changed.notify_all()

    def hold(self, listener: RolloutListener) -> None:
        """Carry out what `attention` announced: raise when cancelled, wait while paused.

        Raises:
            CancelledRun: Cancelled.
            OrphanedRun: No governor came back in time.
        """
        with self._changed:
            held = self._paused and not self._cancelled
            if held:
                listener.paused()
            while not self._cancelled and self._paused:
                self._wait()
            if self._cancelled:
                raise CancelledRun
            self.attention = False
            if held:
                listener.resumed()

    def wait_for_allowance(self, episode: int, between: float = 0.5) -> Decision:
        """Wait until `episode` may be played, or the decision is to stop.

        Wakes up every `between` seconds to notice orphanhood.

        Raises:
            CancelledRun: Cancelled meanwhile.
            OrphanedRun: No governor came back in time.
        """
        with self._changed:
            while True:
                if self._cancelled:
                    raise CancelledRun
                decision = self._decision
                if decision.flow_control >= SimulationFlowControl.STOP_SIMULATION or episode < decision.episodes_below:
                    return decision
                self._wait(between)

    def _wait(self, timeout_s: float = 0.5) -> None:
        self._changed.wait(timeout_s)
        lost = self._orphaned_at
        if lost is not None and time.monotonic() - lost > self._orphan_s:
            raise OrphanedRun

    def _set(self, *, paused: bool) -> None:
        with self._changed:
            self._paused = paused
            self.attention = self._cancelled or paused
            self._changed.notify_all()


class RolloutListener:
    """What a rollout worker tells while it plays.

    The base class listens to nothing. Called from the step loop's thread.
    """

    def started(self, took_s: float) -> None:
        """Environments and agents are up."""

    def episode_committed(self, summary: EpisodeSummary) -> None:
        """An episode is durable."""

    def paused(self) -> None:
        """It holds."""

    def resumed(self) -> None:
        """It goes on."""


@dataclass(slots=True)
class RolloutGauge:
    """How far the step loop is: plain numbers that it overwrites and anybody may read."""

    episode: int = 0
    step: int = 0
    steps_played: int = 0
    episode_return: float = 0.0
    record: RecordSession | None = None

    @property
    def waiting(self) -> str:
        """Why the store takes nothing now; empty while it does."""
        return "" if self.record is None else self.record.refusal
