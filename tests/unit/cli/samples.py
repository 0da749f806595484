"""Records, documents and consoles that the tests of the command line share."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console

from sparring.cli.access.records import EpisodeRecord, EventRecord, PhaseRecord, ProgressRecord, RunRecord

BEGAN = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
RUN = RunRecord("dummy-1", "dummy", "running", "TRANSCEIVING", BEGAN, 42)
FINISHED = replace(RUN, status="finished", state="DONE", digest="ab" * 32, ended=BEGAN + timedelta(seconds=3))
FAILED = replace(
    RUN,
    status="failed",
    state="DONE",
    ended=BEGAN + timedelta(seconds=3),
    error_reason="AUTHOR_CODE_FAILED",
    error_message="Environment 'arena' raised in update in step 3: RuntimeError: the pump is broken (arena.py:7).",
)
TRAIN = PhaseRecord("train", "train", 5, 50, 1234.5, 2.5)
DOCUMENT = """\
uid: dummy
seed: 42
schedule:
  - train:
      environments:
        - environment: {name: "sparring.environment:DummyEnvironment", uid: arena}
      agents:
        - name: apprentice
          brain: {name: "sparring.agent:DummyBrain"}
          muscle: {name: "sparring.agent:DummyMuscle"}
          objective: {name: "sparring.agent:DummyObjective"}
          sensors: [arena.0]
          actuators: [arena.0]
      phase_config: {mode: train, worker: 2, episodes: 5}
"""


def commit(revision: int, *, rollout: int = 0, episode: int = 0, mode: str = "train", **more: Any) -> EventRecord:
    """Return the event that an episode of ten steps was committed."""
    summary = EpisodeRecord(0, "train", mode, rollout, episode, 10, 2.5, 1, "cd" * 32)
    return EventRecord(revision, BEGAN, RUN, episode=replace(summary, **more))


def transition(revision: int, run: RunRecord, message: str = "") -> EventRecord:
    """Return the event that a run moved on."""
    return EventRecord(revision, BEGAN + timedelta(seconds=revision), run, message)


def progress(**more: Any) -> ProgressRecord:
    """Return the progress of the first rollout worker in its second episode."""
    usual = ProgressRecord(0, "train", 0, 5, 1, 4, 14, 120.5, 1.5)
    return replace(usual, **more)


def console(*, terminal: bool = False, width: int = 100) -> Console:
    """Return a console that keeps what is printed; `printed` gives it back."""
    return Console(file=io.StringIO(), width=width, force_terminal=terminal, color_system=None, highlight=False)


def printed(of: Console) -> str:
    """Return what was printed."""
    assert isinstance(of.file, io.StringIO)
    return of.file.getvalue()
