"""Keeps a slot in processes: one after the other, and not too often."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from sparring.host.slot import Slot, SlotState
from sparring.host.slot_end import describe, session_event
from sparring.types.holding import SessionEvent

LEAST_S: Final = 0.5
"""The least time between two starts of a slot."""
MOST_S: Final = 30.0
"""The time between two starts of a slot that cannot start doubles up to this."""

_log = logging.getLogger(__name__)


class SlotKeeper:
    """Used by one event loop.

    Args:
        make: Makes the slot for the next process.
        ended: Told what became of the session that a process took with it; None if it held none.
        once: Whether its first process is its last.

    Attributes:
        slot: The present one; between two processes, the one that is gone.
        failure: Why it cannot start; empty if it can.
        ends: How often its process came to an end that nobody wanted, by cause: died, stopped, hung.
    """

    def __init__(
        self, make: Callable[[], Slot], ended: Callable[[SessionEvent | None], None], *, once: bool = False
    ) -> None:
        self.slot = make()
        self.failure = ""
        self.ends: Counter[str] = Counter()
        self._make = make
        self._ended = ended
        self._once = once
        self._closing = asyncio.Event()

    async def run(self) -> None:
        """Keep on until `close`."""
        pause_s = LEAST_S
        while True:
            began = time.monotonic()
            self._note_end(await self._run_once())
            if self._once or self._closing.is_set():
                return
            ready = bool(self.slot.port)
            pause_s = LEAST_S if ready else min(2 * pause_s, MOST_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(began + pause_s - time.monotonic()):
                    await self._closing.wait()
            if self._closing.is_set():
                return
            self.slot = self._make()

    def close(self) -> None:
        """End its process, in its own time if author code has run in it; `run` returns then."""
        self._closing.set()
        self.slot.dismiss()

    async def _run_once(self) -> int | None:
        try:
            return await self.slot.run()
        except OSError as error:
            self.slot.failure = f"Its process cannot be started: {error}."
            return None

    def _note_end(self, status: int | None) -> None:
        """Say what became of the process, and tell the holder of its session."""
        slot, closing = self.slot, self._closing.is_set()
        held, slot.held, slot.state = slot.held, None, SlotState.GONE
        process = f"process {slot.pid} of slot {slot.number}"
        if not closing:
            self.ends["died" if slot.verdict is None else "hung" if slot.verdict.hung else "stopped"] += 1
            if not slot.port:
                self.failure = slot.failure or f"Its process {describe(status)} before it was ready."
        event = None
        if held is not None:
            event = session_event(held.token, process, status, slot.verdict, closing)
        if not closing:
            _log.warning("%s", event.message if event is not None else f"{process} {describe(status)}")
        self._ended(event)
