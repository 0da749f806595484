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
    dial_out: Annotated[
        bool,
        typer.Option("--dial-out", help="Nobody reaches this machine: sessions come by way of the broker's relay."),
    ] = False,
    listen: Annotated[
        str,
        typer.Option(
            "--listen",
            metavar="HOST:PORT",
            help="Where this process takes the server's sessions in. Port 0 takes any.",
            show_default="127.0.0.1:0",
        ),
    ] = "",
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
        int,
        typer.Option(
            "--calls", metavar="N", min=1, max=1000, help="With --direct: how many calls the server takes at once."
        ),
    ] = 4,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Listen beyond this machine without a token (SPARRING_TOKEN_FILE).")
    ] = False,
) -> None:
    """Register a standing server at a broker, for as long as its health check (grpc.health.v1) passes.

    Its sessions go through this process, which admits as many as the server states in Describe, unless --direct is
    given. Ends with SIGTERM or Ctrl-C; the server goes on. Exit code: 0; 1 if it cannot listen; 2 wrong usage.
    """
    if direct and (dial_out or listen):
        raise typer.BadParameter(
            "--direct leads sessions to the server itself; it goes with neither --dial-out nor --listen."
        )
    if dial_out and listen:
        raise typer.BadParameter("With --dial-out this process listens nowhere; leave --listen out.")
    # Late: what only this command needs is loaded by it.
    from sparring.cli.registering.registrar import keep_registered
    from sparring.cli.registering.splicing import keep_spliced
    from sparring.rpc.logs import configure

    configure()
    broker = connect or os.environ.get("SPARRING_BROKER") or USUAL_BROKER
    if direct:
        asyncio.run(keep_registered(name, server, broker=broker, calls=calls))
    else:
        at = listen or "127.0.0.1:0"
        asyncio.run(keep_spliced(name, server, broker=broker, at=at, dial_out=dial_out, insecure=insecure))
