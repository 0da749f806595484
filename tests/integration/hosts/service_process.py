"""A hosting service in a process of its own, as an operator starts it."""

import os
import re
import signal
import subprocess
import sys
import threading
from typing import Self

import psutil

from tests.support.eventually import eventually_sync
from tests.support.repository import ROOT

SOON_S = 30.0
_SERVES = re.compile(r"serves at (\S+:\d+)")


class ServiceProcess:
    """Use it as a context; what is left at the end is killed.

    Attributes:
        lines: What it has logged.
    """

    def __init__(self, *command: str, **variables: str) -> None:
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, "SPARRING_BROKER": "127.0.0.1:1", **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def address(self) -> str:
        """Where it serves; waits until it does."""
        return eventually_sync(self._served, within_s=SOON_S, message="a service that serves")

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.pid).children(recursive=True)

    def says(self, text: str) -> bool:
        return any(text in line for line in self.lines)

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, within_s: float = SOON_S) -> int:
        """Wait for its end; its exit code."""
        return self._process.wait(within_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join(SOON_S)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _served(self) -> str | None:
        return next((found[1] for line in self.lines if (found := _SERVES.search(line))), None)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip())
