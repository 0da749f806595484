"""A watch that outlives lost streams."""

from collections.abc import AsyncIterator, Sequence

import pytest

from sparring.cli.access.records import EventRecord, PhaseRecord, ProgressRecord, RunRecord
from sparring.cli.playing.following import follow
from sparring.rpc.retry import Backoff
from sparring.types.errors import NotFoundError, SparringError, UnavailableError
from tests.unit.cli.samples import FINISHED, RUN, commit, progress, transition

QUICK = Backoff(attempts=3, first_s=0.001, most_s=0.001)
Seen = EventRecord | ProgressRecord
LOST = UnavailableError("UNAVAILABLE", "The governor is away.")


class Watched:
    """Yields one script per watch; what is an error is raised. Notes where each watch began."""

    def __init__(self, *scripts: Sequence[Seen | SparringError], run: RunRecord = RUN) -> None:
        self._scripts = list(scripts)
        self._run = run
        self.began: list[int] = []

    async def watch_run(self, run: str, after_revision: int = 0) -> AsyncIterator[Seen]:
        self.began.append(after_revision)
        for each in self._scripts.pop(0):
            if isinstance(each, SparringError):
                raise each
            yield each

    async def run(self, run: str) -> tuple[RunRecord, list[PhaseRecord]]:
        return self._run, []


async def followed(watched: Watched) -> list[Seen]:
    return [seen async for seen in follow(watched, "dummy-1", backoff=QUICK)]


async def test_a_watch_ends_with_the_run() -> None:
    script = [transition(1, RUN), progress(), commit(2), transition(3, FINISHED), transition(4, FINISHED)]
    assert await followed(Watched(script)) == script[:4]


async def test_a_lost_stream_is_taken_up_behind_the_last_event() -> None:
    watched = Watched([transition(1, RUN), commit(2), LOST], [commit(2), transition(3, FINISHED)])
    assert await followed(watched) == [transition(1, RUN), commit(2), transition(3, FINISHED)]
    assert watched.began == [0, 2]


async def test_whoever_is_away_for_too_long_is_an_error() -> None:
    with pytest.raises(UnavailableError) as caught:
        await followed(Watched([LOST], [LOST], [LOST]))
    assert caught.value is LOST


async def test_patience_begins_anew_with_every_sign_of_life() -> None:
    scripts = [[LOST], [LOST], [progress(), LOST], [LOST], [transition(1, FINISHED)]]
    assert await followed(Watched(*scripts)) == [progress(), transition(1, FINISHED)]


async def test_an_unknown_run_is_an_error_at_once() -> None:
    unknown = NotFoundError("RUN_UNKNOWN", "There is no run dummy-1.")
    watched = Watched([unknown])
    with pytest.raises(NotFoundError):
        await followed(watched)
    assert watched.began == [0]


async def test_a_stream_that_ends_without_a_last_event_ends_the_watch_if_the_run_is_over() -> None:
    assert await followed(Watched([transition(1, RUN)], run=FINISHED)) == [transition(1, RUN)]
