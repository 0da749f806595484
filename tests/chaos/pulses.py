"""Who is in the middle of an episode now: the worlds of `drift` tell by a file per process."""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Pulse:
    """A process whose world is in a step."""

    pid: int
    step: int


class Pulses:
    """The pulses in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def inside(self) -> list[Pulse]:
        """Return the living processes that are inside an episode, not at its edges."""
        found = []
        for file in self._folder.iterdir():
            try:
                data = file.read_bytes()
            except FileNotFoundError:
                continue
            pid = int(file.name)
            if len(data) == 8 and 2 <= (step := struct.unpack("<q", data)[0]) <= 30 and psutil.pid_exists(pid):
                found.append(Pulse(pid, step))
        return found

    def wait_inside(self, deadline_s: float) -> list[Pulse] | None:
        """Wait until somebody is inside an episode; None if nobody was in time."""
        until = time.monotonic() + deadline_s
        while time.monotonic() < until:
            if found := self.inside():
                return found
            time.sleep(0.003)
        return None

    def forget(self, pid: int) -> None:
        """Forget a process that is gone."""
        (self._folder / str(pid)).unlink(missing_ok=True)
