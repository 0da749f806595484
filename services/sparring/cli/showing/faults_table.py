"""The faults that struck in a run, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from sparring.cli.showing.numbers import score
from sparring.types.faults import StruckFault

MOST: Final = 20
"""So many are shown; `sparring query` shows all."""


def faults_table(faults: Sequence[StruckFault]) -> Group:
    """Return the first faults that struck, and how many there are."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("fault")
    table.add_column("target", overflow="fold")
    for heading in ("value", "phase", "rollout", "episode", "step"):
        table.add_column(heading, justify="right")
    for each in faults[:MOST]:
        value = score(each.value) if each.value else ""
        where = (each.key.phase, each.key.rollout, each.key.episode, each.step)
        table.add_row(each.kind.value.replace("_", " "), Text(each.target), value, *map(str, where))
    more = len(faults) - MOST
    if more <= 0:
        return Group(table)
    query = 'sparring query "SELECT * FROM faults WHERE run = latest()"'
    return Group(table, Text(f"and {more:,} more, as by: {query}", style="dim"))


def fault_to_dict(fault: StruckFault) -> dict[str, Any]:
    """Return a fault as JSON's values."""
    key = fault.key
    return {
        "kind": fault.kind.value,
        "target": fault.target,
        "value": fault.value,
        "phase": key.phase,
        "mode": key.mode.value,
        "rollout": key.rollout,
        "episode": key.episode,
        "step": fault.step,
    }
