"""Counts the calls that a server is answering, so that it can refuse new ones and wait for the rest when it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from sparring.types.errors import UnavailableError


class OpenCalls:
    """The calls of one server, from admission to status."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._count = 0
        self._refusing = False
        self._idle = asyncio.Event()
        self._idle.set()

    def __len__(self) -> int:
        return self._count

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Hold one call open for the length of the block.

        Raises:
            UnavailableError: DRAINING.
        """
        if self._refusing:
            raise UnavailableError(
                "DRAINING",
                f"{self._service} is shutting down; call again, another one will answer.",
                service=self._service,
            )
        self._count += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._count -= 1
            if self._count == 0:
                self._idle.set()

    async def drained(self, within_s: float) -> bool:
        """Refuse new calls from now on and wait for the open ones; False if some are still open at the deadline."""
        self._refusing = True
        if self._count == 0:
            return True
        try:
            async with asyncio.timeout(within_s):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True
