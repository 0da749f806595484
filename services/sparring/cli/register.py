"""`sparring register`."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated, Final

import typer

USUAL_BROKER: Final = "127.0.0.1:7000"


def register(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Service name, as documents use it.", show_default=False)],
    server: Annotated[
        str, typer.Argument(metavar="HOST:PORT", help="The server, in any language.", show_default=False)
    ],
    direct: Annotated[
        bool,
        typer.Option("--direct", help="Sessions go to the server itself, which refuses those beyond its capacity."),
    ] = False,
    connect: Annotated[
        str,
        typer.Option(
            "--connect",
            metavar="BROKER",
            help="host:port of the broker.",
            show_default=f"SPARRING_BROKER, else {USUAL_BROKER}",
        ),
    ] = "",
    calls: Annotated[
        int, typer.Option("--calls", metavar="N", min=1, max=1000, help="How many calls the server takes at once.")
    ] = 4,
) -> None:
    """Register a standing server at a broker, for as long as its health check (grpc.health.v1) passes.

    Ends with SIGTERM or Ctrl-C; the server goes on. Exit code: 0.
    """
    if not direct:
        raise typer.BadParameter(
            "sessions through this process come with a later version; say --direct to let them go to the server itself."
        )
    # Late: what only this command needs is loaded by it.
    from sparring.cli.registering.registrar import keep_registered
    from sparring.rpc.logs import configure

    configure()
    broker = connect or os.environ.get("SPARRING_BROKER") or USUAL_BROKER
    asyncio.run(keep_registered(name, server, broker=broker, calls=calls))
