"""`sparring query`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from sparring.cli.arguments import DEFAULT_STORE, Connect, Store
from sparring.types.errors import InvalidArgumentError

ROWS_OF_A_TABLE = 100
_MISUSED = 2


def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One statement, read only.", show_default=False)],
    store: Store = DEFAULT_STORE,
    connect: Connect = "",
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per row instead.", show_default=False)
    ] = False,
    csv: Annotated[
        bool, typer.Option("--csv", help="Print comma-separated values instead.", show_default=False)
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            metavar="N",
            min=0,
            help="Print at most so many rows.",
            show_default=f"{ROWS_OF_A_TABLE} as a table, else all",
        ),
    ] = None,
) -> None:
    """Ask runs, phases, episodes, brain_states, faults and steps in SQL (duckdb's dialect).

    For instance: sparring query "SELECT mode, avg(episode_return) FROM episodes WHERE run = latest() GROUP BY mode"

    `DESCRIBE episodes` lists the columns of a table, and `latest()` is the name of the newest run. Exit code: 2 if the
    statement cannot be run.
    """
    if json and csv:
        raise typer.BadParameter("--json and --csv exclude each other.")
    try:
        asyncio.run(_query(sql, store, connect, json, csv, limit))
    except InvalidArgumentError as error:
        if error.reason != "QUERY_INVALID":
            raise
        # Not in a panel, which breaks lines: it points at a place in the statement.
        typer.echo(f"{error.reason}: {error.message}", err=True)
        raise typer.Exit(_MISUSED) from error


async def _query(sql: str, store: str, connect: str, json: bool, csv: bool, limit: int | None) -> None:
    # Late: what only this command needs is loaded by it.
    from sparring.cli.access.run_book import run_book
    from sparring.cli.showing.rows import csv_lines, json_lines, rows_table
    from sparring.cli.showing.terminal import output

    async with run_book(connect, store) as book:
        stream = await book.query(sql)
    if json or csv:
        for line in (json_lines if json else csv_lines)(stream, limit):
            print(line)
    else:
        console = output()
        console.print(rows_table(stream, ROWS_OF_A_TABLE if limit is None else limit, console.width))
