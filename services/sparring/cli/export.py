"""`sparring export`."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sparring.cli.arguments import DEFAULT_STORE, Connect, Run, Store


class Format(StrEnum):
    """Kinds of files."""

    PARQUET = "parquet"
    CSV = "csv"


def export(
    run: Run,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder that is empty, or not there yet.", show_default=False)
    ],
    kind: Annotated[
        Format, typer.Option("--format", metavar="parquet|csv", help="Kind of the files.")
    ] = Format.PARQUET,
    store: Store = DEFAULT_STORE,
    connect: Connect = "",
) -> None:
    """Write phases, episodes, brain states and steps of a run into a folder, with its document and a README.

    With --connect there are no steps of phases that are not complete. The README comes last: a folder without one is
    not complete.
    """
    asyncio.run(_export(run, folder, kind, store, connect))


async def _export(name: str, folder: Path, kind: Format, store: str, connect: str) -> None:
    # Late: what only this command needs is loaded by it.
    from sparring.cli.access.run_book import run_book
    from sparring.cli.exporting.folder import export_run
    from sparring.cli.exporting.steps import asked_steps, stored_steps
    from sparring.cli.showing.numbers import count

    async with run_book(connect, store) as book:
        run, _ = await book.run(name)
        steps = asked_steps(book, run.run) if connect else stored_steps(store, run.run)
        rows = await export_run(book, run, folder, kind.value, steps)
    for table, number in rows.items():
        print(f"{folder / table}.{kind.value}: {count(number, 'row')}")
    print(folder / "README.md")
