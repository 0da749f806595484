"""The process behind a slot: spawned with a pipe and a gauge; and the port behind which it may also be another one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias

from sparring.host import process, stack
from sparring.host.gauge import SharedGauge


class SlotProcess(Protocol):
    """A process that serves a slot.

    Attributes:
        pid: Its number.
        pipe: Our end of the pipe to it. Closed by whoever reads from it.
        gauge: Our end of its gauge.
    """

    pid: int
    pipe: socket.socket
    gauge: SharedGauge

    async def wait(self) -> int | None:
        """Wait for its end; return its exit status, if it has one."""

    def kill(self) -> None:
        """End it at once. Nothing happens if it has ended."""

    def is_stopped(self) -> bool:
        """Tell whether it was stopped, and not continued."""

    def show_stack(self) -> None:
        """Ask it to write where it is behind its gauge, if it can."""

    def hung_up(self) -> None:
        """Note that it has closed its end of the pipe."""


SpawnSlot: TypeAlias = Callable[[str], Awaitable[SlotProcess]]
"""Starts the process of a slot; given its name, for people who look at processes."""


class SpawnedSlot:
    """A child of ours; see `SlotProcess`."""

    def __init__(self, child: asyncio.subprocess.Process, pipe: socket.socket, gauge: SharedGauge) -> None:
        self.pid = child.pid
        self.pipe = pipe
        self.gauge = gauge
        self._child = child

    async def wait(self) -> int | None:
        """Wait for its end, and end what it has started as well."""
        status = await self._child.wait()
        process.kill(self.pid)
        return status

    def kill(self) -> None:
        """Kill it, and what it has started."""
        if self._child.returncode is None:
            process.kill(self.pid)

    def is_stopped(self) -> bool:
        """Ask the system."""
        return self._child.returncode is None and process.is_stopped(self.pid)

    def show_stack(self) -> None:
        """Send the signal that it has a handler for."""
        if self._child.returncode is None:
            stack.ask(self.pid)

    def hung_up(self) -> None:
        """Nothing: its end is waited for."""


async def spawn_slot(name: str) -> SlotProcess:
    """Start a slot's process.

    Args:
        name: The last argument of its command line, for people.

    Raises:
        OSError: The system lets us start no more.
    """
    ours, theirs = socket.socketpair()
    gauge = SharedGauge.create()
    try:
        descriptors = (theirs.fileno(), gauge.descriptor)
        arguments = [*map(str, descriptors), name]
        return SpawnedSlot(await process.spawn("slot_main", arguments, pass_fds=descriptors), ours, gauge)
    except BaseException:
        ours.close()
        gauge.close()
        raise
    finally:
        theirs.close()
