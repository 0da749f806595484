"""Each broken document is refused with file, line, path, what was found and what is expected."""

import re

import pytest

from sparring.experiment import DocumentError, load_document
from tests.unit.experiment.documents import GOOD, changed, line_of, only_problem, problems_of

DUMMY = '{name: "sparring.agent:DummyBrain", params: {}}'


def test_a_good_document_has_no_problems() -> None:
    assert problems_of(GOOD) == []


# What is replaced, by what, the line of the problem, its path, and what the message must say.
BROKEN = [
    ("seed: 1", 'seed: "forty-two"', 2, "seed", "expected a whole number, found the text 'forty-two'"),
    ("seed: 1", 'seed: "42"', 2, "seed", "without quotes: 42"),
    ("seed: 1", "seed: -1", 2, "seed", "expected a number of at least 0, found the number -1"),
    ("uid: good", "uid: 5", 1, "uid", "put it in quotes"),
    ("uid: good", "uid: ''", 1, "uid", "expected text that is not empty"),
    (
        "brain: {",
        "brian: {",
        12,
        "schedule[0].train.agents[0].brian",
        "unknown key 'brian'; did you mean 'brain'?",
    ),
    (
        "evaluate_every",
        "evaluat_every",
        32,
        "schedule[0].train.phase_config.evaluat_every",
        "did you mean 'evaluate_every'?",
    ),
    ("worker: 1", "worker: two", 30, "schedule[0].train.phase_config.worker", "expected a whole number"),
    ("worker: 1", "worker: 0", 30, "schedule[0].train.phase_config.worker", "expected a number of at least 1"),
    ("worker: 1", "worker: -3", 30, "schedule[0].train.phase_config.worker", "found the number -3"),
    ("worker: 1", "worker: true", 30, "schedule[0].train.phase_config.worker", "found true"),
    ("episodes: 5", "episodes: -5", 31, "schedule[0].train.phase_config.episodes", "of at least 1"),
    ("mode: train", "mode: trian", 29, "schedule[0].train.phase_config.mode", "did you mean 'train'?"),
    ("mode: train", "mode: evaluate", 29, "schedule[0].train.phase_config.mode", "expected train or test"),
    (
        "sensors: [arena.0, arena.1]",
        "sensors: arena.0",
        15,
        "schedule[0].train.agents[0].sensors",
        "expected a list, found the text 'arena.0'; for a list of one write [arena.0]",
    ),
    (
        "sensors: [arena.0, arena.1]",
        "sensors: [arena.0, area.1]",
        15,
        "schedule[0].train.agents[0].sensors[1]",
        "an environment 'area' that phase 'train' does not have; did you mean 'arena'?",
    ),
    (
        "actuators: [arena.0]",
        "actuators: ['0']",
        16,
        "schedule[0].train.agents[0].actuators[0]",
        "expected environment.actuator, found the text '0'; did you mean 'arena.0'?",
    ),
    (
        "sensors: [arena.0, arena.1]",
        "sensors: [arena.0, arena.0]",
        15,
        "schedule[0].train.agents[0].sensors[1]",
        "is given to this agent twice",
    ),
    (
        "actuators: [arena.1]",
        "actuators: [arena.0]",
        22,
        "schedule[0].train.agents[1].actuators[0]",
        "actuator 'arena.0' is given to 'first' (line 16) and 'second', who act at the same time",
    ),
    ("name: second", "name: first", 17, "schedule[0].train.agents[1].name", "called 'first'; the first is"),
    (
        "name: sparring.environment:DummyEnvironment",
        "name: sparring.environment.DummyEnvironment",
        7,
        "schedule[0].train.environments[0].environment.name",
        "expected a class as module:Class, found the text 'sparring.environment.DummyEnvironment'; did you mean "
        "'sparring.environment:DummyEnvironment'?",
    ),
    (
        "name: sparring.environment:DummyEnvironment",
        "name: myenv",
        7,
        "schedule[0].train.environments[0].environment.name",
        "expected a class as module:Class, found the text 'myenv'",
    ),
    (
        "name: sparring.environment:DummyEnvironment",
        "name: palaestrai.environment:DummyEnvironmnt",
        7,
        "schedule[0].train.environments[0].environment.name",
        "did you mean 'sparring.environment:DummyEnvironment'?",
    ),
    (
        "uid: arena",
        "uid: arena\n            uid: arena",
        9,
        "schedule[0].train.environments[0].environment.uid",
        "'uid' is given twice in the same mapping, first in line 8; keep one",
    ),
    (
        "            uid: arena\n",
        "",
        6,
        "schedule[0].train.environments[0].environment.uid",
        "the key 'uid' is missing",
    ),
    (
        "uid: arena",
        "uid: my.arena",
        8,
        "schedule[0].train.environments[0].environment.uid",
        "'my.arena' contains '.': the '.' separates environment and sensor",
    ),
    (
        "uid: arena",
        "uid: ' arena'",
        8,
        "schedule[0].train.environments[0].environment.uid",
        "expected a uid without spaces around it",
    ),
    (
        "name: sparring.simulation:VanillaSimulationController",
        "name: palaestrai.simulation:NonsenseSimulationController",
        24,
        "schedule[0].train.simulation.name",
        "there is no simulation controller 'palaestrai.simulation:NonsenseSimulationController'",
    ),
    (
        "name: sparring.experiment:EnvironmentTerminationCondition",
        "name: palaestrai.experiment:EnvironmntTerminationCondition",
        26,
        "schedule[0].train.simulation.conditions[0].name",
        "did you mean 'sparring.experiment:EnvironmentTerminationCondition'?",
    ),
    (
        "name: sparring.experiment:VanillaRunGovernorTerminationCondition",
        "name: palaestrai.experiment:Nope",
        39,
        "run_config.condition.name",
        "there is no termination condition 'palaestrai.experiment:Nope'",
    ),
    (
        f"brain: {DUMMY}",
        "brain: sparring.agent:DummyBrain",
        12,
        "schedule[0].train.agents[0].brain",
        "expected a mapping, found the text 'sparring.agent:DummyBrain'; write {name: 'sparring.agent:DummyBrain'}",
    ),
    (
        f"brain: {DUMMY}",
        "brain: {params: {}}",
        12,
        "schedule[0].train.agents[0].brain.name",
        "one of name, service, address is missing",
    ),
    (
        f"brain: {DUMMY}",
        "brain: {name: 'a:B', service: agent/b}",
        12,
        "schedule[0].train.agents[0].brain.service",
        "both 'name' and 'service' are given",
    ),
    (
        "        mode: train",
        "        learning: stepp",
        29,
        "schedule[0].train.phase_config.learning",
        "expected step, episode or async, found the text 'stepp'; did you mean 'step'?",
    ),
    ("run_config:", "timeouts: {step_s: 0}\nrun_config:", 37, "timeouts.step_s", "expected a number above 0"),
    ("run_config:", "timeouts: {step_s: .inf}\nrun_config:", 37, "timeouts.step_s", "neither infinite nor"),
    ("run_config:", "retries: {episode: -1}\nrun_config:", 37, "retries.episode", "at least 0"),
    ("run_config:", "placement: inlin\nrun_config:", 37, "placement", "did you mean 'inline'?"),
    ("run_config:", "save_every: 0\nrun_config:", 37, "save_every", "at least 1"),
    ("  - test:", "  - train:", 33, "schedule[1].train", "a second phase called 'train'; the first is in line 4"),
]


