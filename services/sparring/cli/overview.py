"""`sparring` alone: what it is, and where to begin."""

from __future__ import annotations

from typing import Final

import typer

import sparring

_COMMANDS: Final = (
    ("run FILE", "play an experiment on this machine, with everything it needs"),
    ("check FILE", "say what is wrong with a document, without playing it"),
    ("runs list", "see what has run; also show, watch, cancel, pause, resume"),
    ("plot RUN", "draw what agents achieved, episode by episode"),
    ("query SQL", "ask runs, episodes and steps"),
    ("export RUN DIR", "write episodes and steps into Parquet or CSV files"),
    ("verify RUN", "recompute a run's digests from what is stored"),
    ("new environment", "begin an environment of your own, in one of several languages"),
    ("conformance", "test an environment server, of any language"),
    ("serve NAME", "run one service of a deployed system"),
    ("register", "register a standing server at a broker"),
    ("services", "see who is registered at a broker"),
)


def overview() -> None:
    """Print it."""
    typer.secho(f"Sparring {sparring.__version__}", bold=True, nl=False)
    typer.echo("  a training ground for agents, with and against each other\n")
    for command, meaning in _COMMANDS:
        typer.secho(f"  sparring {command:<16}", fg="cyan", nl=False)
        typer.echo(f" {meaning}")
    typer.echo("\nBegin with:")
    typer.secho("  sparring run examples/cartpole.yml", fg="cyan")
    typer.echo("\n`sparring COMMAND --help` tells more.")
