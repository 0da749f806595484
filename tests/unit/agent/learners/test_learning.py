"""What the agent learns: every kind of actuator, in every learning mode, the same every time."""

import pytest

from sparring.types.declaration import FreeValue
from tests.support.training import PlayedPhase, play, play_phase
from tests.unit.agent.learners.documents import cue
from tests.unit.agent.learners.worlds import KINDS, bounds


def share_right(phase: PlayedPhase, kind: str = "discrete") -> float:
    """Return how much of what there was to get the test got."""
    return phase.mean_return / (16 * len(bounds(KINDS[kind])[0]))


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns_to_set_every_kind_of_actuator(kind: str) -> None:
    _, test = play(cue(kind=kind))
    assert share_right(test, kind) > 0.95


@pytest.mark.parametrize(("learning", "worker"), [("step", 1), ("async", 2), ("episode", 1)])
@pytest.mark.parametrize("cut", ["true", "false"])
def test_it_learns_in_every_learning_mode_and_however_episodes_end(learning: str, worker: int, cut: str) -> None:
    _, test = play(cue(learning=learning, worker=worker, cut=cut, episodes=120 // worker))
    assert share_right(test) > 0.95


def test_an_untrained_agent_does_the_same_thing_always() -> None:
    run = cue()
    untrained = play_phase(run.phases[1], run.seed)
    assert share_right(untrained) < 0.7


@pytest.mark.parametrize(("learning", "worker"), [("step", 1), ("episode", 2)])
def test_the_same_run_gives_the_same_bits(learning: str, worker: int) -> None:
    run = cue(learning=learning, worker=worker, episodes=20)
    first, again = (play_phase(run.phases[0], run.seed) for _ in range(2))
    assert digests(first) == digests(again)
    assert state(first) == state(again)


def test_another_seed_gives_another_run() -> None:
    run = cue(episodes=10)
    assert digests(play_phase(run.phases[0], run.seed)) != digests(play_phase(run.phases[0], run.seed + 1))


@pytest.mark.parametrize(("learning", "worker"), [("step", 1), ("episode", 2)])
def test_a_brain_that_was_saved_and_loaded_goes_on_with_the_same_bits(learning: str, worker: int) -> None:
    run = cue(learning=learning, worker=worker, episodes=21)
    whole = play_phase(run.phases[0], run.seed)
    half = play_phase(run.phases[0], run.seed, episodes=range(11))
    rest = play_phase(run.phases[0], run.seed, half.brains, episodes=range(11, 21))
    assert digests(half) + digests(rest) == digests(whole)
    assert state(rest) == state(whole)


def test_policies_change_only_when_a_round_was_learned_from() -> None:
    phase = play_phase(cue(episodes=9).phases[0], 5)
    # A round has 32 steps; a batch is full, with 128 or more, after every fourth round.
    assert phase.versions == {"pupil": [0, 0, 0, 1, 1, 1, 1, 2, 2]}


def test_what_an_agent_has_learned_is_on_record() -> None:
    phase = play_phase(cue(episodes=9).phases[0], 5)
    assert set(phase.statistics["pupil"]) == {"value_error", "divergence", "policy_epochs", "entropy", "policy"}


def digests(phase: PlayedPhase) -> list[bytes]:
    return [each.digest for each in phase.episodes]


def state(phase: PlayedPhase) -> FreeValue:
    return phase.brains["pupil"].state
