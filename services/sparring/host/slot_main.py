"""The process of one slot: configured over a pipe, it serves sessions in its main thread until its parent says so or is gone."""

from __future__ import annotations

from sparring.rpc import grpc_environment  # first: sets what gRPC reads when it is imported

grpc_environment.prepare()

import ctypes
import importlib
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any, Protocol

from sparring.host.gauge import SharedGauge
from sparring.host.pipe import SlotPipe
from sparring.host.slot_context import SlotConfiguration, SlotContext
from sparring.types.errors import SparringError

_PR_SET_PDEATHSIG = 1


class SlotServer(Protocol):
    """What an entry makes."""

    def bind(self) -> int:
        """Listen; return the port."""

    def serve(self) -> None:
        """Serve in this thread until the context's `stop` is set."""


def main(arguments: list[str]) -> int:
    """Run a slot. `arguments`: the numbers of the pipe's and the gauge's file descriptors."""
    _die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    pipe = SlotPipe(socket.socket(fileno=int(arguments[0])))
    gauge = SharedGauge.of(int(arguments[1]))
    try:
        given = pipe.first()
    except EOFError:
        return 0
    configuration = SlotConfiguration(
        **{**given, "plugins": tuple(given["plugins"]), "search_paths": tuple(given["search_paths"])}
    )
    sys.path[:0] = configuration.search_paths
    context = SlotContext(configuration, gauge, pipe)
    signal.signal(signal.SIGTERM, lambda *_: context.stop.set())
    # Nothing of a session outlives the parent: what is under way is lost with it, and played again.
    pipe.listen(context.hear, lambda: os._exit(0))
    try:
        server = _entry(configuration.entry)(context)
        pipe.say("ready", port=server.bind(), pid=os.getpid())
    except SparringError as error:
        pipe.say("failed", reason=error.reason, message=error.message)
        return 1
    server.serve()
    return 0


def _entry(name: str) -> Callable[[SlotContext], SlotServer]:
    module, _, function = name.partition(":")
    found: Any = getattr(importlib.import_module(module), function)
    made: Callable[[SlotContext], SlotServer] = found
    return made


def _die_with_parent() -> None:
    """Ask Linux to kill this process with its parent, for author code that never comes back to Python; elsewhere the pipe has to do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
