"""Runs, phases, episodes, brain states and faults as Arrow tables, for statements and data frames."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pyarrow as pa

from sparring.store.brain_states import BrainState
from sparring.store.episodes import CommittedEpisode
from sparring.store.phases import PhaseSummary
from sparring.store.ports import Tables
from sparring.store.runs import Run
from sparring.types.episode import EpisodeKey
from sparring.types.faults import StruckFault

_TIME: Final = pa.timestamp("us", tz="UTC")  # what SQL can compute with; nanoseconds it mostly cannot
_AT_ONCE: Final = 1000

_RUNS: Final = pa.schema(
    {
        "run": pa.string(),
        "uid": pa.string(),
        "status": pa.string(),
        "state": pa.string(),
        "phase": pa.int64(),
        "seed": pa.uint64(),
        "deterministic": pa.bool_(),
        "created": _TIME,
        "ended": _TIME,
        "governor": pa.string(),
        "epoch": pa.int64(),
        "error_reason": pa.string(),
        "error_message": pa.string(),
        "digest": pa.string(),
        "evaluation_digest": pa.string(),
    }
)
_PHASES: Final = pa.schema(
    {
        "run": pa.string(),
        "phase": pa.int64(),
        "mode": pa.string(),
        "name": pa.string(),
        "episodes": pa.int64(),
        "steps": pa.int64(),
        "steps_per_second": pa.float64(),
        "mean_return": pa.float64(),
        "sealed": pa.bool_(),
    }
)
_EPISODES: Final = pa.schema(
    {
        "run": pa.string(),
        "phase": pa.int64(),
        "phase_name": pa.string(),
        "mode": pa.string(),
        "rollout": pa.int64(),
        "episode": pa.int64(),
        "steps": pa.int64(),
        "episode_return": pa.float64(),
        "objectives": pa.map_(pa.string(), pa.float64()),
        "terminated": pa.bool_(),
        "truncated": pa.bool_(),
        "attempts": pa.int64(),
        "duration_s": pa.float64(),
        "committed": _TIME,
        "epoch": pa.int64(),
        "seeds": pa.map_(pa.string(), pa.uint64()),
        "digest": pa.string(),
    }
)
_BRAIN_STATES: Final = pa.schema(
    {
        "run": pa.string(),
        "phase": pa.int64(),
        "agent": pa.string(),
        "tag": pa.string(),
        "policy_version": pa.int64(),
        "content_type": pa.string(),
        "size_bytes": pa.int64(),
        "contains": pa.string(),
        "digest": pa.string(),
    }
)
_FAULTS: Final = pa.schema(
    {
        "run": pa.string(),
        "phase": pa.int64(),
        "mode": pa.string(),
        "rollout": pa.int64(),
        "episode": pa.int64(),
        "step": pa.int64(),
        "kind": pa.string(),
        "target": pa.string(),
        "value": pa.float64(),
        "name": pa.string(),
    }
)


def runs_table(tables: Tables) -> Any:
    """Return all runs, newest first."""
    return pa.Table.from_pylist([_run_row(run) for run in every_run(tables)], _RUNS)


def phases_table(tables: Tables, runs: Iterable[str]) -> Any:
    """Return the phases of some runs."""
    rows = [_phase_row(run, phase) for run in runs for phase in tables.phases.summaries(run)]
    return pa.Table.from_pylist(rows, _PHASES)


def episodes_table(tables: Tables, runs: Iterable[str]) -> Any:
    """Return the committed episodes of some runs."""
    rows = [_episode_row(episode) for run in runs for episode in _every_episode(tables, run)]
    return pa.Table.from_pylist(rows, _EPISODES)


def brain_states_table(tables: Tables, runs: Iterable[str]) -> Any:
    """Return the headers of the brain states of some runs."""
    rows = [_state_row(state) for run in runs for state in tables.brain_states.list(run)]
    return pa.Table.from_pylist(rows, _BRAIN_STATES)


def faults_table(tables: Tables, runs: Iterable[str]) -> Any:
    """Return the faults that struck in some runs."""
    rows = [_fault_row(run, fault) for run in runs for fault in tables.faults.list(run)]
    return pa.Table.from_pylist(rows, _FAULTS)


def every_run(tables: Tables) -> Iterator[Run]:
    """Yield all runs, newest first."""
    before: int | None = None
    while found := tables.runs.page(before, _AT_ONCE):
        yield from (run for _, run in found)
        before = found[-1][0]


def _every_episode(tables: Tables, run: str) -> Iterator[CommittedEpisode]:
    after: EpisodeKey | None = None
    while found := tables.episodes.page(run, None, after, _AT_ONCE):
        yield from found
        after = found[-1].summary.key


def _run_row(run: Run) -> dict[str, object]:
    row = {name: getattr(run, name, None) for name in _RUNS.names}
    return {
        **row,
        "status": run.status.value,
        "state": run.state.value,
        "created": run.created_ns // 1000,
        "ended": None if run.ended_ns is None else run.ended_ns // 1000,
        "digest": run.digest.hex(),
        "evaluation_digest": run.evaluation_digest.hex(),
    }


def _phase_row(run: str, phase: PhaseSummary) -> dict[str, object]:
    row = {name: getattr(phase, name, None) for name in _PHASES.names}
    return {**row, "run": run, "mode": phase.mode.value}


def _episode_row(episode: CommittedEpisode) -> dict[str, object]:
    summary = episode.summary
    row = {name: getattr(summary, name, None) for name in _EPISODES.names}
    return {
        **row,
        "run": episode.run,
        "phase": summary.key.phase,
        "phase_name": episode.phase_name,
        "mode": summary.key.mode.value,
        "rollout": summary.key.rollout,
        "episode": summary.key.episode,
        "objectives": list(summary.objectives.items()),
        "seeds": list(summary.seeds.items()),
        "committed": episode.committed_ns // 1000,
        "epoch": episode.epoch,
        "digest": summary.digest.hex(),
    }


def _state_row(state: BrainState) -> dict[str, object]:
    row = {name: getattr(state, name, None) for name in _BRAIN_STATES.names}
    contains = [{"phase": k.phase, "mode": k.mode, "rollout": k.rollout, "episode": k.episode} for k in state.contains]
    return {**row, "contains": json.dumps(contains), "digest": state.digest.hex()}


def _fault_row(run: str, fault: StruckFault) -> dict[str, object]:
    key = fault.key
    row = {name: getattr(fault, name, None) for name in _FAULTS.names}
    where = {"phase": key.phase, "mode": key.mode.value, "rollout": key.rollout, "episode": key.episode}
    return {**row, **where, "run": run, "kind": fault.kind.value}
