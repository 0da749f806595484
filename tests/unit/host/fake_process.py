"""Slot processes that are none: the test plays them over their pipes."""

import asyncio
import json
import os
import socket
from typing import Any

from sparring.host.gauge import SharedGauge
from sparring.host.slot_process import SlotProcess


class FakeProcess:
    """See `SlotProcess`; the other end of its pipe is `slot`.

    Attributes:
        slot: What the slot's own code would hold.
        gauge: The parent's end.
        writer: The slot's end of the gauge.
        stopped: What `is_stopped` says.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.pipe, self.slot = socket.socketpair()
        self.slot.setblocking(False)
        self.gauge = SharedGauge.create()
        self.writer = SharedGauge(os.dup(self.gauge.descriptor))
        self.stopped = False
        self.killed = False
        self._status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._heard = b""

    async def wait(self) -> int | None:
        return await asyncio.shield(self._status)

    def kill(self) -> None:
        if not self._status.done():
            self.killed = True
            self.end(-9)

    def is_stopped(self) -> bool:
        return self.stopped

    def show_stack(self) -> None:
        """Say nothing."""

    def hung_up(self) -> None:
        """Go on."""

    def end(self, status: int) -> None:
        """End by itself."""
        if not self._status.done():
            self._status.set_result(status)
            self.slot.close()
            self.writer.close()

    def say(self, what: str, **values: Any) -> None:
        """Tell the parent something."""
        self.slot.send(json.dumps({"say": what, **values}).encode() + b"\n")

    def ready(self, port: int) -> None:
        self.say("ready", port=port, cpu_s=0.1)

    async def heard(self, what: str | None) -> dict[str, Any]:
        """Wait until the parent says this; None is the configuration."""
        while True:
            line, found, rest = self._heard.partition(b"\n")
            if found:
                self._heard = rest
                message: dict[str, Any] = json.loads(line)
                if message.get("do") == what:
                    return message
                continue
            self._heard += await asyncio.get_running_loop().sock_recv(self.slot, 65536)


class FakeProcesses:
    """Makes them.

    Attributes:
        started: All of them, in order.
        fails: Raised instead of the next ones.
        names: What people see of them.
    """

    def __init__(self) -> None:
        self.started: list[FakeProcess] = []
        self.fails: list[OSError] = []
        self.names: list[str] = []

    async def spawn(self, name: str) -> SlotProcess:
        self.names.append(name)
        if self.fails:
            raise self.fails.pop(0)
        found = FakeProcess(1000 + len(self.started))
        self.started.append(found)
        return found