@pytest.mark.parametrize(("old", "new", "line", "path", "says"), BROKEN, ids=[f"{case[1]}" for case in BROKEN])
def test_a_broken_document_has_one_problem_at_its_line(old: str, new: str, line: int, path: str, says: str) -> None:
    found = only_problem(changed(old, new))
    assert (found.file, found.line, found.path) == ("run.yml", line, path)
    assert says in found.message
    assert found.found
    assert found.expected
    assert str(found) == f"run.yml:{found.line}: {path}: {found.message}"


def test_the_column_is_that_of_the_value_or_of_the_unknown_key() -> None:
    assert only_problem(changed("worker: 1", "worker: two")).column == len("        worker: ") + 1
    assert only_problem(changed("worker: 1", "wroker: 1")).column == len("        ") + 1


def test_all_problems_are_reported_at_once_in_the_order_of_lines() -> None:
    text = changed("seed: 1", "sede: 1")
    text = changed("uid: arena", "uid: a.b", text)
    text = changed("name: second", "nam: second", text)
    text = changed("mode: train", "mode: trian", text)
    text = changed("worker: 1", "worker: 0", text)
    text = changed("episodes: 2", "episodes: two", text)
    text = changed("sparring.experiment:VanillaRun", "sparring.experiment:VanilaRun", text)
    found = problems_of(text)
    assert [each.line for each in found] == [2, 8, 17, 29, 30, 36, 39]


