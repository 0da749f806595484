"""Phases inherit key by key; what is inherited keeps the line it was written in."""

from sparring.experiment import Phase, load_document
from tests.unit.experiment.documents import GOOD, changed, line_of, only_problem, problems_of


def phases(text: str) -> tuple[Phase, ...]:
    return load_document(text, name="run.yml").expand(seed=0).phases


def test_a_phase_has_what_it_does_not_say_from_the_one_before() -> None:
    train, test = phases(GOOD)
    assert test.environments == train.environments
    assert [agent.name for agent in test.agents] == ["first", "second"]
    assert (test.controller, test.conditions) == (train.controller, train.conditions)
    assert (test.mode, test.workers, test.episodes) == ("test", 1, 2)


def test_mappings_are_laid_over_each_other_and_lists_replaced() -> None:
    text = changed(
        "  - test:\n",
        "  - test:\n"
        "      simulation: {name: 'sparring.simulation:TakingTurns'}\n"
        "      timeouts: {step_s: 5}\n"
        "      agents:\n"
        "        - name: third\n"
        "          brain: {name: 'a:B'}\n"
        "          muscle: {name: 'a:M'}\n",
    )
    text += "timeouts: {step_s: 30, think_s: 7}\n"
    train, test = phases(text)
    assert test.controller == "sparring.simulation:TakingTurnsSimulationController"
    assert test.conditions == train.conditions
    assert [agent.name for agent in test.agents] == ["third"]
    assert (train.timeouts.step_s, train.timeouts.think_s, train.timeouts.start_s) == (30, 7, 120)
    assert (test.timeouts.step_s, test.timeouts.think_s, test.timeouts.reset_s) == (5, 7, 120)


def test_three_phases_inherit_in_a_row_and_null_takes_something_away() -> None:
    text = changed(
        "run_config:", "  - again:\n      phase_config: {mode: train, evaluate_every: null}\n  - more:\nrun_config:"
    )
    found = phases(text)
    assert [each.episodes for each in found] == [5, 2, 2, 2]
    assert [each.evaluate_every for each in found] == [2, None, None, None]
    assert [each.mode for each in found] == ["train", "test", "train", "train"]


def test_a_mistake_that_several_phases_inherit_is_one_problem_at_its_own_line() -> None:
    text = changed("[arena.0, arena.2]", "[arena.0, arna.2]")
    found = only_problem(text)
    assert (found.line, found.path) == (line_of("arna", text), "schedule[0].train.agents[1].sensors[1]")


def test_a_mistake_that_only_the_inheriting_phase_makes_names_that_phase_and_the_inherited_line() -> None:
    environment = "{environment: {name: 'a:E', uid: other}}"
    text = changed("  - test:\n", f"  - test:\n      environments: [{environment}]\n")
    found = problems_of(text)
    assert {each.path.partition(".agents")[0] for each in found} == {"schedule[1].test"}
    assert sorted({each.line for each in found}) == [15, 16, 21, 22]
    assert "that phase 'test' does not have; it has other" in found[0].message


def test_a_value_overridden_in_a_later_phase_is_reported_there() -> None:
    text = changed("        episodes: 2", "        episodes: 2\n        lanes: 0")
    assert only_problem(text).line == line_of("lanes", text)
