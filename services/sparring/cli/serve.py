"""`sparring serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from sparring.cli.serving.entries import Service, has_slots, start


def _flag(name: str, metavar: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(name, metavar=metavar, help=text, show_default=False)
    return option


def serve(
    name: Annotated[Service, typer.Argument(metavar="NAME", help="The service.", show_default=False)],
    address: Annotated[str, _flag("--address", "HOST:PORT", "Where to listen; port 0 takes any.")] = "",
    http_address: Annotated[
        str, _flag("--http-address", "HOST:PORT", "Where health and metrics are served over HTTP.")
    ] = "",
    broker: Annotated[str, _flag("--broker", "HOST:PORT", "The broker to register at.")] = "",
    slots: Annotated[
        int | None,
        typer.Option(
            "--slots", metavar="N", min=1, help="How many sessions to hold, a process each.", show_default=False
        ),
    ] = None,
    plugins: Annotated[
        list[str] | None,
        typer.Option("--plugin", metavar="MODULE", help="Module with your classes; repeatable.", show_default=False),
    ] = None,
    token_file: Annotated[str, _flag("--token-file", "FILE", "File with the token that all parts share.")] = "",
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Listen beyond this machine without a token.", show_default=False)
    ] = False,
) -> None:
    """Run one service until SIGTERM: broker, store, governor, simulation, environment or agent.

    Every flag has an environment variable, which it goes before: SPARRING_NAME_ADDRESS, SPARRING_NAME_HTTP_ADDRESS,
    SPARRING_NAME_SLOTS, SPARRING_BROKER, SPARRING_PLUGINS, SPARRING_TOKEN_FILE, SPARRING_INSECURE. With --plugin,
    `simulation` runs environments and muscles in its own slots, where documents ask for it. Exit code: 0 after
    SIGTERM, 2 wrong settings.
    """
    if slots is not None and not has_slots(name):
        raise typer.BadParameter(f"{name.value} has no slots.", param_hint="--slots")
    given = {
        "address": address,
        "http_address": http_address,
        "broker": "" if name is Service.BROKER else broker,
        "slots": str(slots or ""),
        "plugins": ",".join(plugins or ()),
        "token_file": token_file,
        "insecure": "true" if insecure else "",
    }
    raise typer.Exit(start(name, given))
