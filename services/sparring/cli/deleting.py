"""`sparring runs delete/prune`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sparring.cli.arguments import DEFAULT_STORE, Run, Store

if TYPE_CHECKING:
    from sparring.cli.access.deletion import Deletable

# Late imports below: what only some commands need is loaded by them.

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.", show_default=False)]

_AGE: Final = re.compile(r"(\d{1,6})([mhdw])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def delete(run: Run, store: Store = DEFAULT_STORE, yes: Yes = False) -> None:
    """Delete a run: rows, steps, brain states, picture. Asks before; refused while somebody carries it out."""
    from sparring.cli.access.deletion import find

    _delete([asyncio.run(find(store, run))], store, yes)


def prune(
    keep: Annotated[
        int | None, typer.Option("--keep", metavar="N", min=0, help="Keep the N newest.", show_default=False)
    ] = None,
    older_than: Annotated[
        str,
        typer.Option(
            "--older-than",
            metavar="AGE",
            help="Only those that ended so long ago: 90m, 12h, 30d, 8w.",
            show_default=False,
        ),
    ] = "",
    store: Store = DEFAULT_STORE,
    yes: Yes = False,
) -> None:
    """Delete runs that have ended: all but the N newest, or old ones, or both at once. Asks before."""
    from sparring.cli.access.deletion import outdated

    if keep is None and not older_than:
        raise typer.BadParameter("say what to keep: --keep N, --older-than AGE, or both")
    found = asyncio.run(outdated(store, keep or 0, _age(older_than), datetime.now(UTC)))
    if not found:
        print("Nothing to delete.")
        return
    _delete(found, store, yes)


def _delete(found: Sequence[Deletable], store: str, yes: bool) -> None:
    from sparring.cli.access.deletion import delete
    from sparring.cli.showing.numbers import count
    from sparring.cli.showing.runs_table import runs_table
    from sparring.cli.showing.terminal import output

    size = f"{sum(each.size_bytes for each in found) / 2**20:,.1f} MiB"
    if not yes:
        output().print(runs_table([each.run for each in found]))
        typer.confirm(f"Delete {count(len(found), 'run')} with {size} of files?", abort=True)
    delete(store, [each.run.run for each in found])
    print(f"Deleted {count(len(found), 'run')} with {size} of files.")


def _age(text: str) -> timedelta | None:
    if not text:
        return None
    found = _AGE.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is no age; write 90m, 12h, 30d or 8w", param_hint="--older-than")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
