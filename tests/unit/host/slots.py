"""The slot's end of a pipe, with a parent that the test plays."""

import contextlib
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sparring.host.gauge import SharedGauge
from sparring.host.pipe import SlotPipe
from sparring.host.slot_context import SlotConfiguration, SlotContext


class PlayedParent:
    """Hears what a slot says."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._end = end

    def heard(self) -> list[dict[str, Any]]:
        """What was said since the last time."""
        data = b""
        with contextlib.suppress(BlockingIOError):
            while more := self._end.recv(65536):
                data += more
        return [json.loads(line) for line in data.splitlines()]


@contextmanager
def slot(**configuration: Any) -> Iterator[tuple[SlotContext, PlayedParent]]:
    """A slot's context, and the parent that hears it."""
    ours, theirs = socket.socketpair()
    gauge, pipe, parent = SharedGauge.create(), SlotPipe(theirs), PlayedParent(ours)
    try:
        yield SlotContext(SlotConfiguration("a:b", **configuration), gauge, pipe), parent
    finally:
        pipe.close()
        ours.close()
        gauge.close()
