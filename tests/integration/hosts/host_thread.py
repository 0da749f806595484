"""A pool of real slot processes, run by an event loop in a thread: for tests that hold blocking sessions."""

import asyncio
import secrets
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVar

from sparring.host.pool import SlotPool
from sparring.types.holding import Admitted, Refused, SessionEvent
from sparring.types.plan import Grant
from tests.support.eventually import eventually_sync

Result = TypeVar("Result")

SOON_S = 20.0


class HostThread:
    """Use it as a context.

    Attributes:
        pool: The slots; only for `call`.
        events: What became of sessions, in order.
    """

    def __init__(self, make: Callable[[], SlotPool]) -> None:
        self.events: list[SessionEvent] = []
        self._make = make
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="host")

    def call(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine in the loop of the pool."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(SOON_S)

    def admit(self, token: str = "", service: str = "environment") -> Grant:
        """Get a slot as the broker does; waits for one that is becoming free."""
        token = token or secrets.token_hex(16)
        admitted = eventually_sync(lambda: self._admitted(token), within_s=SOON_S, message="a free slot")
        return Grant(token, "worker", service, admitted.address)

    def try_admit(self, token: str, expires_in_s: float = 30.0) -> Admitted | Refused:
        return self.call(self.pool.admit(token, "something", time.time() + expires_in_s, "run-1"))

    def event(self, token: str) -> SessionEvent:
        """Wait until a session is over; what became of it."""
        return eventually_sync(
            lambda: next((event for event in self.events if event.token == token), None),
            within_s=SOON_S,
            message=f"the end of {token}",
        )

    def pid_of(self, token: str) -> int:
        """The process that holds a session."""
        return next(slot.pid for slot in self.pool.slots if slot.held is not None and slot.held.token == token)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(SOON_S)
        eventually_sync(lambda: all(slot.port for slot in self.pool.slots), within_s=SOON_S, message="slots that serve")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(SOON_S)

    def _admitted(self, token: str) -> Admitted | None:
        answer = self.try_admit(token)
        return answer if isinstance(answer, Admitted) else None

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self.pool = self._make()
        self.pool.on_session_event(self.events.append)
        async with self.pool.running():
            self._started.set()
            await self._stop.wait()
