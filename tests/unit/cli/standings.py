"""Hand-made standings of a run of two rollout workers, each with five episodes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sparring.cli.access.records import EpisodeRecord, EventRecord, RunRecord
from sparring.cli.access.standing import (
    LossRecord,
    MovementRecord,
    ServiceRecord,
    SessionRecord,
    Standing,
    Track,
    WorkerRecord,
)
from sparring.experiment.document import load_document
from tests.unit.cli.samples import BEGAN, DOCUMENT, RUN, progress

NOW = BEGAN + timedelta(seconds=60)
PLAN = load_document(DOCUMENT.encode()).expand()
ALONE = load_document(DOCUMENT.replace("worker: 2", "worker: 1").encode()).expand()
OWNED = replace(RUN, governor="governor-1", epoch=1, lease_until=NOW + timedelta(seconds=10), revision=9)
GOVERNOR = ServiceRecord("governor", (WorkerRecord("g", slots=0),))
STORE = ServiceRecord("store", (WorkerRecord("s", slots=None),))


def standing(run: RunRecord = OWNED, **more: Any) -> Standing:
    """Return how the run stands twelve seconds after it came into its state, with three episodes committed."""
    entered = EventRecord(8, NOW - timedelta(seconds=12), run, "phase 0 (train)")
    commit = EpisodeRecord(0, "train", "train", 1, 0, 10, 2.5, 1, "cd" * 32, committed=NOW - timedelta(seconds=3.25))
    usual: dict[str, Any] = {
        "entered": entered,
        "last": entered,
        "committed": {Track(0, 0): 2, Track(0, 1): 1},
        "last_commit": commit,
        "plan": PLAN,
        "reach": "--store data",
    }
    return Standing(NOW, run, **{**usual, **more})


def connected(*services: ServiceRecord, run: RunRecord = OWNED, **more: Any) -> Standing:
    """Return the same behind a broker, with a governor and a store."""
    return standing(run, services=(GOVERNOR, STORE, *services), reach="--connect broker:7000", **more)


def host(name: str, *runs: str, slots: int = 1, **more: Any) -> WorkerRecord:
    """Return a host that holds sessions of runs."""
    sessions = tuple(SessionRecord("connected", "module:World", run) for run in runs)
    return WorkerRecord(name, slots=slots, sessions=sessions, **more)


def movement(rollout: int, episode: int, step: int, still_s: float = 0.0) -> tuple[Track, MovementRecord]:
    """Return where a rollout worker was seen."""
    return Track(0, rollout), MovementRecord(progress(rollout=rollout, episode=episode, step=step), still_s)


def loss(rollout: int = 0, episode: int = 2, epoch: int = 1) -> LossRecord:
    """Return the loss of an episode, five seconds ago."""
    return LossRecord(NOW - timedelta(seconds=5), epoch, 0, rollout, episode, "", "the worker w1 was lost.")