def test_what_is_beside_a_missing_key_is_checked_all_the_same() -> None:
    text = changed("        - name: first\n          brain:", "        - brain:")
    text = changed("sparring.agent:DummyMuscle", "palaestrai.agent:DummyMuscl", text)
    found = problems_of(text)
    assert [(each.line, each.path.rpartition(".")[2]) for each in found] == [(11, "name"), (12, "name")]
    assert "did you mean 'sparring.agent:DummyMuscle'?" in found[1].message


def test_paths_count_list_items_that_could_not_be_used() -> None:
    text = changed("        - name: first", "        - nonsense\n        - name: first")
    text = changed("sensors: [arena.0, arena.2]", "sensors: [arena.0, 5, aren.2]", text)
    found = problems_of(text)
    assert [(each.line, each.path) for each in found] == [
        (11, "schedule[0].train.agents[0]"),
        (22, "schedule[0].train.agents[2].sensors[1]"),
        (22, "schedule[0].train.agents[2].sensors[2]"),
    ]


def test_a_phase_without_agents_or_environments_is_refused_once() -> None:
    text = "uid: x\nschedule:\n  - train:\n      phase_config: {episodes: 1}\n  - test:\n"
    found = problems_of(text)
    assert [(each.line, each.path) for each in found] == [
        (3, "schedule[0].train.environments"),
        (3, "schedule[0].train.agents"),
    ]
    assert "phase 'train' has no agents; give at least one" in found[1].message


def test_a_phase_whose_agents_are_taken_away_is_refused() -> None:
    text = changed("  - test:\n", "  - test:\n      agents: []\n")
    found = only_problem(text)
    assert (found.line, found.path) == (line_of("agents: []", text), "schedule[1].test.agents")


@pytest.mark.parametrize("schedule", ["schedule: []", "schedule: {}", "schedule: 5", "schedule: [5]", "schedule: [{}]"])
def test_a_schedule_that_is_none_is_refused_at_its_line(schedule: str) -> None:
    assert only_problem(f"uid: x\n{schedule}\n").line == 2


def test_a_document_without_a_schedule_is_refused() -> None:
    found = only_problem("uid: x\nseed: 4\n")
    assert (found.line, found.path, found.message) == (1, "schedule", "the key 'schedule' is missing")


def test_keys_of_a_phase_that_are_not_indented_are_explained() -> None:
    text = "schedule:\n  - train:\n    phase_config: {}\n"
    found = only_problem(text)
    assert found.line == 2
    assert "indent 'phase_config' further, below the name of its phase" in found.message


def test_a_key_in_the_wrong_section_is_told_where_it_belongs() -> None:
    text = changed(
        "      phase_config:\n        mode: test", "      mode: test\n      phase_config:\n        worker: 1"
    )
    assert only_problem(text).message == "unknown key 'mode'; it belongs below 'phase_config'"


def test_a_misspelt_key_beside_the_right_one_names_the_right_one() -> None:
    found = only_problem(changed("        worker: 1", "        worker: 1\n        workers: 2"))
    assert "did you mean 'worker', which is given in line" in found.message


def test_the_error_carries_every_problem_and_survives_a_pickle() -> None:
    import pickle

    text = changed("seed: 1", "sede: -1")
    with pytest.raises(DocumentError) as caught:
        load_document(text, name="run.yml")
    error = pickle.loads(pickle.dumps(caught.value))
    for each in (caught.value, error, error.with_values(run="r")):
        assert each.reason == "DOCUMENT_INVALID"
        assert [problem.line for problem in each.problems] == [2, 2]
        assert each.metadata["count"] == "2"
        assert re.match(r"run.yml has 2 problems:\nrun.yml:2: ", str(each))
