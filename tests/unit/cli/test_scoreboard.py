"""How far a run is, from events and progress."""

from dataclasses import replace
from datetime import timedelta

from sparring.cli.playing.scoreboard import PlannedPhase, Scoreboard
from tests.unit.cli.samples import BEGAN, RUN, commit, progress, transition

PLANNED = PlannedPhase(0, "train", "train", 2, 5)


def test_all_planned_rollout_workers_are_there_once_the_phase_begins() -> None:
    scores = Scoreboard([PLANNED])
    assert scores.phases == {}
    scores.progress(progress(rollout=1, episode=0))
    assert [each.planned for each in scores.phases[0].rollouts.values()] == [5, 5]


def test_commits_count_episodes_steps_and_returns() -> None:
    scores = Scoreboard([PLANNED])
    scores.event(commit(1))
    scores.event(commit(2, rollout=1, episode_return=7.5))
    phase = scores.phases[0]
    assert (phase.episodes, phase.steps, phase.mean_return) == (2, 20, 5.0)
    assert phase.rollouts[1].last_return == 7.5


def test_an_event_that_comes_twice_counts_once() -> None:
    scores = Scoreboard()
    assert scores.event(commit(4))
    assert not scores.event(commit(4))
    assert not scores.event(transition(3, RUN))
    assert scores.phases[0].episodes == 1


def test_steps_of_the_running_episode_count_until_it_is_committed() -> None:
    scores = Scoreboard()
    scores.event(commit(1))
    scores.progress(progress(episode=1, step=4))
    assert scores.phases[0].steps == 14
    scores.event(commit(2, episode=1))
    assert scores.phases[0].steps == 20


def test_progress_that_comes_after_its_episode_was_committed_adds_nothing() -> None:
    scores = Scoreboard()
    scores.event(commit(1))
    scores.progress(progress(episode=0, step=9))
    assert scores.phases[0].steps == 10


def test_speeds_of_rollout_workers_add_up() -> None:
    scores = Scoreboard()
    scores.progress(progress(rollout=0, steps_per_second=100.0))
    scores.progress(progress(rollout=1, steps_per_second=50.0))
    assert scores.phases[0].steps_per_second == 150.0


def test_before_a_speed_is_told_the_commits_suggest_one() -> None:
    scores = Scoreboard()
    for number in range(3):
        scores.event(replace(commit(number + 1, episode=number), time=BEGAN + timedelta(seconds=2 * number)))
    assert scores.phases[0].steps_per_second == 5.0
    scores.progress(progress(episode=3))
    assert scores.phases[0].steps_per_second == 120.5


def test_evaluations_are_not_episodes_of_the_phase() -> None:
    scores = Scoreboard([PLANNED])
    scores.event(commit(1, mode="evaluate", episode_return=100.0))
    phase = scores.phases[0]
    assert (phase.episodes, phase.evaluations, phase.mean_return, phase.mode) == (0, 1, None, "train")
