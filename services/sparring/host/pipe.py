"""The pipe between a host's parent and the process of a slot: one JSON object a line, both ways.

The parent sends a configuration first; then it says `expect`, `forget`, `withdraw`, `drain`. The slot says `ready` or
`failed` first; then `opened`, `suspended`, `resumed`, `ended`.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

LIMIT_BYTES: Final = 1 << 22

_log = logging.getLogger(__name__)


def encode(message: Mapping[str, Any]) -> bytes:
    """Write one message."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


class SlotPipe:
    """The slot's end: any thread may say something; one thread of its own reads what the parent says."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._lines = end.makefile("rb")
        self._saying = threading.Lock()

    def first(self) -> dict[str, Any]:
        """Read the configuration.

        Raises:
            EOFError: The parent is gone.
        """
        line = self._lines.readline(LIMIT_BYTES)
        if not line:
            raise EOFError("The parent closed the pipe before it configured this process.")
        message: dict[str, Any] = json.loads(line)
        return message

    def listen(self, hear: Callable[[dict[str, Any]], None], gone: Callable[[], None]) -> None:
        """Read in the background; `gone` is called when the parent is."""

        def read() -> None:
            try:
                for line in self._lines:
                    hear(json.loads(line))
            except (OSError, ValueError) as error:
                _log.error("the pipe to the parent failed: %s", error)
            finally:
                gone()

        threading.Thread(target=read, name="slot-pipe", daemon=True).start()

    def say(self, what: str, **values: Any) -> None:
        """Tell the parent something. That it is gone is noticed by the reading thread."""
        try:
            with self._saying:
                self._socket.sendall(encode({"say": what, **values}))
        except OSError:
            return

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._socket.close()
