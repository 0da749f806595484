"""The parent of a host: its slots, who holds them, and the watch over author code that passes its deadline."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from sparring.host.news import News
from sparring.host.slot import Slot, SlotState
from sparring.host.slot_context import SlotConfiguration
from sparring.host.slot_keeper import SlotKeeper
from sparring.host.slot_process import SpawnSlot, spawn_slot
from sparring.rpc.addresses import Address, parse_address
from sparring.rpc.tasks import Tasks
from sparring.types.holding import Admitted, OpenSession, Refused, SessionEvent, SessionState

WATCH_EVERY_S: Final = 0.1
"""How often gauges and process states are read."""
OVERDUE_GRACE_S: Final = 0.5
START_S: Final = 60.0
"""How long an offer waits for a process that is still starting."""
EXPECT_MOST_S: Final = 300.0
"""How long a slot is reserved at most, whatever the clock of who offers says."""
END_S: Final = 2.0
"""How long processes may take to end when they are asked to; and then again, when they are killed."""

_STATES: Final = {
    SlotState.EXPECTING: SessionState.EXPECTED,
    SlotState.OPEN: SessionState.CONNECTED,
    SlotState.SUSPENDED: SessionState.SUSPENDED,
}
_COMING: Final = (SlotState.STARTING, SlotState.GONE)


class SlotPool:
    """Spawns the slots, respawns what dies, admits as many sessions as there are slots: the arbiter. One event loop.

    Args:
        configuration: Of each slot's process. A port other than 0 is that of the first slot; the next take the next.
        slots: How many.
        inside: True if the slot itself tells a hung call's owner (a rollout worker's process holds inline components);
            the grace past a deadline is then none.
        advertised: Host name or number that others connect to; empty means the one that the slots listen at.
        spawn: Starts a slot's process.
        once: Whether a slot whose process has ended stays without one.
    """

    def __init__(
        self,
        configuration: SlotConfiguration,
        slots: int,
        *,
        inside: bool = False,
        advertised: str = "",
        spawn: SpawnSlot = spawn_slot,
        once: bool = False,
    ) -> None:
        self._configuration = configuration
        self._advertised = advertised or parse_address(configuration.address).host
        self._grace_s = 0.0 if inside else OVERDUE_GRACE_S
        self._spawn = spawn
        self._listeners: list[Callable[[SessionEvent], None]] = []
        self._waiting: set[str] = set()
        self._running = 0
        self._news = News()
        self._draining = False
        self._keepers = [
            SlotKeeper(lambda number=number: self._new(number), self._ended, once=once)  # type: ignore[misc]
            for number in range(slots)
        ]

    @property
    def slots(self) -> Sequence[Slot]:
        """The slots as they stand."""
        return [keeper.slot for keeper in self._keepers]

    @property
    def ends(self) -> Mapping[str, int]:
        """How many processes came to an end that nobody wanted, by cause: died, stopped, hung."""
        return sum((keeper.ends for keeper in self._keepers), Counter[str]())

    @property
    def failure(self) -> str:
        """Why no slot can start; empty if one has, or may yet."""
        failures = [keeper.failure for keeper in self._keepers]
        return failures[0] if failures and all(failures) else ""

    def states(self) -> Mapping[str, int]:
        """Return how many slots stand how, by the name of the state."""
        counted = Counter(slot.state for slot in self.slots)
        return {state.value: counted[state] for state in SlotState}

    def on_session_event(self, listener: Callable[[SessionEvent], None]) -> Callable[[], None]:
        """Add somebody who is told when a session ends, is lost, or hung; return what removes it again."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[SlotPool]:
        """Keep the slots alive and watched; on the way out, end them."""
        async with Tasks() as beside:
            for number, keeper in enumerate(self._keepers):
                self._running += 1
                beside.start(self._run(keeper), f"slot-{number}")
            beside.start(self._watch(), "slot-watch")
            try:
                yield self
            finally:
                await self.close()

    async def admit(self, token: str, component: str, expires_s: float, run: str) -> Admitted | Refused:
        """Take a session if there is a free slot; waits for one that is still starting.

        Args:
            token: The session to be. The same one again gets the same answer.
            component: What it will hold, for people.
            expires_s: Until when it must have begun, seconds since 1970.
            run: On whose behalf, for people.
        """
        for_s = min(EXPECT_MOST_S, max(1.0, expires_s - time.time()))
        found: Admitted | Refused | None = None

        def taken() -> bool:
            nonlocal found
            found = self._take(token, component, run, for_s)
            return found is not None

        self._waiting.add(token)
        try:
            await self._news.until(taken, min(START_S, for_s))
        finally:
            self._waiting.discard(token)
        return found or Refused("SLOT_TAKEN", "No slot has started in time.")

    def sessions(self) -> Sequence[OpenSession]:
        """Return the sessions that are expected or held."""
        return [
            OpenSession(slot.held.token, _STATES[slot.state], slot.held.component, slot.held.run, self._address(slot))
            for slot in self.slots
            if slot.held is not None and slot.state in _STATES
        ]

    async def withdraw(self, token: str) -> None:
        """End a session, whatever its state; unknown ones are none of ours."""
        self._waiting.discard(token)
        slot = self._holding(token)
        if slot is not None:
            slot.withdraw(token)

    def forget(self, token: str) -> None:
        """Take an admission back that no session came of; one that was begun goes on."""
        slot = self._holding(token)
        if slot is not None and slot.state is SlotState.EXPECTING:
            slot.forget(token)

    def address_of(self, token: str) -> str | None:
        """Return where a session is reached; None if it is none of ours."""
        slot = self._holding(token)
        return None if slot is None else self._address(slot)

    async def drained(self, within_s: float) -> bool:
        """Admit nobody any more, and wait until no session is left; False when the time is up."""
        self._draining = True
        for slot in self.slots:
            if slot.state is SlotState.EXPECTING and slot.held is not None:
                slot.forget(slot.held.token)
        return await self._news.until(lambda: not self.sessions(), within_s)

    async def ready(self, within_s: float) -> str | None:
        """Wait until any slot serves, and return its address; None when the time is up."""
        await self._news.until(lambda: any(slot.port for slot in self.slots), within_s)
        return next((self._address(slot) for slot in self.slots if slot.port), None)

    async def over(self) -> None:
        """Wait until no process is kept any more, which happens by itself only to slots that are kept `once`."""
        await self._news.until(lambda: not self._running, None)

    async def close(self, within_s: float = END_S) -> None:
        """End all processes, with what they hold. May be repeated.

        Args:
            within_s: How long author code may take to shut down what it holds; then it is killed.
        """
        self._draining = True
        for keeper in self._keepers:
            keeper.close()
        if not await self._news.until(lambda: not self._running, within_s):
            for slot in self.slots:
                slot.kill()
            await self._news.until(lambda: not self._running, END_S)

    async def _run(self, keeper: SlotKeeper) -> None:
        try:
            await keeper.run()
        finally:
            self._running -= 1
            self._news.tell()

    async def _watch(self) -> None:
        """Kill processes that are stopped or whose author code is overdue; free slots whose session never came."""
        async with Tasks() as executions:
            while True:
                await asyncio.sleep(WATCH_EVERY_S)
                for slot in self.slots:
                    if slot.look() is not None:
                        executions.start(slot.execute(), f"slot-{slot.number}-kill")
                    held = slot.held
                    if slot.state is SlotState.EXPECTING and held is not None and time.monotonic() > held.until:
                        held.until += 1.0  # it answers; if not, it is asked again
                        slot.forget(held.token)

    def _new(self, number: int) -> Slot:
        address = parse_address(self._configuration.address)
        own = Address(address.host, address.port and address.port + number)
        configuration = replace(self._configuration, address=str(own))
        return Slot(self._spawn, configuration, number, self._grace_s, self._changed)

    def _take(self, token: str, component: str, run: str, for_s: float) -> Admitted | Refused | None:
        """Give a session its slot; None while one may come."""
        holding = self._holding(token)
        if holding is not None:
            return Admitted(self._address(holding))
        if self._draining or token not in self._waiting:
            return Refused("SLOT_TAKEN", "This host is stopping, or nobody wants the session any more.")
        free = next((slot for slot in self.slots if slot.state is SlotState.FREE), None)
        if free is not None:
            free.expect(token, component, run, for_s)
            return Admitted(self._address(free))
        if self.failure:
            return Refused("SLOT_TAKEN", f"No slot can start. {self.failure}")
        if any(slot.state in _COMING for slot in self.slots):
            return None
        return Refused("SLOT_TAKEN", f"All {len(self._keepers)} slots are taken.")

    def _changed(self, slot: Slot, message: Mapping[str, Any]) -> None:
        if message["say"] == "ready":
            self._keepers[slot.number].failure = ""
        if message["say"] == "ended":
            made = SessionEvent.lost if message["lost"] else SessionEvent.ended
            self._ended(made(message["token"], message["reason"], message["message"]))
        self._news.tell()

    def _ended(self, event: SessionEvent | None) -> None:
        """Tell whoever wants to know that a session is over, and that a slot has changed."""
        if event is not None:
            for listener in tuple(self._listeners):
                listener(event)
        self._news.tell()

    def _holding(self, token: str) -> Slot | None:
        return next((slot for slot in self.slots if slot.held is not None and slot.held.token == token), None)

    def _address(self, slot: Slot) -> str:
        return str(Address(self._advertised, slot.port))
