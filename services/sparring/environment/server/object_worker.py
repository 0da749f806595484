"""The Majordomo worker of one object: the object stays in the calling thread, the rest of the host is a child process.

The child is what the parent of a host is elsewhere: connector, heartbeats, health, metrics, the watch over deadlines.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sparring.environment.environment import Environment
from sparring.environment.server.object_slot import ObjectSlot
from sparring.host.gauge import SharedGauge
from sparring.host.pipe import SlotPipe
from sparring.host.slot_context import SlotConfiguration, SlotContext
from sparring.rpc.grpc_environment import child_environment
from sparring.types.errors import HungError, InvalidArgumentError, UnavailableError

HUNG_STATUS: Final = 3
"""The child's exit status when author code has passed its deadline."""
PROGRAM: Final = Path(__file__).with_name("object_host_main.py")
_END_S: Final = 15.0

_log = logging.getLogger(__name__)


class ObjectWorker:
    """Serves one object, one session at a time.

    Attributes:
        service: The name under which documents find it: `service: environment/UID`.
        broker: host:port of the broker; empty means SPARRING_BROKER.
    """

    def __init__(self, environment: Environment) -> None:
        if not environment.uid:
            raise InvalidArgumentError(
                "UID_MISSING", "Give the environment a uid: documents find it as `service: environment/UID`."
            )
        self.service = f"environment/{environment.uid}"
        self.broker = environment.broker_uri.rpartition("://")[2]
        self._environment = environment
        self._child: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Serve in the calling thread until `stop`, SIGTERM or SIGINT; an open session has the drain time to end.

        Raises:
            HungError: The object has passed a deadline; its session's holder was told.
            UnavailableError: CONNECTOR_DIED, the child has ended by itself.
        """
        ours, theirs = socket.socketpair()
        gauge = SharedGauge.create()
        try:
            with theirs:
                child = self._child = self._spawn(theirs, gauge)
            status = self._serve(SlotPipe(ours), gauge, child)
        finally:
            self._child = None
            ours.close()
            gauge.close()
        if status == HUNG_STATUS:
            raise HungError("DEADLINE_PASSED", f"Environment {self._environment.uid!r} has passed a deadline.")
        if status != 0:
            raise UnavailableError(
                "CONNECTOR_DIED", f"The process that connects {self.service} to the broker ended with {status}."
            )

    def stop(self) -> None:
        """Let `run` return, from any thread."""
        child = self._child
        if child is not None:
            child.terminate()

    def _spawn(self, theirs: socket.socket, gauge: SharedGauge) -> subprocess.Popen[bytes]:
        kind = type(self._environment)
        told = {
            "service": self.service,
            "broker": self.broker,
            "component": f"{kind.__module__}:{kind.__qualname__}",
            "owner": os.getpid(),
        }
        descriptors = (theirs.fileno(), gauge.descriptor)
        return subprocess.Popen(
            [sys.executable, "-P", str(PROGRAM), *map(str, descriptors), json.dumps(told)],
            stdin=subprocess.DEVNULL,
            pass_fds=descriptors,
            env=child_environment(os.environ),
            process_group=0,  # Ctrl-C is for us; we tell it
        )

    def _serve(self, pipe: SlotPipe, gauge: SharedGauge, child: subprocess.Popen[bytes]) -> int:
        """Serve until told to stop, or the child has ended; return its exit status."""
        try:
            with self._stopping_on_signals(), contextlib.suppress(EOFError):
                given = pipe.first()
                for ours in ("import_path", "log_level"):
                    given.pop(ours)
                context = SlotContext(SlotConfiguration.of(given), gauge, pipe)
                pipe.listen(context.hear, context.stop.set)
                slot = ObjectSlot(context, self._environment)
                pipe.say("ready", port=slot.bind(), cpu_s=time.process_time())
                slot.serve()
        finally:
            pipe.close()
            try:
                status = child.wait(_END_S)
            except subprocess.TimeoutExpired:
                _log.error("process %d did not end and is killed", child.pid)
                child.kill()
                status = child.wait()
        return status

    @contextmanager
    def _stopping_on_signals(self) -> Iterator[None]:
        """Stop on SIGTERM, and on the first SIGINT, where signals can be handled at all."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def received(number: int, frame: object) -> None:
            signal.signal(signal.SIGINT, signal.default_int_handler)  # the second Ctrl-C does not wait
            self.stop()

        before = {number: signal.signal(number, received) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
