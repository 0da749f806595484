"""The steps of a run, in Arrow tables of a bounded size; the first one is empty and has all columns."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import pyarrow as pa

from sparring.cli.access.run_book import RunBook

STEPS_AT_ONCE: Final = 50_000


async def stored_steps(store: str, run: str) -> AsyncIterator[Any]:
    """Yield the steps of all committed episodes from a store on this machine, whether phases are sealed or not."""
    # Late: through a broker nothing of a store is loaded.
    from sparring.store.query import open_store

    with open_store(store) as opened:
        for table in opened.step_tables(run):
            yield table


async def asked_steps(book: RunBook, run: str) -> AsyncIterator[Any]:
    """Ask for the steps piece by piece; those of phases that are not sealed do not come."""
    yield await answer(book, f"SELECT * EXCLUDE (run) FROM steps WHERE run = '{run}' LIMIT 0")
    episodes = await answer(
        book,
        f"SELECT phase, mode, rollout, episode, steps FROM episodes WHERE run = '{run}' "
        "ORDER BY phase, mode DESC, rollout, episode",
    )
    for (phase, mode, rollout), first, last in _ranges(episodes.to_pylist()):
        yield await answer(
            book,
            f"SELECT * EXCLUDE (run) FROM steps WHERE run = '{run}' AND phase = {phase} AND mode = '{mode}' "
            f"AND rollout = {rollout} AND episode BETWEEN {first} AND {last} ORDER BY episode, step",
        )


async def answer(book: RunBook, sql: str) -> Any:
    """Return the answer to a statement as an Arrow table."""
    return pa.ipc.open_stream(await book.query(sql)).read_all()


def _ranges(episodes: list[dict[str, Any]]) -> Iterator[tuple[tuple[int, str, int], int, int]]:
    """Yield ranges of episodes of one rollout worker that together have not too many steps."""
    begun: tuple[tuple[int, str, int], int, int] | None = None
    steps = 0
    for each in episodes:
        key = (each["phase"], each["mode"], each["rollout"])
        if begun is None or begun[0] != key or steps + each["steps"] > STEPS_AT_ONCE:
            if begun is not None:
                yield begun
            begun, steps = (key, each["episode"], each["episode"]), 0
        begun = (key, begun[1], each["episode"])
        steps += each["steps"]
    if begun is not None:
        yield begun
