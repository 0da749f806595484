"""`sparring check`."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import typer

from sparring.cli.arguments import Connect, Files

if TYPE_CHECKING:
    from sparring.cli.access.connection import Connection


def check(files: Files, connect: Connect = "") -> None:
    """Check experiment documents without playing them.

    Prints `file:line: path: message` for every problem of every file. Classes are imported and tried in a process of
    their own; servers (`address:`) are asked; services (`service:`) only with --connect, which also asks the services,
    and not this machine, for classes. Exit code: 0 all is well, 2 otherwise.
    """
    raise typer.Exit(asyncio.run(_check(files, connect)))


async def _check(files: list[str], connect: str) -> int:
    # Late: what only this command needs is loaded by it.
    from sparring.cli.checking.check import check_components, lines_of, read

    code = 0
    async with contextlib.AsyncExitStack() as stack:
        connection: Connection | None = None
        if connect:
            from sparring.cli.access.connection import connected

            connection = await stack.enter_async_context(connected(connect))
        for file in files:
            document, problems = read(file)
            if document is None:
                code = 2
                print(*lines_of(file, problems), sep="\n", flush=True)
                continue
            report = await check_components(document, connection)
            code = 2 if report.problems else code
            print(*lines_of(file, report), sep="\n", flush=True)
    return code
