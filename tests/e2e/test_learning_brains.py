"""Saved brains: when they are saved, what goes on from them, that a test leaves them alone, what cannot be loaded."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from tests.e2e.command import sparring
from tests.e2e.learning import AGENTS, Played, document, play

EXAM = """
uid: exam
seed: 6
schedule:
  - exam:
      environments:
        - environment: {name: "pupils:Cues", uid: world}
      agents:AGENTS
      phase_config: {mode: test, worker: 1, episodes: 3}
"""


def loading(load: str) -> str:
    """Return the agents with what their brains go on from."""
    return AGENTS.replace("\n          sensors:", f"\n          load: {load}\n          sensors:")


def exam(load: str) -> str:
    """Return a document that tests what another run has trained."""
    return EXAM.replace("AGENTS", loading(load))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A run that has trained, and tested."""
    text = document("worker: 2, episodes: 5, learning: episode", more="save_every: 2\n")
    run = play(tmp_path_factory.mktemp("brains"), text, store="data", name="cues")
    assert run.digest
    return run


def test_brains_are_saved_every_so_many_episodes_and_at_the_end_of_each_phase(trained: Played) -> None:
    tags = [(0, "episode-2"), (0, "episode-4"), (0, "phase-end"), (1, "phase-end")]
    expected = {(phase, agent, tag) for phase, tag in tags for agent in ("learner", "diarist")}
    assert set(trained.brains) == expected
    assert len({trained.brains[0, "learner", tag] for phase, tag in tags if phase == 0}) == 3
    rows = trained.query("SELECT tag, contains FROM brain_states WHERE phase = 0 AND agent = 'learner'")
    contained = {each["tag"]: [one["episode"] for one in json.loads(each["contains"])] for each in rows}
    assert contained == {"episode-2": [1, 1], "episode-4": [3, 3], "phase-end": [4, 4]}


def test_a_test_leaves_brains_as_they_were_and_its_muscles_take_no_chances(trained: Played) -> None:
    for agent in ("learner", "diarist"):
        assert trained.brains[1, agent, "phase-end"] == trained.brains[0, agent, "phase-end"]
    sql = 'SELECT *, "sensor.world.cue" AS cue, "actuator.world.answer" AS answer FROM steps WHERE phase = {}'
    choices = []
    for phase in (0, 1):
        rows = trained.query(sql.format(phase) + " ORDER BY rollout, episode, step")
        pairs = [(one, two) for one, two in itertools.pairwise(rows) if two["step"]]
        choices.append({(one["cue"], one["step"], two["answer"]) for one, two in pairs})
    by_chance, surely = choices
    assert len({choice[:2] for choice in surely}) == len(surely)
    assert len({choice[:2] for choice in by_chance}) < len(by_chance)


@pytest.mark.parametrize(("named", "phase"), [("run", "train"), ("uid", 0)])
def test_a_run_goes_on_from_the_brains_of_another_run(trained: Played, named: str, phase: str | int) -> None:
    source = trained.run if named == "run" else "cues"
    examined = play(
        trained.folder,
        exam(f"{{experiment_run: {source}, phase: {phase}}}"),
        store=trained.store,
        name=f"exam-{named}-{phase}",
    )
    assert examined.digest
    given = float(trained.summary["phases"][0]["steps"])
    assert {each["setpoints"][0] for each in examined.diary} == {given}
    for agent in ("learner", "diarist"):
        assert examined.brains[0, agent, "phase-end"] == trained.brains[0, agent, "phase-end"]


def test_a_phase_goes_on_from_the_brains_of_an_earlier_one_or_begins_anew(tmp_path: Path) -> None:
    middle = document("worker: 1, episodes: 3, learning: step").replace(
        "\n  - test:\n",
        f"\n  - anew:\n      agents:{loading('null')}\n  - test:\n      agents:{loading('{phase: train}')}\n",
    )
    run = play(tmp_path, middle)
    assert run.digest
    steps = [phase["steps"] for phase in run.summary["phases"]]
    acted = [each["setpoints"][0] for each in run.diary]
    anew = acted[steps[0] : steps[0] + steps[1]]
    assert anew == [float(number) for number in range(steps[1])]
    assert set(acted[steps[0] + steps[1] :]) == {float(steps[0])}
    assert run.brains[2, "learner", "phase-end"] == run.brains[0, "learner", "phase-end"]
    assert run.brains[2, "learner", "phase-end"] != run.brains[1, "learner", "phase-end"]


@pytest.mark.parametrize("load", ["{phase: trian}", "{phase: 7}", "{run: cues-1, phase: train}"])
def test_brains_that_can_never_be_there_are_refused_by_check(load: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.yml").write_text(exam(load))
    result = sparring("check", "wrong.yml", folder=tmp_path)
    said = result.out + result.err
    assert result.code == 2, said
    assert "wrong.yml:" in said
    assert load.strip("{").partition(":")[0] in said


@pytest.mark.parametrize(
    ("source", "reason", "words"),
    [
        ("{experiment_run: nobody-1, phase: train}", "RUN_UNKNOWN", ["nobody-1"]),
        ("{experiment_run: cues-1, phase: trian}", "BRAIN_STATE_UNKNOWN", ["cues-1", "trian"]),
        ("{experiment_run: cues-1, phase: 7, agent: stranger}", "BRAIN_STATE_UNKNOWN", ["cues-1", "7", "stranger"]),
    ],
)
def test_brains_that_the_store_does_not_have_fail_the_run_before_it_plays(
    trained: Played, source: str, reason: str, words: list[str]
) -> None:
    failed = play(trained.folder, exam(source), store=trained.store, name="failed")
    assert failed.result.code == 1, failed.result.err
    error = failed.summary["error"]
    assert error["reason"] == reason
    assert all(word in error["message"] for word in words), error
    assert not [event for event in failed.result.events if event["event"] == "episode"]
