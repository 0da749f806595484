"""`sparring verify`."""

from __future__ import annotations

import asyncio
from typing import Any

import typer

from sparring.cli.arguments import DEFAULT_STORE, Connect, Json, Run, Store


def verify(run: Run, store: Store = DEFAULT_STORE, connect: Connect = "", json: Json = False) -> None:
    """Recompute the digests of a run from what is stored.

    Names phase, rollout worker and episode of everything that differs. Exit code: 0 all is well, 1 otherwise.
    """
    raise typer.Exit(asyncio.run(_verify(run, store, connect, json)))


async def _verify(name: str, store: str, connect: str, json: bool) -> int:
    # Late: what only this command needs is loaded by it.
    from sparring.cli.access.records import VerifiedRecord
    from sparring.cli.access.run_book import run_book
    from sparring.cli.showing import verification

    async with run_book(connect, store) as book:
        run, _ = await book.run(name)
        tell: Any = verification.json_line if json else verification.line
        code = 1
        async for found in book.verify(run.run):
            print(tell(run, found), flush=True)
            if isinstance(found, VerifiedRecord):
                code = 0 if found.equal else 1  # the last one; reading on lets the reader end in order
    return code
