"""Termination conditions: who ends what, and that nothing can go on for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.experiment import (
    AgentObjectiveTerminationCondition,
    EnvironmentEnd,
    EnvironmentTerminationCondition,
    EpisodeResult,
    MaxEpisodesTerminationCondition,
    PhaseProgress,
    TerminationCondition,
    VanillaRunGovernorTerminationCondition,
    Verdict,
    builtin_condition,
    decide,
)
from sparring.types.errors import InvalidArgumentError
from sparring.types.flow import SimulationFlowControl as Flow
from sparring.types.mode import Mode


def progress(*committed: int, episodes: int | None = 3, results: tuple[EpisodeResult, ...] = ()) -> PhaseProgress:
    return PhaseProgress(Mode.TRAIN, len(committed), episodes, committed, results)


def played(rollout: int, episode: int, mean: float, flow: Flow = Flow.CONTINUE) -> EpisodeResult:
    return EpisodeResult(rollout, episode, steps=4, objectives={"defender": mean * 4}, flow=flow)


@pytest.mark.parametrize("condition", [EnvironmentTerminationCondition(), VanillaRunGovernorTerminationCondition()])
def test_any_environment_that_ends_ends_the_episode(condition: TerminationCondition) -> None:
    going = {"grid": EnvironmentEnd(), "ict": EnvironmentEnd()}
    assert condition.environment_flow_control(going) == Verdict()
    for end in (EnvironmentEnd(terminated=True), EnvironmentEnd(truncated=True)):
        verdict = condition.environment_flow_control({**going, "ict": end})
        assert (verdict.flow, verdict.reason, verdict.detail) == (Flow.RESET, "environment", "ict ended")


@pytest.mark.parametrize("condition", [MaxEpisodesTerminationCondition(), VanillaRunGovernorTerminationCondition()])
def test_episodes_are_counted_per_rollout_worker(condition: TerminationCondition) -> None:
    assert condition.phase_flow_control(progress(1, 0), 0).flow is Flow.CONTINUE
    assert condition.phase_flow_control(progress(3, 2), 0).flow is Flow.STOP_SIMULATION
    assert condition.phase_flow_control(progress(3, 2), 1).flow is Flow.CONTINUE
    done = condition.phase_flow_control(progress(3, 3), 1)
    assert (done.flow, done.reason) == (Flow.STOP_PHASE, "max_episodes")
    assert condition.phase_flow_control(progress(9, 0, episodes=None), 0).flow is Flow.CONTINUE


def test_one_rollout_worker_cannot_play_for_another() -> None:
    assert decide([], progress(9, 2), 1).flow is Flow.CONTINUE


class Endless(TerminationCondition):
    """Wants to go on, whatever happens."""


@given(st.integers(1, 4), st.integers(1, 5), st.booleans())
def test_no_condition_makes_a_phase_endless(workers: int, episodes: int, environment: bool) -> None:
    conditions = [Endless(), *([EnvironmentTerminationCondition()] if environment else [])]
    committed, active, count = [0] * workers, list(range(workers)), 0
    while active:
        for rollout in list(active):
            committed[rollout] += 1
            count += 1
            verdict = decide(conditions, progress(*committed, episodes=episodes), rollout)
            if verdict.flow is Flow.STOP_PHASE:
                active.clear()
                break
            if verdict.flow is Flow.STOP_SIMULATION:
                active.remove(rollout)
        assert count <= workers * episodes
    assert count == workers * episodes


def test_the_highest_wish_wins_and_a_condition_goes_before_the_bound() -> None:
    class Success(TerminationCondition):
        def phase_flow_control(self, progress: PhaseProgress, rollout: int) -> Verdict:
            return Verdict(Flow.STOP_PHASE, "success")

    assert decide([Endless(), Success()], progress(1, 0), 0).reason == "success"
    assert decide([Success()], progress(3, 3), 0).reason == "success"


def test_what_a_condition_of_the_episode_wished_beyond_its_end_is_heard() -> None:
    stop = played(0, 0, 0.0, Flow.STOP_PHASE)
    assert decide([], progress(1, 0, results=(stop,)), 0).flow is Flow.STOP_PHASE
    assert decide([], progress(1, 0, results=(played(0, 0, 0.0, Flow.RESET),)), 0).flow is Flow.CONTINUE


def test_only_conditions_that_look_at_results_force_rounds() -> None:
    counting = (
        EnvironmentTerminationCondition,
        MaxEpisodesTerminationCondition,
        VanillaRunGovernorTerminationCondition,
    )
    assert not any(kind().depends_on_results for kind in counting)
    assert AgentObjectiveTerminationCondition(defender={"phase_avg2": 1.0}).depends_on_results


def test_an_agent_that_is_good_for_n_steps_ends_the_episode() -> None:
    condition = AgentObjectiveTerminationCondition(defender={"brain_avg3": 2.0, "brain_avg1": 9})
    assert (condition.objectives_needed("defender"), condition.objectives_needed("other")) == (3, 0)
    assert condition.brain_flow_control("defender", [2.0, 2.0]).flow is Flow.CONTINUE
    assert condition.brain_flow_control("defender", [9.0, 1.0, 1.0, 1.0]).flow is Flow.CONTINUE
    assert condition.brain_flow_control("defender", [0.0, 1.0, 2.0, 3.0]).flow is Flow.RESET
    assert (
        condition.brain_flow_control("defender", [9.0]).detail
        == "defender: mean objective of the last 1 steps is 9, at least 9"
    )
    assert condition.brain_flow_control("other", [9.0, 9.0, 9.0]).flow is Flow.CONTINUE


def test_an_agent_that_is_good_for_n_episodes_in_every_rollout_worker_ends_the_phase() -> None:
    condition = AgentObjectiveTerminationCondition(defender={"phase_avg2": 1.0}, attacker={"brain_avg5": 1})
    assert condition.results_needed == 2
    one = (played(0, 0, 5.0), played(0, 1, 1.0), played(1, 0, 1.0))
    assert condition.phase_flow_control(progress(2, 1, results=one), 0).flow is Flow.CONTINUE
    bad = (*one, played(1, 1, 0.9))
    assert condition.phase_flow_control(progress(2, 2, results=bad), 1).flow is Flow.CONTINUE
    good = (*one, played(1, 1, 1.1))
    verdict = condition.phase_flow_control(progress(2, 2, results=good), 1)
    assert (verdict.flow, verdict.reason) == (Flow.STOP_PHASE, "objective")
    older = (played(0, 0, 9.0), *(played(0, episode, 0.5) for episode in (1, 2)))
    assert condition.phase_flow_control(progress(3, results=older), 0).flow is Flow.CONTINUE


def test_without_a_phase_average_the_first_success_ends_the_phase() -> None:
    condition = AgentObjectiveTerminationCondition(defender={"brain_avg2": 1.0})
    by_environment = (played(0, 0, 0.5),)
    assert condition.phase_flow_control(progress(1, results=by_environment), 0).flow is Flow.CONTINUE
    by_brain = (*by_environment, played(0, 1, 2.0, Flow.RESET))
    assert condition.phase_flow_control(progress(2, results=by_brain), 0).flow is Flow.STOP_PHASE


def test_an_episode_without_objective_is_no_success() -> None:
    condition = AgentObjectiveTerminationCondition(defender={"phase_avg1": -5.0})
    silent = (EpisodeResult(0, 0, steps=3),)
    assert condition.phase_flow_control(progress(1, results=silent), 0).flow is Flow.CONTINUE
    assert EpisodeResult(0, 0, steps=0, objectives={"defender": 0.0}).mean_objective("defender") is None


def test_conditions_are_made_by_their_names_in_documents() -> None:
    assert isinstance(
        builtin_condition("palaestrai.simulation:VanillaSimControllerTerminationCondition", {}),
        EnvironmentTerminationCondition,
    )
    made = builtin_condition("sparring.experiment:AgentObjectiveTerminationCondition", {"my agent": {"brain_avg4": 1}})
    assert made is not None
    assert made.objectives_needed("my agent") == 4
    assert builtin_condition("my.own:Condition", {}) is None


@pytest.mark.parametrize(
    ("name", "params", "parameter"),
    [
        ("MaxEpisodesTerminationCondition", {"episodes": 3}, "episodes"),
        ("AgentObjectiveTerminationCondition", {"a": {"brain_avg": 3}}, "a.brain_avg"),
        ("AgentEvaluationObjectiveTerminationCondition", {}, ""),
    ],
)
def test_wrong_parameters_are_refused_by_name(name: str, params: dict[str, object], parameter: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        builtin_condition(f"sparring.experiment:{name}", params)
    assert caught.value.reason == "CONDITION_PARAMETER_INVALID"
    assert caught.value.metadata == {"parameter": parameter}
