"""`faults:` of a phase: what it may say, what is refused and where, and what comes of it."""

from __future__ import annotations

import pytest

from sparring.experiment import DescribedEnvironment, ExperimentRun, check_assignments, load_document
from sparring.types.faults import Fault, FaultKind
from tests.unit.experiment.documents import GOOD, changed, line_of, only_problem, problems_of


def faulty(*faults: str) -> str:
    """Return the good document with faults in its first phase."""
    lines = "".join(f"        - {fault}\n" for fault in faults)
    return changed("  - test:\n", f"      faults:\n{lines}  - test:\n")


def run_of(text: str) -> ExperimentRun:
    return load_document(text, name="run.yml").expand(seed=0)


def test_every_kind_becomes_a_fault_of_the_plan() -> None:
    text = faulty(
        "{sensor: arena.0, freeze: true, probability: 0.5}",
        "{sensor: arena.1, bias: -1, from_step: 2, until_step: 4}",
        "{actuator: arena.0, lost: true, rollout: 0}",
        "{environment: arena, kill: true, episode: 3, from_step: 1}",
        "{agent: first, freeze_s: 2, episodes: [1, 4]}",
        "{agent: first, delay_s: 0.5}",
        "{environment: arena, drop: true}",
        "{environment: arena, kill: true, episode: 4}",
    )
    assert problems_of(text) == []
    assert run_of(text).phases[0].faults == (
        Fault("sensor_freeze arena.0", FaultKind.SENSOR_FREEZE, "arena.0", probability=0.5),
        Fault("sensor_bias arena.1", FaultKind.SENSOR_BIAS, "arena.1", value=-1.0, from_step=2, until_step=4),
        Fault("actuator_lost arena.0", FaultKind.ACTUATOR_LOST, "arena.0", rollout=0),
        Fault("kill arena", FaultKind.KILL, "arena", episodes=(3,), from_step=1),
        Fault("freeze first", FaultKind.FREEZE, "first", agent=True, value=2.0, episodes=(1, 4)),
        Fault("delay first", FaultKind.DELAY, "first", agent=True, value=0.5),
        Fault("drop arena", FaultKind.DROP, "arena"),
        Fault("kill arena (2)", FaultKind.KILL, "arena", episodes=(4,)),
    )


def test_faults_are_inherited_until_an_empty_list_ends_them() -> None:
    text = faulty("{sensor: arena.0, freeze: true}")
    assert [len(phase.faults) for phase in run_of(text).phases] == [1, 1]
    ended = changed("        episodes: 2\n", "        episodes: 2\n      faults: []\n", text)
    assert [len(phase.faults) for phase in run_of(ended).phases] == [1, 0]


def test_a_run_without_faults_keeps_its_fingerprint() -> None:
    assert '"faults"' not in run_of(GOOD).to_json()
    assert '"faults"' in run_of(faulty("{sensor: arena.0, freeze: true}")).to_json()
    assert run_of(GOOD).fingerprint != run_of(faulty("{sensor: arena.0, freeze: true}")).fingerprint


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("{freeze: true}", "expected one target: sensor, actuator, environment or agent, found none of them"),
        ("{sensor: arena.0, agent: first, freeze: true}", "found sensor and agent"),
        ("{sensor: arena.0}", "expected what happens to the sensor: freeze or bias, found none of them"),
        ("{sensor: arena.0, freeze: true, bias: 1}", "found freeze and bias"),
        ("{sensor: arena.0, lost: true}", "expected what happens to the sensor: freeze or bias, found lost"),
        ("{actuator: arena.0, kill: true}", "expected what happens to the actuator: lost, found kill"),
        ("{environment: arena, kill: true, until_step: 3}", "expected no until_step, for kill strikes once"),
        ("{sensor: arena.0, freeze: true, from_step: 3, until_step: 3}", "until_step above from_step, which is 3"),
        ("{sensor: arena.0, freeze: true, episode: 1, episodes: [2]}", "expected episode or episodes"),
        ("{sensor: arena.9.9, bias: .inf}", "a number that is neither infinite nor nan"),
        ("{sensor: arena.0, freeze: true, probability: 2}", "at most 1"),
        ("{environment: arena, delay_s: 0}", "a number above 0"),
        ("{sensor: arena.0, freez: true}", "did you mean 'freeze'?"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_line(fault: str, said: str) -> None:
    text = faulty(fault)
    found = problems_of(text)
    assert any(said in each.message for each in found), [each.message for each in found]
    assert {each.line for each in found} == {line_of(fault, text)}


@pytest.mark.parametrize(
    ("fault", "path", "said"),
    [
        ("{sensor: '0', freeze: true}", "sensor", "did you mean 'arena.0'?"),
        ("{actuator: arina.0, lost: true}", "actuator", "did you mean 'arena'?"),
        ("{environment: arina, kill: true}", "environment", "has no environment 'arina'; did you mean 'arena'?"),
        ("{agent: frist, kill: true}", "agent", "has no agent 'frist'; did you mean 'first'?"),
        ("{agent: first, kill: true, rollout: 1}", "rollout", "1 rollout worker(s), counted from 0"),
        ("{agent: first, kill: true, episode: 5}", "episode", "plays 5 episode(s), counted from 0"),
        ("{agent: first, kill: true, episodes: [0, 5]}", "episodes[1]", "plays 5 episode(s), counted from 0"),
    ],
)
def test_what_the_phase_does_not_have_is_refused_where_it_is_named(fault: str, path: str, said: str) -> None:
    text = changed("        episodes: 2\n", "        episodes: 2\n      faults: []\n", faulty(fault))
    found = only_problem(text)
    assert (found.line, found.path) == (line_of(fault, text), f"schedule[0].train.faults[0].{path}")
    assert said in found.message


def test_what_shall_lose_frames_is_behind_a_stream() -> None:
    dropped = run_of(faulty("{environment: arena, drop: true}", "{agent: second, drop: true}")).phases[0]
    assert [each.placement for each in (*dropped.environments, *dropped.agents)] == ["service", "auto", "service"]
    assert [each.placement for each in run_of(GOOD).phases[0].environments] == ["auto"]


def test_no_frame_is_dropped_of_what_is_said_to_be_inline() -> None:
    text = faulty("{environment: arena, drop: true}")
    assert problems_of(text) == []
    inline = changed("seed: 1\n", "seed: 1\nplacement: inline\n", text)
    assert "give it placement: service" in problems_of(inline)[0].message


def test_a_sensor_that_the_environment_does_not_have_is_told_at_its_line() -> None:
    text = faulty("{sensor: arena.7, freeze: true}", "{actuator: arena.1, lost: true}")
    described = DescribedEnvironment(("0", "1", "2"), ("0", "1"))
    (found,) = check_assignments(run_of(text).phases[0], {"arena": described})
    assert (found.line, found.path) == (line_of("arena.7", text), "schedule[0].train.faults[0].sensor")
    assert "has no sensor 'arena.7'" in found.message
