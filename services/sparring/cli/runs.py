"""`sparring runs list/show/watch/explain/cancel/pause/resume/delete/prune`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from sparring.cli.arguments import DEFAULT_STORE, Connect, Json, Run, Store
from sparring.cli.deleting import delete, prune

if TYPE_CHECKING:
    from sparring.cli.access.run_book import Wish

# Late imports below: what only some commands need is loaded by them.

runs = typer.Typer(help="See what has run and what runs, and tell it to stop, hold or go on.", no_args_is_help=True)


@runs.command("list")
def list_runs(
    store: Store = DEFAULT_STORE,
    connect: Connect = "",
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1000, help="At most so many.")] = 20,
    json: Json = False,
) -> None:
    """List runs, newest first."""
    asyncio.run(_list(store, connect, limit, json))


@runs.command()
def show(run: Run, store: Store = DEFAULT_STORE, connect: Connect = "", json: Json = False) -> None:
    """Show one run: how it stands, what its phases came to, why it failed."""
    asyncio.run(_show(run, store, connect, json))


@runs.command()
def watch(run: Run, store: Store = DEFAULT_STORE, connect: Connect = "", json: Json = False) -> None:
    """Print every durable transition of a run, and its progress, until it has ended.

    Exit code: 0 finished, 1 failed, 130 cancelled.
    """
    raise typer.Exit(asyncio.run(_watch(run, store, connect, json)))


@runs.command()
def explain(
    run: Annotated[str, typer.Argument(metavar="[RUN]", help="Name of a run, or `latest`.")] = "latest",
    store: Store = DEFAULT_STORE,
    connect: Connect = "",
    look: Annotated[
        float,
        typer.Option("--look", metavar="SECONDS", min=0, max=600, help="With --connect: see for so long what moves."),
    ] = 3.0,
    json: Json = False,
) -> None:
    """Say why a run is where it is: who waits for whom, since when, and what happens next."""
    asyncio.run(_explain(run, store, connect, look, json))


@runs.command()
def cancel(run: Run, store: Store = DEFAULT_STORE, connect: Connect = "") -> None:
    """End a run at its next step; what is committed is kept."""
    asyncio.run(_wish(run, "cancel", store, connect))


@runs.command()
def pause(run: Run, store: Store = DEFAULT_STORE, connect: Connect = "") -> None:
    """Hold a run at its next step; it keeps what it holds."""
    asyncio.run(_wish(run, "pause", store, connect))


@runs.command()
def resume(run: Run, store: Store = DEFAULT_STORE, connect: Connect = "") -> None:
    """Go on with a run that was paused. For one whose process died there is `sparring run --resume RUN`."""
    asyncio.run(_wish(run, "resume", store, connect))


runs.command()(delete)
runs.command()(prune)


async def _list(store: str, connect: str, limit: int, json: bool) -> None:
    from sparring.cli.access.run_book import run_book
    from sparring.cli.showing.runs_table import run_to_json, runs_table
    from sparring.cli.showing.terminal import output

    async with run_book(connect, store) as book:
        found = await book.runs(limit)
    if json:
        print(*map(run_to_json, found), sep="\n", end="\n" if found else "")
    elif found:
        output().print(runs_table(found))
    else:
        print("No runs yet.")


async def _show(name: str, store: str, connect: str, json: bool) -> None:
    from sparring.cli.access.run_book import run_book
    from sparring.cli.showing.runs_table import print_run, run_to_json
    from sparring.cli.showing.terminal import output

    async with run_book(connect, store) as book:
        run, phases = await book.run(name)
        faults = await book.faults(run.run)
    if json:
        print(run_to_json(run, phases, faults))
    else:
        print_run(output(), run, phases, faults)


async def _watch(name: str, store: str, connect: str, json: bool) -> int:
    import sys

    from sparring.cli.access.records import EventRecord
    from sparring.cli.access.run_book import run_book
    from sparring.cli.playing.following import follow
    from sparring.cli.playing.json_lines import JsonLines
    from sparring.cli.playing.summary import Summary
    from sparring.cli.showing.transitions import Transitions

    async with run_book(connect, store) as book:
        run, _ = await book.run(name)
        file = (await book.document(run.run))[1]
        tell = JsonLines(sys.stdout) if json else Transitions(sys.stdout)
        with tell.watching(run, (), file=file, store=connect or store):
            async for seen in follow(book, run.run):
                if isinstance(seen, EventRecord):
                    tell.event(seen)
                else:
                    tell.progress(seen)
        summary = Summary.of(file, *await book.run(run.run), store=connect or store)
        tell.ended(summary)
        return summary.exit_code


async def _explain(name: str, store: str, connect: str, look_s: float, json: bool) -> None:
    from sparring.cli.access.gathering import gather_connected, gather_local
    from sparring.cli.showing.explanation import explain as explained
    from sparring.cli.showing.explanation_output import explanation_to_json, print_explanation
    from sparring.cli.showing.terminal import output

    gathered = gather_connected(name, connect, look_s) if connect else gather_local(name, store)
    made = explained(await gathered)
    if json:
        print(explanation_to_json(made))
    else:
        print_explanation(output(), made)


async def _wish(name: str, wish: Wish, store: str, connect: str) -> None:
    from sparring.cli.access.run_book import run_book
    from sparring.cli.showing.runs_table import wish_line

    async with run_book(connect, store) as book:
        run, _ = await book.run(name)
        print(wish_line(await book.wish(run.run, wish), wish))
