"""`sparring run`."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sparring.cli.arguments import DEFAULT_STORE, Connect, Store
from sparring.types.errors import SparringError

if TYPE_CHECKING:
    from sparring.cli.playing.options import RunOptions
    from sparring.cli.playing.reporter import Reporter


class Placement(StrEnum):
    """Where environments and muscles run."""

    AUTO = "auto"
    INLINE = "inline"
    SERVICE = "service"


def run(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE...", help="Experiment documents.", show_default=False)
    ] = None,
    json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON event per line; the last is the summary.", show_default=False),
    ] = False,
    store: Store = DEFAULT_STORE,
    placement: Annotated[
        Placement | None,
        typer.Option(
            "--placement",
            metavar="auto|inline|service",
            help="Run environments and muscles in the rollout worker's process, or in slots of their own.",
            show_default="the document's",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", min=0, help="The run's seed.", show_default="the document's")
    ] = None,
    slots: Annotated[
        int | None,
        typer.Option(
            "--slots",
            metavar="N",
            min=1,
            help="How many rollout workers play at the same time on this machine.",
            show_default="one per core",
        ),
    ] = None,
    resume: Annotated[
        str, typer.Option("--resume", metavar="RUN", help="Go on with a run, or `latest`.", show_default=False)
    ] = "",
    connect: Connect = "",
    detach: Annotated[
        bool, typer.Option("--detach", help="With --connect: submit, and do not wait.", show_default=False)
    ] = False,
    no_plot: Annotated[
        bool,
        typer.Option(
            "--no-plot", help="Draw no picture at the end (--json and --connect never do).", show_default=False
        ),
    ] = False,
) -> None:
    """Play experiment documents: everything needed runs on this machine, unless --connect names a deployed system.

    The files are played one after the other, once all of them have been checked. Exit code: 0 finished, 1 failed,
    2 bad document or usage, 130 interrupted. Ctrl-C once ends in order, and what is committed stays; twice, now.
    """
    if bool(files) is bool(resume):
        raise typer.BadParameter("name either documents to run, or with --resume a run to go on with.")
    if detach and not connect:
        raise typer.BadParameter("--detach needs --connect: what runs on this machine ends with this command.")
    # Late, here and below: what only some commands need is loaded by them.
    from sparring.cli.playing.options import RunOptions

    options = RunOptions(
        store=store,
        connect=connect,
        placement=placement.value if placement else "",
        seed=seed,
        resume=resume,
        detach=detach,
        json=json,
        slots=slots,
        plot=not no_plot,
    )
    try:
        code = asyncio.run(_run(options, files or []))
    except SparringError:
        raise
    except Exception as error:
        from sparring.cli.showing.failures import show_bug

        show_bug(error, _folder(store))
        code = 1
    raise typer.Exit(code)


def _folder(store: str) -> Path | None:
    """Return the store's folder, if it is there."""
    folder = Path(store)
    return folder if "://" not in store and folder.is_dir() else None


async def _run(options: RunOptions, files: list[str]) -> int:
    from sparring.cli.playing.interrupts import INTERRUPTED, Interrupts
    from sparring.cli.playing.session import Session
    from sparring.rpc.logs import configure

    interrupts = Interrupts()
    with interrupts.handled(), _reporter(options) as reporter:
        # What fails is told with its place by the reporter; tracebacks are for those who ask for them.
        configure(default_level="WARNING" if options.connect else "CRITICAL")
        try:
            return await Session(options, reporter, interrupts).play(files)
        except asyncio.CancelledError:
            if not interrupts.count:
                raise
            return INTERRUPTED


@contextlib.contextmanager
def _reporter(options: RunOptions) -> Iterator[Reporter]:
    if options.json:
        from sparring.cli.playing.json_lines import JsonLines

        yield JsonLines(sys.stdout)
        return
    from sparring.cli.showing.terminal import complaints, console_of, output

    console = output()
    pictures = options.store if options.plot and not options.connect else ""
    if not console.is_terminal:
        from sparring.cli.playing.lines import Lines

        yield Lines(console, complaints(), pictures=pictures)
        return
    from sparring.cli.playing.bars import Bars
    from sparring.cli.showing.captured import captured

    if not sys.stderr.isatty():
        yield Bars(console, complaints(), pictures=pictures)
        return
    # What author code prints would tear the bars apart: it is shown above them.
    with captured(lambda line: console.out(line, highlight=False)) as stream:
        yield Bars(console, console_of(stream), pictures=pictures)
