"""Learning modes: what is learned from when, by which policy it was acted, and what does not depend on placement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sparring.experiment import load_document
from tests.e2e.command import sparring
from tests.e2e.learning import Played, document, play
from tests.support import training

HOW = {
    "step": "worker: 1, episodes: 8, learning: step",
    "episode": "worker: 4, episodes: 4, learning: episode",
    "async": "worker: 2, episodes: 8, learning: async",
}
LEARNING_ORDER = {"step": "episode", "episode": "episode, rollout"}
VARIATIONS = {
    "inline": ("--placement", "inline"),
    "service": ("--placement", "service"),
    "one-slot": ("--placement", "inline", "--slots", "1"),
}

Runs = Callable[[str, str], Played]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Return a function that gives the run of a learning mode in a variation; every one is played once."""
    folder = tmp_path_factory.mktemp("modes")
    known: dict[str, Played] = {}

    def run(learning: str, variation: str) -> Played:
        store = f"{learning}-{variation}"
        if store not in known:
            known[store] = play(folder, document(HOW[learning]), *VARIATIONS[variation], store=store)
            assert known[store].digest
        return known[store]

    return run


def of_mode(entries: list[dict[str, Any]], mode: str) -> list[dict[str, Any]]:
    return [each for each in entries if each["mode"] == mode]


@pytest.mark.parametrize(
    ("learning", "variation"), [("step", "service"), ("episode", "service"), ("episode", "one-slot")]
)
def test_episodes_and_brains_are_the_same_bit_for_bit(runs: Runs, learning: str, variation: str) -> None:
    inline, other = runs(learning, "inline"), runs(learning, variation)
    assert inline.summary["deterministic"] is True
    assert other.digest == inline.digest
    assert len(inline.brains) == 4
    assert other.brains == inline.brains


@pytest.mark.parametrize("learning", ["step", "episode"])
def test_brain_and_muscles_in_one_process_play_the_same_episodes(
    runs: Runs, learning: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = runs(learning, "inline")
    monkeypatch.syspath_prepend(apart.folder)
    text = document(HOW[learning]).replace("DIARY", f"{tmp_path}/own.diary")
    (tmp_path / "own.yml").write_text(text)
    together = training.play(load_document(tmp_path / "own.yml").expand())
    mine = {(phase, each.key.rollout, each.key.episode): each.digest.hex() for phase, each in _numbered(together)}
    found = apart.query("SELECT phase, rollout, episode, digest FROM episodes")
    assert mine == {(each["phase"], each["rollout"], each["episode"]): each["digest"] for each in found}


@pytest.mark.parametrize(("learning", "variation"), [("step", "inline"), ("episode", "inline"), ("episode", "service")])
def test_the_store_has_what_the_brain_was_given_in_learning_order(runs: Runs, learning: str, variation: str) -> None:
    run = runs(learning, variation)
    for phase, mode in enumerate(("train", "test")):
        stored = run.experience(phase, LEARNING_ORDER[learning])
        assert of_mode(run.diary, mode) == stored
        assert len(stored) == run.summary["phases"][phase]["steps"]


@pytest.mark.parametrize("variation", ["inline", "service"])
def test_by_steps_each_step_is_acted_by_the_policy_learned_from_all_steps_before(runs: Runs, variation: str) -> None:
    acted = [each["setpoints"][0] for each in of_mode(runs("step", variation).diary, "train")]
    assert len(acted) > 30
    assert acted == [float(number) for number in range(len(acted))]


@pytest.mark.parametrize("variation", ["inline", "service", "one-slot"])
def test_by_episodes_a_round_is_acted_by_the_policy_learned_from_all_rounds_before(runs: Runs, variation: str) -> None:
    run = runs("episode", variation)
    steps = run.query("SELECT episode, rollout, steps FROM episodes WHERE phase = 0 ORDER BY episode, rollout")
    assert len(steps) == 16
    given = [sum(each["steps"] for each in steps if each["episode"] < number) for number in range(4)]
    expected = [float(given[each["episode"]]) for each in steps for _ in range(each["steps"])]
    assert [each["setpoints"][0] for each in of_mode(run.diary, "train")] == expected


def test_asynchronous_learning_says_that_it_is_not_deterministic_and_loses_nothing(runs: Runs) -> None:
    run = runs("async", "inline")
    assert run.summary["deterministic"] is False
    assert [phase["episodes"] for phase in run.summary["phases"]] == [16, 4]
    trained = of_mode(run.diary, "train")
    stored = run.experience(0, "rollout, episode")
    for rollout in range(2):
        mine = [each for each in trained if each["muscle"] == f"diarist.{rollout}.0"]
        assert mine == [each for each in stored if each["muscle"] == f"diarist.{rollout}.0"]
        acted = [each["setpoints"][0] for each in mine]
        assert acted == sorted(acted)
        assert acted[-1] > 0
    assert len(trained) == len(stored) == run.summary["phases"][0]["steps"]


@pytest.mark.parametrize("learning", HOW)
def test_a_test_is_acted_by_the_policy_that_training_ended_with(runs: Runs, learning: str) -> None:
    run = runs(learning, "inline")
    tested = of_mode(run.diary, "test")
    assert {each["setpoints"][0] for each in tested} == {float(run.summary["phases"][0]["steps"])}


@pytest.mark.parametrize("more", ["worker: 2", "worker: 1, lanes: 2"])
def test_learning_by_steps_with_more_than_one_of_a_kind_is_refused_by_check(more: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.yml").write_text(document(f"{more}, episodes: 2, learning: step"))
    result = sparring("check", "wrong.yml", folder=tmp_path)
    assert result.code == 2
    assert "learning 'step'" in result.out + result.err
    assert "found 2" in result.out + result.err


def _numbered(phases: list[training.PlayedPhase]) -> list[tuple[int, Any]]:
    return [(number, each) for number, phase in enumerate(phases) for each in phase.episodes]
