"""A slot as its parent sees it: the process, what it says, and what is known of its session."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from sparring.host.gauge import Reading, SharedGauge
from sparring.host.pipe import LIMIT_BYTES, encode
from sparring.host.slot_context import SlotConfiguration
from sparring.rpc.grpc_environment import child_environment
from sparring.types.errors import UnavailableError

STOP_S = 5.0
"""How long a process may take to end when it is asked to."""


class SlotState(Enum):
    """How a slot stands."""

    STARTING = "starting"
    FREE = "free"
    EXPECTING = "expecting"
    OPEN = "open"
    SUSPENDED = "suspended"
    GONE = "gone"


@dataclass(slots=True)
class Held:
    """The session that a slot expects or holds."""

    token: str
    component: str = ""
    run: str = ""


class Slot:
    """One spawned process. Used by one event loop.

    Args:
        configuration: What the process is told first.
        number: For people.
        changed: Called after every change, with the slot and what it said (`ready`, `opened`, `suspended`, `resumed`, `ended`, `failed`, `exited`).
    """

    def __init__(
        self, configuration: SlotConfiguration, number: int, changed: Callable[[Slot, str, dict[str, Any]], None]
    ) -> None:
        self.number = number
        self.state = SlotState.STARTING
        self.port = 0
        self.held: Held | None = None
        self.killed_because = ""
        self._configuration = configuration
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._gauge: SharedGauge | None = None

    @property
    def pid(self) -> int:
        """The process id; 0 before there is one."""
        return self._process.pid if self._process is not None else 0

    def read_gauge(self) -> Reading:
        """Return which author code runs, since when, and how far past its deadline."""
        return self._gauge.read() if self._gauge is not None else Reading("", 0.0, 0.0, 0)

    async def run(self) -> None:
        """Spawn the process, listen to what it says, and return when it has ended, whatever the reason. Cancelling ends it."""
        ours, theirs = socket.socketpair()
        self._gauge, descriptor = SharedGauge.make()
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "sparring.host.slot_main",
                str(theirs.fileno()),
                str(descriptor),
                pass_fds=(theirs.fileno(), descriptor),
                stdin=asyncio.subprocess.DEVNULL,
                env=child_environment(os.environ, poll_strategy="poll"),
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
            os.close(descriptor)
        reader, self._writer = await asyncio.open_unix_connection(sock=ours, limit=LIMIT_BYTES)
        self.tell(None, **_plain(self._configuration))
        try:
            await self._listen(reader)
            await self._process.wait()
        finally:
            await asyncio.shield(self._end())
            self.state = SlotState.GONE
            self._changed(self, "exited", {"code": self._process.returncode})

    def expect(self, token: str, component: str, run: str, for_s: float) -> None:
        """Reserve the slot for a session."""
        self.state, self.held = SlotState.EXPECTING, Held(token, component, run)
        self.tell("expect", token=token, for_s=for_s)

    def withdraw(self, token: str) -> None:
        """End the session, or stop expecting it."""
        self.tell("withdraw", token=token)
        if self.state is SlotState.EXPECTING and self.held is not None and self.held.token == token:
            self.state, self.held = SlotState.FREE, None

    def kill(self, because: str) -> None:
        """Kill the process; whoever held it is told why."""
        self.killed_because = because
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)

    def drain(self) -> None:
        """Ask the process to end."""
        self.tell("drain")

    def tell(self, what: str | None, **values: Any) -> None:
        """Say something to the process; what it no longer hears is noticed by `run`."""
        if self._writer is None or self._writer.is_closing():
            if what is not None and self.state is SlotState.STARTING:
                raise UnavailableError("SLOT_STARTING", f"Slot {self.number} has not started yet.")
            return
        self._writer.write(encode(values if what is None else {"do": what, **values}))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                self._hear(json.loads(line))

    def _hear(self, message: dict[str, Any]) -> None:
        said = message.pop("say")
        match said:
            case "ready":
                self.state, self.port = SlotState.FREE, message["port"]
            case "opened":
                self.state = SlotState.OPEN
                self.held = Held(message["token"], message["component"], message["run"])
            case "suspended":
                self.state = SlotState.SUSPENDED
            case "resumed":
                self.state = SlotState.OPEN
            case "ended":
                self.state, self.held = SlotState.FREE, None
        self._changed(self, said, message)

    async def _end(self) -> None:
        """Make sure that the process is gone: ask, then kill."""
        process, writer = self._process, self._writer
        if writer is not None:
            writer.close()
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _plain(configuration: SlotConfiguration) -> dict[str, Any]:
    return asdict(configuration)
