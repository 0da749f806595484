"""`sparring new`: a scaffold that builds, is served and trains an agent as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final

import typer

from sparring.cli.scaffolding import LANGUAGES, reserved, write_environment

new = typer.Typer(help="Make something of your own to begin with.", no_args_is_help=True)

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST: Final = 40


@new.command()
def environment(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="Its name, and that of its folder: small letters, digits, hyphens."),
    ],
    language: Annotated[
        str, typer.Option("--language", "-l", metavar="LANGUAGE", help=f"One of {', '.join(LANGUAGES)}.")
    ] = "python",
) -> None:
    """Write an environment of your own into a new folder: source, build, Dockerfile, document, README.

    A room with a heater, to be replaced by your simulator. It needs nothing of Sparring but the contract, which lies in
    `protos/`; in Python it needs Sparring. Exit code: 0; 2 for a name that cannot be one, a language that is not there,
    or a folder that is.
    """
    if language not in LANGUAGES:
        raise typer.BadParameter(f"{language!r} is not one of {', '.join(LANGUAGES)}.", param_hint="--language")
    if _NAME.fullmatch(name) is None or len(name) > _LONGEST:
        raise typer.BadParameter(
            f"{name!r} cannot be a name: small letters, digits and single hyphens, beginning with a letter, "
            f"at most {_LONGEST} characters.",
            param_hint="NAME",
        )
    if name in reserved():
        raise typer.BadParameter(f"{name!r} means something else already; give another name.", param_hint="NAME")
    folder = Path(name)
    if folder.exists() or folder.is_symlink():
        raise typer.BadParameter(f"{name} exists here already; give another name, or move it away.", param_hint="NAME")
    for step in write_environment(folder, language):
        typer.echo(step)
