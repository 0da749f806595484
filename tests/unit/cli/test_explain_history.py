"""A history, event by event: since when a state lasts, what is committed, what was lost."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

from sparring.cli.access.history import History
from sparring.cli.access.records import EventRecord, ProgressRecord
from sparring.cli.access.standing import Track
from tests.unit.cli.samples import RUN, commit, progress, transition

DEAD = replace(RUN, state="HANDLING_DEAD_WORKERS", epoch=2)
BOTH = "rollout worker 1: session x; y of environment was lost; brain of apprentice: the worker went away"


def read(*events: EventRecord) -> History:
    history = History()
    for event in events:
        history.add(event)
    return history


def test_a_state_lasts_since_it_was_entered_whatever_users_ask_meanwhile() -> None:
    entered = transition(2, RUN, "phase 0 (train)")
    history = read(
        transition(1, replace(RUN, state="STARTING_RUN")),
        entered,
        transition(3, replace(RUN, cancel_requested=True), "A user asked to cancel."),
        transition(4, replace(RUN, epoch=2), "governor-2 took over from governor-1."),
    )
    assert history.entered is entered
    assert history.last is not None
    assert history.last.revision == 4


def test_a_pause_begins_anew() -> None:
    history = read(transition(1, RUN), transition(2, replace(RUN, status="paused"), "paused"))
    assert history.entered is history.last


def test_committed_episodes_are_counted_by_rollout_worker_and_evaluation_is_not() -> None:
    history = read(
        commit(1), commit(2, rollout=1), commit(3, rollout=1, episode=1), commit(4, episode=8, mode="evaluate")
    )
    assert history.committed == {Track(0, 0): 1, Track(0, 1): 2}
    assert history.last_commit is not None
    assert history.last_commit.episode == 8


def test_a_loss_says_who_which_episode_and_why() -> None:
    history = read(commit(1, rollout=1), transition(2, RUN), transition(3, DEAD, BOTH))
    worker, brain = history.losses
    assert (worker.rollout, worker.episode, worker.epoch) == (1, 1, 2)
    assert worker.message == "session x; y of environment was lost"
    assert (brain.rollout, brain.agent, brain.message) == (None, "apprentice", "the worker went away")


def test_a_second_loss_right_after_the_first_is_another_one() -> None:
    again = transition(3, DEAD, "rollout worker 0: gone again")
    asked = transition(4, DEAD, "A user asked to pause.")
    assert len(read(transition(1, RUN), transition(2, DEAD, "rollout worker 0: gone"), again, asked).losses) == 2


async def test_reading_ends_with_the_newest_event_and_passes_over_progress() -> None:
    async def events() -> AsyncIterator[EventRecord | ProgressRecord]:
        given: Iterable[EventRecord | ProgressRecord] = (commit(1), progress(), commit(2, rollout=1))
        for each in given:
            yield each
        raise AssertionError("nobody asks for what is to come")

    history = History()
    await history.read(events(), 2)
    assert history.committed == {Track(0, 0): 1, Track(0, 1): 1}
