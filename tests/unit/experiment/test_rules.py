"""Rules about how the parts of a document fit together."""

import re

import pytest

from tests.unit.experiment.documents import GOOD, changed, line_of, only_problem, problems_of

VANILLA = "sparring.simulation:VanillaSimulationController"
TAKING_TURNS = "sparring.simulation:TakingTurnsSimulationController"
SECOND_ENVIRONMENT = """\
        - environment:
            name: sparring.environment:DummyEnvironment
            uid: other
      agents:
"""


def config(**keys: object) -> str:
    """Return the good document with other keys in the train phase's phase_config."""
    lines = "".join(f"        {key}: {value}\n" for key, value in keys.items())
    old = GOOD[GOOD.index("        mode: train") : GOOD.index("  - test:")]
    return changed(old, f"        mode: train\n{lines}")


def test_an_actuator_of_two_agents_is_fine_when_they_take_turns() -> None:
    shared = changed("actuators: [arena.1]", "actuators: [arena.0]")
    assert problems_of(changed(VANILLA, TAKING_TURNS, shared)) == []
    assert problems_of(changed(VANILLA, "palaestrai.simulation:TakingTurns", shared)) == []
    assert only_problem(changed(VANILLA, "palaestrai.simulation:Vanilla", shared)).path.endswith("actuators[0]")


@pytest.mark.parametrize("uid", ["my-env", "my_env", "umgebung-ä", "my arena", "a" * 200])
def test_environments_may_be_called_almost_anything(uid: str) -> None:
    assert problems_of(GOOD.replace("arena", uid)) == []


def test_a_name_that_looks_like_a_number_needs_quotes() -> None:
    text = GOOD.replace("uid: arena", "uid: '1'")
    assert problems_of(re.sub(r"arena\.(\d)", r"'1.\1'", text)) == []
    assert {each.message.partition(";")[2] for each in problems_of(text.replace("arena", "1"))} == {" put it in quotes"}


@pytest.mark.parametrize("uid", ["'a/b'", "'a\\b'", '"a\\tb"', "'a '", "a.b", "' '", f"'{'a' * 201}'"])
def test_environments_may_not_be_called_what_breaks_names_of_sensors_or_files(uid: str) -> None:
    assert only_problem(changed("uid: arena", f"uid: {uid}")).line == line_of("uid: arena", GOOD)


def test_sensors_may_have_dots_in_their_own_part() -> None:
    assert problems_of(changed("[arena.0, arena.1]", "[arena.bus.1.voltage, arena.1]")) == []


def test_learning_by_step_needs_one_rollout_worker_and_one_lane() -> None:
    text = config(learning="step", worker=2, episodes=1)
    found = only_problem(text)
    assert (found.line, found.path) == (line_of("worker: 2", text), "schedule[0].train.phase_config.worker")
    assert "learning 'step' (line 30) needs one rollout worker, found 2" in found.message
    assert only_problem(config(learning="step", lanes=2, episodes=1)).path.endswith("phase_config.lanes")
    assert problems_of(config(learning="step", worker=1, episodes=1)) == []
    assert problems_of(config(learning="async", worker=4, episodes=1)) == []


def test_inherited_learning_does_not_matter_in_a_test_phase() -> None:
    text = changed("mode: test", "mode: test\n        worker: 3", config(learning="step", episodes=1))
    assert problems_of(text) == []


def test_lanes_need_vanilla_and_exactly_one_environment() -> None:
    assert problems_of(config(lanes=4, episodes=8)) == []
    turns = changed(VANILLA, TAKING_TURNS, config(lanes=4, episodes=8))
    assert "4 lanes need the Vanilla simulation controller" in only_problem(turns).message
    two = changed("      agents:\n", SECOND_ENVIRONMENT, config(lanes=4, episodes=8))
    found = only_problem(two)
    assert (found.line, found.message) == (
        line_of("lanes: 4", two),
        "4 lanes need exactly one environment; this phase has 2",
    )


def test_evaluate_every_needs_episodes() -> None:
    text = config(evaluate_every=3)
    found = only_problem(text)
    assert (found.line, found.path) == (
        line_of("evaluate_every", text),
        "schedule[0].train.phase_config.evaluate_every",
    )
    assert "'evaluate_every' needs 'episodes'" in found.message


def test_a_phase_that_could_never_end_is_refused() -> None:
    text = config(worker=2)
    found = only_problem(text)
    assert (found.line, found.path) == (line_of("phase_config", text), "schedule[0].train.phase_config.episodes")
    assert "phase 'train' would never end" in found.message


def test_episodes_may_be_left_out_when_results_end_the_phase() -> None:
    objective = changed(
        "    name: sparring.experiment:VanillaRunGovernorTerminationCondition\n    params: {}",
        "    name: sparring.experiment:AgentObjectiveTerminationCondition\n    params: {first: {phase_avg10: 1.0}}",
        config(worker=2, episodes="null"),
    )
    assert problems_of(objective) == []


def test_episodes_may_be_left_out_when_evaluations_end_the_phase_and_there_are_some() -> None:
    rule = "{metric: win, threshold: 0.9, direction: greater_equal, consecutive: 2, min_evaluations: 3}"
    with_condition = changed(
        "    name: sparring.experiment:VanillaRunGovernorTerminationCondition\n    params: {}",
        "    name: palaestrai.experiment:AgentEvaluationObjectiveTerminationCondition\n"
        f"    params: {{agents: {{first: {{success: {rule}}}}}}}",
        config(evaluate_every=5),
    )
    assert problems_of(with_condition) == []
    without = changed("        evaluate_every: 5\n", "", with_condition)
    assert "its condition waits for evaluations" in only_problem(without).message


