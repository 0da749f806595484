"""Options that several commands share, with one wording."""

from __future__ import annotations

from typing import Annotated, Final

import typer

DEFAULT_STORE: Final = "sparring-data"

Files = Annotated[list[str], typer.Argument(metavar="FILE...", help="Experiment documents.", show_default=False)]
Run = Annotated[str, typer.Argument(metavar="RUN", help="Name of a run, or `latest`.", show_default=False)]
Connect = Annotated[
    str,
    typer.Option(
        "--connect",
        metavar="BROKER",
        help="Use a deployed system: host:port of its broker.",
        show_default=False,
    ),
]
Store = Annotated[
    str,
    typer.Option("--store", metavar="DIR_OR_URI", help="Store on this machine: its folder, or a database URI."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead.", show_default=False)]
