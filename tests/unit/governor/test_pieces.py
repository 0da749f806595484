"""Small pieces: the book of a phase, the progress board, streams shown as one, things done together, conditions."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from sparring.experiment.conditions.base import PhaseProgress, TerminationCondition, Verdict
from sparring.experiment.document import load_document
from sparring.experiment.run import ComponentSpec
from sparring.governor.conditions import Judge, make_condition
from sparring.governor.merging import merged
from sparring.governor.phase_book import Pace, PhaseBook
from sparring.governor.progress_board import ProgressBoard, ProgressNote
from sparring.governor.rollout_frames import EpisodeCommitted, RolloutProgress
from sparring.governor.run_record import Count
from sparring.governor.together import together
from sparring.types.episode import EpisodeKey
from sparring.types.errors import AuthorError, HungError, InvalidArgumentError, LostError
from sparring.types.mode import Mode
from tests.unit.governor.stage import document, phase

FREELY = Pace()


def book(worker: int = 2, episodes: int = 4, pace: Pace = FREELY, results: int = 0) -> PhaseBook:
    text = document(phase(worker=worker, episodes=episodes))
    return PhaseBook(load_document(text).expand().phases[0], results, pace)


def played(rollout: int, episode: int, steps: int = 10) -> EpisodeCommitted:
    return EpisodeCommitted(EpisodeKey(0, Mode.TRAIN, rollout, episode), steps)


def test_an_episode_counts_once_however_often_it_is_told() -> None:
    found = book()
    assert [found.note(played(0, 0)), found.note(played(0, 0)), found.note(played(1, 0, 7))] == [True, False, True]
    assert found.counts() == {0: Count(1, 10), 1: Count(1, 7)}


def test_rounds_go_on_after_what_was_recovered() -> None:
    found = book()
    found.recover([played(0, 0), played(0, 1), played(1, 0), played(1, 2)])
    found.set_pace(Pace(rounds=True))
    assert (found.round, found.first_open(0), found.first_open(1)) == (1, 2, 1)
    assert [found.allowance(0), found.allowance(1)] == [2, 2]
    assert (found.used_up(0), found.used_up(1), found.round_complete()) == (True, False, False)


def test_a_rollout_worker_that_is_over_is_not_waited_for() -> None:
    found = book(pace=Pace(rounds=True))
    found.end(1)
    found.note(played(0, 0))
    assert found.round_complete()
    assert found.round_keys() == (EpisodeKey(0, Mode.TRAIN, 0, 0),)
    assert found.unfinished() == [0]


def test_conditions_see_the_last_results_in_learning_order() -> None:
    found = book(results=2)
    for episode in range(4):
        for rollout in (1, 0):
            found.note(played(rollout, episode))
    progress = found.progress()
    assert [(one.episode, one.rollout) for one in progress.results] == [(2, 0), (2, 1), (3, 0), (3, 1)]
    assert progress.committed == (4, 4)


def note(rollout: int, step: int) -> ProgressNote:
    return ProgressNote(0, "train", rollout, 5, RolloutProgress(0, step, step, 1.0, 0.0))


async def test_a_slow_watcher_misses_progress_but_never_the_newest() -> None:
    board = ProgressBoard()
    for step in range(5):
        board.post(note(0, step))
    board.post(note(1, 9))
    shown = board.changes()
    assert [(await anext(shown)).progress.step for _ in range(2)] == [4, 9]
    waiting = asyncio.ensure_future(anext(shown))
    await asyncio.sleep(0)
    board.begin_phase()
    board.post(note(0, 6))
    assert (await waiting).progress.step == 6


async def numbers(*given: int, then: Exception | None = None, for_ever: bool = False) -> AsyncIterator[int]:
    for each in given:
        yield each
    if then is not None:
        raise then
    if for_ever:
        await asyncio.Event().wait()


async def test_two_streams_are_one_until_the_lasting_one_ends() -> None:
    both = merged(numbers(1, 2, 3), numbers(10, for_ever=True), asyncio.Event())
    found = [each async for each in both]
    assert [each for each in found if each < 10] == [1, 2, 3]


async def test_a_passing_stream_that_ends_does_not_end_the_lasting_one() -> None:
    found = [each async for each in merged(numbers(1, 2, 3), numbers(), asyncio.Event())]
    assert found == [1, 2, 3]


async def test_what_a_stream_raises_is_raised() -> None:
    with pytest.raises(LostError):
        async for _ in merged(numbers(then=LostError("GONE", "gone")), numbers(for_ever=True), asyncio.Event()):
            pass


async def test_streams_shown_as_one_end_when_told_to() -> None:
    stop = asyncio.Event()
    both = merged(numbers(1, for_ever=True), numbers(for_ever=True), stop)
    assert await anext(both) == 1
    stop.set()
    assert await anext(both, None) is None


async def test_the_first_failure_in_order_is_raised_as_it_is_and_ends_the_others() -> None:
    ended = asyncio.Event()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def fail(reason: str) -> None:
        raise LostError(reason, reason)

    with pytest.raises(LostError) as caught:
        await together([wait(), fail("FIRST"), fail("SECOND")])
    assert (caught.value.reason, ended.is_set()) == ("FIRST", True)


class Foreign(TerminationCondition):
    """A condition as an author writes it."""

    def __init__(self, patience: int = 0) -> None:
        self.patience = patience
        self.release = threading.Event()

    def phase_flow_control(self, progress: PhaseProgress, rollout: int) -> Verdict:
        if self.patience < 0:
            raise ValueError("out of patience")
        if self.patience > 0:
            self.release.wait(self.patience)
        return Verdict(reason="fine")


NOTHING = PhaseProgress(Mode.TRAIN, 1, None, (0,))


def judge(condition: TerminationCondition) -> Judge:
    return Judge(condition, foreign=True, deadline_s=0.05)


async def test_an_authors_condition_is_asked() -> None:
    assert [verdict.reason for verdict in await judge(Foreign()).verdicts(NOTHING, [0])] == ["fine"]


async def test_an_authors_condition_that_raises_is_blamed() -> None:
    with pytest.raises(AuthorError) as caught:
        await judge(Foreign(-1)).verdicts(NOTHING, [0])
    assert "The run's termination condition raised in phase_flow_control" in caught.value.message


async def test_an_authors_condition_that_hangs_is_not_waited_for() -> None:
    condition = Foreign(20)
    with pytest.raises(HungError) as caught:
        await judge(condition).verdicts(NOTHING, [0])
    condition.release.set()
    assert caught.value.metadata["component"] == "the run's termination condition"


def test_an_authors_condition_comes_from_a_plugin() -> None:
    name = f"{__name__}:Foreign"
    made = make_condition(ComponentSpec(name, {"patience": 2}), [__name__])
    assert type(made).__name__ == "Foreign"


def test_a_condition_that_does_not_take_its_parameters_is_refused() -> None:
    with pytest.raises(InvalidArgumentError):
        make_condition(ComponentSpec(f"{__name__}:Foreign", {"patiense": 2}), [__name__])
