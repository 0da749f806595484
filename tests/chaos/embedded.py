"""A local run that is disturbed: `sparring run`, its rollout workers and brains, and the parent itself, resumed."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.chaos.campaign import caught_up, children_named
from tests.chaos.documents import Disturbed
from tests.chaos.drift import PULSES
from tests.chaos.pulses import Pulses
from tests.e2e.command import command, environment

KINDS = ("rollout worker", "brain", "parent")
LIMIT_S = 300.0


class LocalRun:
    """One `sparring run`, started again by `--resume` when its parent was killed."""

    def __init__(self, document: Disturbed, store: Path, *, placement: str = "auto", fail_points: str = "") -> None:
        self.pulses = Pulses(store.parent / "pulses")
        self.run = ""
        self.resumed = 0
        self._document = document
        self._store = store
        self._output = (store.parent / "output.jsonl").open("w+", encoding="utf-8")
        self._variables = {
            "SPARRING_LOG_LEVEL": "INFO",
            PULSES: str(store.parent / "pulses"),
            "SPARRING_FAIL_POINTS": fail_points,
        }
        self._process = self._start(str(document.file), "--placement", placement)

    @property
    def playing(self) -> bool:
        """Whether it goes on."""
        return self._process.poll() is None

    def targets(self, kind: str) -> Sequence[int]:
        """Return the processes of a kind."""
        pid = self._process.pid
        match kind:
            case "parent":
                return [pid]
            case "brain":
                return children_named(pid, "agent")
            case "environment":
                return children_named(pid, "environment")
            case _:
                return children_named(pid, "embedded")

    def lost(self, kind: str) -> None:
        """Resume it when the parent is gone."""
        if kind == "parent" and self._gone():
            self.resume()

    def _gone(self) -> bool:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(2.0) < 0
        return False

    def resume(self) -> None:
        """Go on with the run, in another process."""
        self.resumed += 1
        self._process = self._start("--resume", self._name())

    def end(self) -> str:
        """Wait for the end; returns the run's name. The parent is resumed if a fail point has ended it."""
        while self._process.wait(LIMIT_S) < 0:
            self.resume()
        assert self._process.returncode == 0, self.output()[-3000:]
        return self._name()

    def fed(self) -> list[int]:
        """Return on how many episodes brains have caught up, each time that one was lost."""
        return caught_up(self.output().splitlines())

    def output(self) -> str:
        """Return all that it has said."""
        self._output.flush()
        return Path(self._output.name).read_text(encoding="utf-8")

    def close(self) -> None:
        """Leave nothing behind."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._output.close()

    def _start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command("run", "--json", "--store", str(self._store), *arguments),
            cwd=self._document.folder,
            env=environment(self._document.folder, **self._variables),
            stdout=self._output,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _name(self) -> str:
        if not self.run:
            for line in self.output().splitlines():
                if line.startswith("{") and (name := json.loads(line).get("run")):
                    self.run = name
                    break
        return self.run


@contextlib.contextmanager
def local_run(
    document: Disturbed, store: Path, *, placement: str = "auto", fail_points: str = ""
) -> Iterator[LocalRun]:
    """Play a document for the length of the block."""
    started = LocalRun(document, store, placement=placement, fail_points=fail_points)
    try:
        yield started
    finally:
        started.close()
