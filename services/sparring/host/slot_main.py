"""The process of one slot: configured over a pipe, it serves sessions in its main thread until told to stop.

Started by its file's name, so that the parent's import path need not be in the environment, where author code and the
processes that it starts would find it.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

if __name__ == "__main__" and importlib.util.find_spec("sparring") is None:
    sys.path.append(str(Path(__file__).resolve().parents[2]))

from sparring.rpc import grpc_environment  # first: sets what gRPC reads when it is imported

grpc_environment.prepare()

import signal  # noqa: E402
import socket  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from typing import Any, Protocol  # noqa: E402

from sparring.host import stack  # noqa: E402
from sparring.host.gauge import SharedGauge  # noqa: E402
from sparring.host.lifeline import die_with_parent  # noqa: E402
from sparring.host.pipe import SlotPipe  # noqa: E402
from sparring.host.slot_context import SlotConfiguration, SlotContext  # noqa: E402
from sparring.rpc import logs  # noqa: E402
from sparring.types.errors import InternalError, SparringError  # noqa: E402


class SlotServer(Protocol):
    """What an entry makes."""

    def bind(self) -> int:
        """Listen; return the port."""

    def serve(self) -> None:
        """Serve in this thread until the context's `stop` is set."""


def main(arguments: list[str]) -> int:
    """Run a slot. `arguments`: the descriptors of the pipe and the gauge, and a name for people."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who decides
    descriptors = [int(argument) for argument in arguments[:2]]
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)  # what author code starts must not keep the pipe open
    pipe = SlotPipe(socket.socket(fileno=descriptors[0]))
    gauge = SharedGauge(descriptors[1])
    try:
        given = pipe.first()
    except EOFError:
        return 0
    stack.show_on_signal(gauge.descriptor)
    logs.configure(default_level=given.pop("log_level"))
    sys.path.extend(path for path in given.pop("import_path") if path not in sys.path)
    configuration = SlotConfiguration.of(given)
    sys.path[:0] = configuration.search_paths
    context = SlotContext(configuration, gauge, pipe)
    signal.signal(signal.SIGTERM, lambda *_: context.stop.set())
    # Nothing of a session outlives the parent: what is under way is lost with it, and played again.
    pipe.listen(context.hear, lambda: os._exit(0))
    try:
        server = _entry(configuration.entry)(context)
        port = server.bind()
    except SparringError as error:
        context.failed(error)
        return 1
    except Exception as error:  # a bug, or a module that is not there: the parent says it, for it is asked first
        context.failed(InternalError("SLOT_FAILED", f"{type(error).__name__}: {error}"))
        raise
    pipe.say("ready", port=port, cpu_s=time.process_time())
    server.serve()
    return 0


def _entry(name: str) -> Callable[[SlotContext], SlotServer]:
    module, _, function = name.partition(":")
    found: Any = getattr(importlib.import_module(module), function)
    made: Callable[[SlotContext], SlotServer] = found
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
