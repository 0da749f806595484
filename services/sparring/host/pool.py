"""The parent of a host: its slots, who holds them, and the watch over author code that passes its deadline."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sparring.types.holding import Admitted, OpenSession, Refused, SessionEvent, SessionState
from sparring.host.slot import Slot, SlotState
from sparring.host.slot_context import SlotConfiguration

WATCH_EVERY_S = 0.1
"""How often gauges are read."""
OVERDUE_GRACE_S = 0.5
"""A controller that waits across a stream notices the deadline first and says so; the process is killed this much later."""
RESPAWN_EVERY_S = 1.0
"""The least time between two starts of the same slot, so that a process that cannot start does not use up the machine."""
START_S = 60.0
"""How long an offer waits for a process that is still starting."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SlotCounts:
    """How many slots there are, by state, for health and metrics."""

    all: int
    ready: int
    held: int


class SlotPool:
    """Spawns the slots, respawns what dies, and admits as many sessions as there are slots. The arbiter; used by one event loop.

    Args:
        configuration: Of each slot's process.
        slots: How many.
        inside: True if the slot itself tells a hung call's owner (a rollout worker's process holds inline components); the grace is then none.
    """

    def __init__(self, configuration: SlotConfiguration, slots: int, *, inside: bool = False) -> None:
        self._configuration = configuration
        self._slots = [self._new(number) for number in range(slots)]
        self._grace_s = 0.0 if inside else OVERDUE_GRACE_S
        self._listeners: list[Callable[[SessionEvent], None]] = []
        self._became_free = asyncio.Condition()
        self._notifying: set[asyncio.Task[None]] = set()
        self._expiry: dict[str, float] = {}
        self._stopping = False

    @property
    def slots(self) -> Sequence[Slot]:
        """The slots as they stand."""
        return self._slots

    def on_session_event(self, listener: Callable[[SessionEvent], None]) -> None:
        """Add somebody who is told when a session ends, is lost, or hung."""
        self._listeners.append(listener)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[SlotPool]:
        """Keep the slots alive and watched; on the way out, end them."""
        async with asyncio.TaskGroup() as group:
            keepers = [
                group.create_task(self._keep(number), name=f"slot-{number}") for number in range(len(self._slots))
            ]
            watch = group.create_task(self._watch(), name="slot-watch")
            try:
                yield self
            finally:
                self._stopping = True
                for task in (watch, *keepers):
                    task.cancel()

    async def admit(self, token: str, component: str, expires_s: float, run: str) -> Admitted | Refused:
        """Take a session if there is a free slot; waits for one that is still starting.

        Args:
            token: The session to be.
            component: What it will hold, for people.
            expires_s: Until when it must have begun, seconds since 1970.
            run: On whose behalf, for people.
        """
        for slot in self._slots:
            if slot.held is not None and slot.held.token == token:
                return Admitted(self._address(slot))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_S), self._became_free:
                while True:
                    slot = next((one for one in self._slots if one.state is SlotState.FREE), None)
                    if slot is not None:
                        for_s = max(1.0, expires_s - time.time())
                        slot.expect(token, component, run, for_s)
                        self._expiry[token] = time.monotonic() + for_s
                        return Admitted(self._address(slot))
                    if (
                        not any(one.state in (SlotState.STARTING, SlotState.GONE) for one in self._slots)
                        or self._stopping
                    ):
                        break
                    await self._became_free.wait()
        return Refused("SLOT_TAKEN", f"All {len(self._slots)} slots are taken.")

    def sessions(self) -> Sequence[OpenSession]:
        """Return the sessions that are expected or held."""
        return [
            OpenSession(slot.held.token, _STATES[slot.state], slot.held.component, slot.held.run)
            for slot in self._slots
            if slot.held is not None and slot.state in _STATES
        ]

    async def withdraw(self, token: str) -> None:
        """End a session, whatever its state; unknown ones are none of ours."""
        for slot in self._slots:
            if slot.held is not None and slot.held.token == token:
                expecting = slot.state is SlotState.EXPECTING
                slot.withdraw(token)
                if expecting:
                    self._ended(SessionEvent.ended(token))

    def counts(self) -> SlotCounts:
        """Return how many slots there are, ready and held."""
        states = [slot.state for slot in self._slots]
        return SlotCounts(
            len(states),
            sum(state not in (SlotState.STARTING, SlotState.GONE) for state in states),
            len(self.sessions()),
        )

    def _new(self, number: int) -> Slot:
        return Slot(self._configuration, number, self._changed)

    async def _keep(self, number: int) -> None:
        """Run a slot again and again; each time in a new process."""
        while True:
            began = time.monotonic()
            await self._slots[number].run()
            self._slots[number] = self._new(number)
            await asyncio.sleep(max(0.0, began + RESPAWN_EVERY_S - time.monotonic()))

    async def _watch(self) -> None:
        """Kill processes whose author code is overdue; free slots whose expected session never came."""
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            for slot in self._slots:
                reading = slot.read_gauge()
                if reading.overdue_s > self._grace_s and not slot.killed_because:
                    allowed_s = reading.since_s - reading.overdue_s
                    slot.kill(f"{reading.doing} did not return within {allowed_s:g} s")
                held = slot.held
                if (
                    slot.state is SlotState.EXPECTING
                    and held is not None
                    and time.monotonic() > self._expiry.get(held.token, 0.0)
                ):
                    slot.withdraw(held.token)
                    self._ended(SessionEvent.ended(held.token))

    def _changed(self, slot: Slot, said: str, message: dict[str, Any]) -> None:
        match said:
            case "ready":
                self._free_again()
            case "ended":
                self._ended(SessionEvent.ended(message["token"], message["reason"], message["message"]))
            case "failed":
                _log.error("slot %d cannot start: %s", slot.number, message["message"])
            case "exited":
                self._exited(slot, message["code"])

    def _exited(self, slot: Slot, code: int | None) -> None:
        """Tell the holder of a session what became of its process."""
        held = slot.held
        if held is None:
            if not self._stopping and code:
                _log.warning("slot %d: process %d ended with %s while it held no session", slot.number, slot.pid, code)
            return
        if slot.killed_because:
            event = SessionEvent.hung(held.token, "DEADLINE_PASSED", f"{slot.killed_because}; its process was killed.")
        else:
            event = SessionEvent.lost(
                held.token, "PROCESS_DIED", f"Process {slot.pid} of slot {slot.number} ended with {code}."
            )
        if not self._stopping:
            _log.warning("slot %d: %s", slot.number, event.message)
        slot.held = None
        self._ended(event)

    def _ended(self, event: SessionEvent) -> None:
        self._expiry.pop(event.token, None)
        for listener in self._listeners:
            listener(event)
        self._free_again()

    def _free_again(self) -> None:
        """Wake up those who wait for a slot."""

        async def notify() -> None:
            async with self._became_free:
                self._became_free.notify_all()

        task = asyncio.get_running_loop().create_task(notify(), name="slot-free")
        self._notifying.add(task)
        task.add_done_callback(self._notifying.discard)

    def _address(self, slot: Slot) -> str:
        host = self._configuration.address.rpartition(":")[0]
        return f"{host}:{slot.port}"


_STATES = {
    SlotState.EXPECTING: SessionState.EXPECTED,
    SlotState.OPEN: SessionState.CONNECTED,
    SlotState.SUSPENDED: SessionState.SUSPENDED,
}
