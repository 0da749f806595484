"""What is drawn of a run's episodes."""

import math
from datetime import timedelta

import numpy as np
import pytest

from sparring.cli.access.records import EpisodeRecord
from sparring.cli.plotting.curves import LARGEST_WINDOW, SMALLEST_WINDOW, Curves, curves_of, running_mean, window_of
from sparring.cli.plotting.gathering import Gathering
from tests.unit.cli.samples import BEGAN


def episode(
    number: int,
    value: float,
    *,
    phase: int = 0,
    mode: str = "train",
    rollout: int = 0,
    at_s: int = 0,
    **objectives: float,
) -> EpisodeRecord:
    committed = BEGAN + timedelta(seconds=at_s or number)
    return EpisodeRecord(phase, f"phase-{phase}", mode, rollout, number, 10, value, 1, "", objectives, committed)


def curves(*episodes: EpisodeRecord) -> Curves:
    gathering = Gathering()
    for each in episodes:
        gathering.add(each)
    return curves_of(gathering)


def test_episodes_of_several_rollout_workers_stand_in_learning_order() -> None:
    told = [episode(1, 3.0), episode(0, 1.0), episode(1, 4.0, rollout=1), episode(0, 2.0, rollout=1)]
    made = curves(*told)
    track = made.quantities[0].phases[0].episodes
    assert track.values.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert track.at.tolist() == [0.0, 0.5, 1.0, 1.5]
    assert (made.phases[0].episodes, made.phases[0].rollouts) == (4, 2)


def test_the_running_mean_goes_over_the_last_values_that_there_are() -> None:
    values = np.array([1.0, 3.0, math.nan, 5.0, math.inf])
    assert running_mean(values, 2).tolist() == [1.0, 2.0, 3.0, 5.0, 5.0]
    assert math.isnan(running_mean(np.array([math.nan]), 2)[0])
    assert running_mean(np.array([]), 5).tolist() == []


@pytest.mark.parametrize(
    ("episodes", "window"), [(1, SMALLEST_WINDOW), (240, 24), (10_000, LARGEST_WINDOW), (0, SMALLEST_WINDOW)]
)
def test_the_window_is_a_tenth_of_the_episodes_within_limits(episodes: int, window: int) -> None:
    assert window_of(episodes) == window


def test_beginning_and_end_of_a_phase_are_means_over_a_window() -> None:
    track = curves(*(episode(number, float(number)) for number in range(10))).quantities[0].phases[0].episodes
    assert (track.first, track.last, track.mean) == (2.0, 7.0, 4.5)


def test_an_objective_that_is_the_return_is_not_drawn_twice() -> None:
    made = curves(episode(0, 2.0, keeper=2.0, attacker=-2.0), episode(1, 3.0, keeper=3.0, attacker=-3.0))
    assert [(each.kind, each.agents) for each in made.quantities] == [
        ("return", ("keeper",)),
        ("objective", ("attacker",)),
        ("length", ()),
    ]


def test_an_agent_that_comes_late_has_no_values_before() -> None:
    made = curves(episode(0, 2.0), episode(1, 3.0, late=7.0), episode(0, 1.0, phase=1))
    first, second = made.quantities[1].phases
    assert np.isnan(first.episodes.values).tolist() == [True, False]
    assert np.isnan(second.episodes.values).tolist() == [True]


def test_evaluations_stand_apart_where_the_phase_was_when_they_were_committed() -> None:
    made = curves(
        *(episode(number, float(number), at_s=number + 1) for number in range(4)),
        episode(0, 40.0, mode="evaluate", at_s=2),
        episode(1, 50.0, mode="evaluate", at_s=9),
    )
    (phase,) = made.phases
    assert (phase.mode, phase.episodes, phase.evaluations) == ("train", 4, 2)
    assert made.quantities[0].phases[0].evaluations.values.tolist() == [40.0, 50.0]
    assert made.quantities[0].phases[0].evaluations.at.tolist() == [1.0, 3.0]


def test_phases_stand_in_their_order_and_lengths_come_last() -> None:
    made = curves(episode(0, 1.0, phase=1, mode="test"), episode(0, 2.0))
    assert [(phase.number, phase.mode) for phase in made.phases] == [(0, "train"), (1, "test")]
    assert [phase.episodes.values.tolist() for phase in made.quantities[-1].phases] == [[10.0], [10.0]]


def test_nothing_gathered_is_nothing() -> None:
    assert not Gathering()