@pytest.mark.parametrize(
    ("params", "path", "says"),
    [
        ("{}", "params", "no agent is named"),
        ("{frist: {phase_avg1: 1}}", "params.frist", "an agent 'frist' that does not exist; did you mean 'first'?"),
        ("{first: {phse_avg10: 1}}", "params.first.phse_avg10", "did you mean 'phase_avg10'?"),
        ("{first: {phase_avg0: 1}}", "params.first.phase_avg0", "unknown key 'phase_avg0'"),
        ("{first: {phase_avg1: high}}", "params.first.phase_avg1", "expected a number, found the text 'high'"),
        ("{first: 5}", "params.first", "expected a mapping like"),
    ],
)
def test_parameters_of_an_objective_condition_are_checked(params: str, path: str, says: str) -> None:
    text = changed(
        "    name: sparring.experiment:VanillaRunGovernorTerminationCondition\n    params: {}",
        f"    name: sparring.experiment:AgentObjectiveTerminationCondition\n    params: {params}",
    )
    found = only_problem(text)
    assert (found.line, found.path) == (len(text.splitlines()), f"run_config.condition.{path}")
    assert says in found.message


def test_a_condition_of_episodes_may_only_name_agents_of_its_phase() -> None:
    text = changed(
        "          - name: sparring.experiment:EnvironmentTerminationCondition\n            params: {}",
        "          - name: sparring.experiment:AgentObjectiveTerminationCondition\n"
        "            params: {third: {brain_avg10: 1}}",
    )
    found = only_problem(text)
    assert found.path == "schedule[0].train.simulation.conditions[0].params.third"
    assert "there are first, second" in found.message


def test_a_condition_without_parameters_refuses_them() -> None:
    text = changed("TerminationCondition\n            params: {}", "TerminationCondition\n            params: {n: 3}")
    assert only_problem(text).message == "EnvironmentTerminationCondition has no parameter 'n'"


FOREIGN = {"service": "agent/mine", "address": "localhost:50051"}


@pytest.mark.parametrize(("key", "value"), FOREIGN.items())
def test_python_parts_beside_something_foreign_are_refused(key: str, value: str) -> None:
    muscle = changed(
        'muscle: {name: "sparring.agent:DummyMuscle", params: {}}',
        f'muscle: {{{key}: "{value}"}}\n          filters: [{{name: "sparring.agent:NormFilter"}}]',
    )
    assert (
        only_problem(muscle).message
        == f"filters can only be beside a muscle given by name; this one comes from {key!r}"
    )
    brain = changed('brain: {name: "sparring.agent:DummyBrain", params: {}}', f'brain: {{{key}: "{value}"}}')
    assert "an objective can only be beside a brain given by name" in only_problem(brain).message
    environment = changed("name: sparring.environment:DummyEnvironment", f'{key}: "{value}"')
    assert problems_of(environment) == []
    reward = changed("      agents:", "          reward: {name: 'my.rewards:Reward'}\n      agents:", environment)
    assert "a reward can only be beside an environment" in only_problem(reward).message
    inline = changed("uid: arena", "uid: arena\n            placement: inline", environment)
    assert "'inline' needs something given by name" in only_problem(inline).message


@pytest.mark.parametrize("address", ["here", "host:", ":5", "host:0", "host:65536", "http://host:5", "a b:5"])
def test_an_address_is_host_and_port(address: str) -> None:
    text = changed("name: sparring.environment:DummyEnvironment", f'address: "{address}"')
    assert "expected host:port" in only_problem(text).message


@pytest.mark.parametrize("address", ["localhost:50051", "10.0.0.1:1", "[::1]:65535", "my-host.example:80"])
def test_an_address_may_be_a_name_or_a_number(address: str) -> None:
    assert problems_of(changed("name: sparring.environment:DummyEnvironment", f'address: "{address}"')) == []


def load(keys: str, where: str = "schedule[1]") -> str:
    """Return a document whose first agent has a `load`, in its first or second phase."""
    agents = GOOD[GOOD.index("      agents:\n") : GOOD.index("      simulation:")]
    loading = changed("- name: first\n", f"- name: first\n          load: {keys}\n", agents)
    if where == "schedule[0]":
        return changed(agents, loading)
    return changed("  - test:\n", f"  - test:\n{loading}")


@pytest.mark.parametrize(
    "keys",
    [
        "null",
        "{}",
        "{phase: 0}",
        "{phase: train}",
        "{agent: second}",
        "{phase_name: train}",
        "{experiment_run: x, phase: 7}",
    ],
)
def test_a_later_phase_may_load_what_was_saved_before(keys: str) -> None:
    assert problems_of(load(keys)) == []


def test_a_brain_cannot_start_from_what_is_not_saved_yet() -> None:
    assert "phase 1 is none of those before this one; there are 0 (train)" in only_problem(load("{phase: 1}")).message
    assert "did you mean 'train'?" in only_problem(load("{phase: tarin}")).message
    assert "expected the number of a phase, counted from 0" in only_problem(load("{phase: -1}")).message


def test_the_first_phase_loads_from_other_runs_only() -> None:
    assert problems_of(load("{experiment_run: before, phase: 0}", "schedule[0]")) == []
    assert problems_of(load("null", "schedule[0]")) == []
    found = only_problem(load("{agent: first}", "schedule[0]"))
    assert (found.line, found.path) == (12, "schedule[0].train.agents[0].load")


def test_strict_replay_needs_instance_and_mode() -> None:
    replay = changed("- name: first\n", "- name: first\n          replay: [{experiment_run: x, strict: true}]\n")
    assert [each.message for each in problems_of(replay)] == ["'strict' needs 'instance'", "'strict' needs 'mode'"]
