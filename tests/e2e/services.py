"""Every service as a process of its own, as an operator starts them."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.e2e.command import command, environment

SERVICES = ("broker", "store", "governor", "simulation", "environment", "agent")
START_S = 60.0
STOP_S = 30.0
_SERVES = re.compile(r"serves at (\S+:\d+)(?:, health and metrics at port (\d+))?")


def free_port() -> int:
    """Return a port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Service:
    """One `sparring serve NAME`."""

    def __init__(self, name: str, folder: Path, variables: Mapping[str, str]) -> None:
        self.name = name
        self.lines: list[str] = []
        self._spoke = threading.Event()
        self._serving = threading.Event()
        self.address = ""
        self.http_port = 0
        self._asked = False
        self.process = subprocess.Popen(
            command("serve", name),
            cwd=folder,
            env=environment(folder, **variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def wait_for_first_line(self) -> None:
        """Wait until it has logged anything."""
        assert self._spoke.wait(START_S), f"{self.name} said nothing"

    def wait_until_serving(self) -> None:
        """Wait until it says where it serves."""
        assert self._serving.wait(START_S), f"{self.name}: {self.lines}"

    def ask_to_stop(self) -> None:
        """Send SIGTERM, once."""
        if not self._asked and self.process.poll() is None:
            self._asked = True
            self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL, and wait for the end; its children see their pipes close and end as well."""
        self._asked = True
        self.process.kill()
        self.stop()

    def stop(self) -> int:
        """Send SIGTERM if that was not done yet; return the exit code."""
        self.ask_to_stop()
        try:
            return self.process.wait(STOP_S)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self._reader.join(STOP_S)
            if self.process.stdout is not None:
                self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            found = _SERVES.search(line)
            if found is not None:
                self.address, self.http_port = found[1], int(found[2] or 0)
                self._serving.set()
            self._spoke.set()
        self._spoke.set()


@contextlib.contextmanager
def deployed(folder: Path, **variables: str) -> Iterator[dict[str, Service]]:
    """Run all services for the length of the block; yields them by name. Every one must end with 0."""
    broker = f"127.0.0.1:{free_port()}"
    common = {"SPARRING_BROKER": broker, "SPARRING_STORE_DIRECTORY": str(folder / "data"), **variables}
    running: dict[str, Service] = {}
    try:
        for name in SERVICES:
            address = broker if name == "broker" else "127.0.0.1:0"
            prefix = f"SPARRING_{name.upper()}_"
            own = {f"{prefix}ADDRESS": address, f"{prefix}HTTP_ADDRESS": "127.0.0.1:0"}
            running[name] = Service(name, folder, {**common, **own})
        for service in running.values():
            service.wait_until_serving()
        yield running
    finally:
        began = time.monotonic()
        for service in reversed(running.values()):
            service.ask_to_stop()
        codes = {name: service.stop() for name, service in reversed(running.items())}
        took_s = time.monotonic() - began
    assert codes == dict.fromkeys(codes, 0), (codes, {name: running[name].lines[-10:] for name in codes if codes[name]})
    assert took_s < STOP_S
