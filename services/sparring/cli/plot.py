"""`sparring plot`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from sparring.cli.arguments import DEFAULT_STORE, Connect, Store

_SUFFIXES = (".png", ".svg", ".pdf")


def plot(
    run: Annotated[
        str, typer.Argument(metavar="[RUN]", help="Name of a run, or `latest`.", show_default=False)
    ] = "latest",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where the picture goes: a .png, .svg or .pdf file.",
            show_default="`plots/RUN.png` in the store's folder; with --connect `RUN.png`",
        ),
    ] = None,
    store: Store = DEFAULT_STORE,
    connect: Connect = "",
) -> None:
    """Draw returns, objectives and lengths of a run's committed episodes, phase by phase, with a running mean.

    Prints a line of text per phase, and writes a picture. Phases stand side by side and share their scales, so that
    learning and testing can be compared. A run that goes on, or has failed, is drawn as far as it got.
    """
    if output is not None and output.suffix.lower() not in _SUFFIXES:
        raise typer.BadParameter(f"{output} is none of {', '.join(_SUFFIXES)}.", param_hint="--output")
    asyncio.run(_plot(run, output, store, connect))


async def _plot(name: str, output: Path | None, store: str, connect: str) -> None:
    # Late: what only this command needs is loaded by it, matplotlib above all.
    from sparring.cli.access.run_book import run_book
    from sparring.cli.plotting.curves import curves_of
    from sparring.cli.plotting.gathering import Gathering
    from sparring.cli.plotting.places import usual_place, write
    from sparring.cli.plotting.sparklines import sparklines
    from sparring.cli.showing.terminal import output as console_of_output
    from sparring.types.errors import FailedPreconditionError

    gathering = Gathering()
    async with run_book(connect, store) as book:
        run, _ = await book.run(name)
        async for episode in book.episodes(run.run):
            gathering.add(episode)
    if not gathering:
        raise FailedPreconditionError(
            "NO_EPISODES",
            f"{run.run} is {run.status} and has no committed episode yet: there is nothing to draw.",
            run=run.run,
            status=run.status,
        )
    curves = curves_of(gathering)
    console = console_of_output()
    console.print(sparklines(curves, console))
    from sparring.cli.plotting.picture import draw

    file = output or usual_place(run.run, store, connect)
    write(file, draw(curves, f"{run.run} ({run.status}, seed {run.seed})", file.suffix[1:].lower()))
    print(f"picture: {file}")
