"""Runs as a table, one run in full, and both as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sparring.cli.access.records import PhaseRecord, RunRecord
from sparring.cli.playing.summary import phase_to_dict
from sparring.cli.playing.summary_table import ASYNCHRONOUS, phase_table
from sparring.cli.showing.failures import failure_panel
from sparring.cli.showing.faults_table import fault_to_dict, faults_table
from sparring.cli.showing.numbers import NOTHING, duration, moment
from sparring.types.faults import StruckFault

_STYLES: Final = {"finished": "green", "failed": "red", "cancelled": "yellow", "paused": "yellow", "running": "cyan"}


def runs_table(runs: Sequence[RunRecord]) -> Table:
    """Return a row per run."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("run", overflow="fold")
    table.add_column("status")
    table.add_column("began")
    table.add_column("took", justify="right")
    table.add_column("seed", justify="right")
    table.add_column("digest")
    for run in runs:
        table.add_row(
            Text(run.run),
            _status(run),
            moment(run.created),
            _took(run),
            f"{run.seed if run.seed is not None else NOTHING}",
            run.digest[:16] or NOTHING,
        )
    return table


def print_run(
    console: Console, run: RunRecord, phases: Sequence[PhaseRecord], faults: Sequence[StruckFault] = ()
) -> None:
    """Print one run in full."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column(overflow="fold")
    grid.add_row("run", Text(run.run, style="bold"))
    grid.add_row("status", _status(run))
    grid.add_row("state", Text(run.state))
    grid.add_row("began", f"{moment(run.created)}")
    if run.ended is not None:
        grid.add_row("ended", f"{moment(run.ended)}, after {_took(run)}")
    if run.governor and not run.over:
        grid.add_row("governor", Text(run.governor))
    if run.seed is not None:
        grid.add_row("seed", f"{run.seed}")
    if run.digest:
        grid.add_row("digest", run.digest)
    if run.evaluation_digest:
        grid.add_row("evaluation", run.evaluation_digest)
    if not run.deterministic:
        grid.add_row("note", ASYNCHRONOUS)
    console.print(grid)
    if phases:
        console.print(phase_table(phases))
    if faults:
        console.print(faults_table(faults))
    if run.status == "failed":
        console.print(failure_panel(run.error_reason, run.error_message, run.error_reason))


def run_to_json(run: RunRecord, phases: Sequence[PhaseRecord] | None = None, faults: Sequence[StruckFault] = ()) -> str:
    """Return a run as one line of JSON, with its phases if they are given, and the faults that struck if any did."""
    content: dict[str, Any] = {
        "run": run.run,
        "uid": run.uid,
        "status": run.status,
        "state": run.state,
        "phase": run.phase,
        "created": run.created.isoformat(),
        "ended": None if run.ended is None else run.ended.isoformat(),
        "seed": run.seed,
        "digest": run.digest or None,
        "evaluation_digest": run.evaluation_digest or None,
        "deterministic": run.deterministic,
        "governor": run.governor or None,
        "waits_for_governor": run.ungoverned,
        "cancel_requested": run.cancel_requested,
        "pause_requested": run.pause_requested,
    }
    if run.error_reason:
        content["error"] = {"reason": run.error_reason, "message": run.error_message}
    if phases is not None:
        content["phases"] = [phase_to_dict(phase) for phase in phases]
    if faults:
        content["faults"] = [fault_to_dict(fault) for fault in faults]
    return json.dumps(content)


def wish_line(run: RunRecord, wish: str) -> str:
    """Return what became of a wish so far."""
    if run.over or run.status == {"pause": "paused", "resume": "running"}.get(wish):
        return f"{run.run} is {run.status}."
    return f"{run.run} is {run.status}; it will {wish} at its next step."


def _status(run: RunRecord) -> Text:
    if run.ungoverned:
        return Text(f"{run.status}, no governor yet")
    wished = " (cancelling)" if run.cancel_requested else " (pausing)" if run.pause_requested else ""
    note = "" if run.over or run.status == "paused" else wished
    return Text(run.status + note, style=_STYLES.get(run.status, ""))


def _took(run: RunRecord) -> str:
    return NOTHING if run.ended is None else duration((run.ended - run.created).total_seconds())
