"""`sparring query`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from sparring.cli.arguments import DEFAULT_STORE, Connect, Store


def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One statement, read only.", show_default=False)],
    store: Store = DEFAULT_STORE,
    connect: Connect = "",
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per row instead.", show_default=False)
    ] = False,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, help="Print at most so many rows as a table.")
    ] = 100,
) -> None:
    """Ask runs, phases, episodes, brain_states and steps in SQL (duckdb's dialect).

    For instance: sparring query "SELECT mode, avg(episode_return) FROM episodes GROUP BY mode"
    """
    asyncio.run(_query(sql, store, connect, json, limit))


async def _query(sql: str, store: str, connect: str, json: bool, limit: int) -> None:
    # Late: what only this command needs is loaded by it.
    from sparring.cli.access.run_book import run_book
    from sparring.cli.showing.rows import json_lines, rows_table
    from sparring.cli.showing.terminal import output

    async with run_book(connect, store) as book:
        stream = await book.query(sql)
    if json:
        for line in json_lines(stream):
            print(line)
    else:
        output().print(rows_table(stream, limit))
