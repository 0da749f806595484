"""Effects for one peer, on their way to the task that talks to it."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from sparring.broker.majordomo.effects import Reply, ToPeer
from sparring.types.errors import ExhaustedError

_ROOMY_COUNT: Final = 64
_ROOMY_BYTES: Final = 8 * 2**20
_MOST_COUNT: Final = 16_384


class Mailbox:
    """Effects in order, written by the engine, read by one task. Never more than a bounded number of them.

    Replies are the only effects that may come faster than their reader takes them, and large: a mailbox with more than
    64 effects or 8 MiB is not roomy, and who reads the replies from the worker waits until it is, for a while. Who lets
    a mailbox overflow tells the rules at once: its reader may be held up in a write for as long as the peer likes.
    """

    def __init__(self) -> None:
        self._effects: deque[ToPeer] = deque()
        self._bytes = 0
        self._reader: asyncio.Future[None] | None = None
        self._feeder: asyncio.Future[None] | None = None
        self._overflown = False

    def put(self, effect: ToPeer) -> None:
        """Add an effect."""
        if self._overflown:
            return
        self._effects.append(effect)
        if type(effect) is Reply and effect.body is not None:
            self._bytes += len(effect.body)
        _wake(self._reader)

    async def get(self) -> ToPeer:
        """Return the next effect; wait for it.

        Raises:
            ExhaustedError: READER_TOO_SLOW; the peer did not take what was sent to it.
        """
        while not self._effects:
            if self._overflown:
                raise ExhaustedError("READER_TOO_SLOW", "What was sent here was not read fast enough, and is dropped.")
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        effect = self._effects.popleft()
        if type(effect) is Reply and effect.body is not None:
            self._bytes -= len(effect.body)
        if self._feeder is not None and self.roomy:
            _wake(self._feeder)
        return effect

    def left(self) -> list[ToPeer]:
        """Return what nobody has read, for a reader that gives up."""
        return list(self._effects)

    @property
    def full(self) -> bool:
        """Whether the reader must be given up."""
        return len(self._effects) > _MOST_COUNT

    @property
    def roomy(self) -> bool:
        """Whether the reader keeps up."""
        return self._overflown or (len(self._effects) <= _ROOMY_COUNT and self._bytes <= _ROOMY_BYTES)

    async def roomy_within(self, seconds: float) -> bool:
        """Wait for the reader; False if it has not kept up by then."""
        try:
            async with asyncio.timeout(seconds):
                while not self.roomy:
                    self._feeder = asyncio.get_running_loop().create_future()
                    await self._feeder
        except TimeoutError:
            return False
        finally:
            self._feeder = None
        return True

    def overflow(self) -> None:
        """Drop everything; the reader is told with its next read."""
        self._overflown = True
        self._effects.clear()
        self._bytes = 0
        _wake(self._reader)


def _wake(future: asyncio.Future[None] | None) -> None:
    if future is not None and not future.done():
        future.set_result(None)
