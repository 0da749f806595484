"""`sparring services`."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sparring.cli.arguments import Json

if TYPE_CHECKING:
    from sparring.cli.access.connection import Connection

USUAL_BROKER: Final = "127.0.0.1:7000"
_EVERY_S: Final = 1.0


def services(
    connect: Annotated[
        str,
        typer.Option(
            "--connect",
            metavar="BROKER",
            help="host:port of the broker.",
            show_default=f"SPARRING_BROKER, else {USUAL_BROKER}",
        ),
    ] = "",
    watch: Annotated[bool, typer.Option("--watch", help="Go on until Ctrl-C.", show_default=False)] = False,
    json: Json = False,
) -> None:
    """Show who is registered at a broker, what is busy and idle, who waits, and how each is reached."""
    broker = connect or os.environ.get("SPARRING_BROKER") or USUAL_BROKER
    asyncio.run(_services(broker, watch, json))


async def _services(broker: str, watch: bool, json: bool) -> None:
    # Late: what only this command needs is loaded by it.
    from sparring.cli.access.connection import connected

    async with connected(broker) as connection:
        if watch:
            await _watch(connection, broker, json)
            return
        from sparring.cli.showing.services_table import json_line, services_table
        from sparring.cli.showing.terminal import output

        found = await connection.services()
        if json:
            print(json_line(found))
        else:
            output().print(services_table(found, broker))


async def _watch(connection: Connection, broker: str, json: bool) -> None:
    from rich.live import Live

    from sparring.cli.showing.services_table import json_line, services_table
    from sparring.cli.showing.terminal import output

    if json:
        async for found in connection.watch_services():
            print(json_line(found), flush=True)
        return
    console = output()
    if not console.is_terminal:
        async for found in connection.watch_services():
            console.print(services_table(found, broker))
        return
    with Live(console=console, auto_refresh=False, vertical_overflow="visible") as live:
        while True:  # asked anew, not watched: ages grow also while nothing changes
            live.update(services_table(await connection.services(), broker), refresh=True)
            await asyncio.sleep(_EVERY_S)
