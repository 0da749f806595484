"""A document becomes a run: defaults, our names, what brains start from, canonical form."""

import json
from pathlib import Path

import pytest

from sparring.experiment import BrainSource, ComponentSpec, ExperimentRun, HostedSpec, load_document
from sparring.types.mode import Mode
from tests.unit.experiment.documents import GOOD, PALAESTRAI, changed

SHORT = """\
schedule:
  - only:
      environments: [{environment: {service: environment/x, uid: x}}]
      agents: [{name: a, brain: {name: "m:B"}, muscle: {address: "h:1"}}]
      phase_config: {episodes: 3, worker: 2}
"""
OLDER = """\
uid: "Yo-ho, a run in the form of 3.4!"
seed: 42
version: 3.4
schedule:
  - phase_0:
      environments:
        - environment:
            name: palaestrai.environment.dummy_environment:DummyEnvironment
            uid: myenv
            params: {"discrete": true}
          reward: {name: my.module:Reward}
      agents:
        - name: mighty defender
          brain: {name: palaestrai.agent.dummy_brain:DummyBrain, params: {"store_path": "./custom"}}
          muscle:
            name: palaestrai.agent.dummy_muscle:DummyMuscle
            params:
          objective: {name: palaestrai.agent.dummy_objective:DummyObjective, params: {"params": 1}}
          sensors: [myenv.0, myenv.1]
          actuators: [myenv.0]
          load: {base: "./custom", experiment_id: before, phase_name: phase_0}
      simulation:
        name: palaestrai.simulation:VanillaSimController
        conditions:
          - name: palaestrai.experiment:AgentObjectiveTerminationCondition
            params: {mighty defender: {brain_avg100: 8.9}}
      phase_config: {mode: TRAIN, worker: 1, episodes: 1, store_raw_actuators: true}
run_config:
  condition:
    name: palaestrai.experiment:AgentObjectiveTerminationCondition
    params: {mighty defender: {phase_avg100: 8.9}}
"""


def run_of(text: str, *, seed: int | None = 0) -> ExperimentRun:
    return load_document(text, name="folder/run.yml").expand(seed=seed)


def test_everything_that_is_left_out_has_its_default() -> None:
    run = run_of(SHORT)
    assert (run.uid, run.experiment_uid, run.version) == ("run", None, None)
    assert (run.episode_retries, run.placement, run.save_every) == (3, "auto", 100)
    assert run.condition == ComponentSpec("sparring.experiment:VanillaRunGovernorTerminationCondition")
    [phase] = run.phases
    assert (phase.number, phase.name, phase.mode, phase.workers, phase.lanes) == (0, "only", Mode.TRAIN, 2, 1)
    assert (phase.learning, phase.evaluate_every) == ("episode", None)
    assert phase.controller == "sparring.simulation:VanillaSimulationController"
    assert phase.conditions == (ComponentSpec("sparring.experiment:EnvironmentTerminationCondition"),)
    assert (phase.timeouts.start_s, phase.timeouts.reset_s) == (120, 120)
    assert (phase.timeouts.step_s, phase.timeouts.think_s) == (60, 600)
    [environment], [agent] = phase.environments, phase.agents
    assert environment.source == HostedSpec(service="environment/x")
    assert (environment.source.foreign, environment.placement, environment.recreate) == (True, "service", None)
    assert agent.objective == ComponentSpec("sparring.agent:DummyObjective")
    assert (agent.brain.foreign, agent.muscle.foreign, agent.placement) == (False, True, "service")
    assert (agent.load, agent.replay, agent.filters, agent.sensors) == (None, (), (), ())


@pytest.mark.parametrize(
    ("config", "learning"),
    [
        ("{episodes: 1}", "step"),
        ("{episodes: 1, worker: 2}", "episode"),
        ("{episodes: 1, lanes: 2}", "episode"),
        ("{episodes: 1, learning: async}", "async"),
        ("{episodes: 1, mode: test, learning: async}", "none"),
    ],
)
def test_brains_learn_as_the_number_of_rollout_workers_and_lanes_allows(config: str, learning: str) -> None:
    assert run_of(changed("{episodes: 3, worker: 2}", config, SHORT)).phases[0].learning == learning


def test_a_document_of_palaestrai_loads_unchanged() -> None:
    document = load_document(PALAESTRAI, name="cartpole.yml")
    assert document.text == PALAESTRAI
    run = document.expand()
    assert (run.uid, run.experiment_uid, run.seed, run.seed_drawn) == (
        "cartpole-two-phase",
        "cartpole-study",
        20261120,
        False,
    )
    training, testing = run.phases
    [cart], [balancer] = training.environments, training.agents
    assert cart.source.name == "sparring.bridges.gymnasium:GymnasiumEnvironment"
    assert cart.source.params["reward_space"] == "Box(low=0.0, high=1.0, shape=(), dtype=np.float64)"
    assert balancer.brain == HostedSpec(
        "harl:PPOBrain", params={"rollout_size": 256, "epochs": 10, "fc_dims": [64, 64]}
    )
    assert balancer.objective is not None
    assert balancer.objective.name == "sparring.agent:AggregateRewardsObjective"
    assert balancer.filters == (ComponentSpec("sparring.agent:NormFilter", {"clip_obs": 5.0}),)
    assert training.conditions == (ComponentSpec("sparring.experiment:EnvironmentTerminationCondition"),)
    assert run.condition.name == "sparring.experiment:VanillaRunGovernorTerminationCondition"
    assert (training.workers, training.episodes, training.evaluate_every, training.learning) == (2, 300, 50, "episode")
    assert (testing.workers, testing.episodes, testing.evaluate_every, testing.mode) == (1, 10, None, Mode.TEST)
    assert testing.agents[0].load == BrainSource("balancer", None, 0)


def test_an_older_document_of_palaestrai_loads_unchanged() -> None:
    run = run_of(OLDER, seed=None)
    [phase] = run.phases
    [agent] = phase.agents
    assert (run.version, run.seed, phase.mode) == ("3.4", 42, Mode.TRAIN)
    assert agent.muscle == HostedSpec("sparring.agent:DummyMuscle")
    assert agent.load == BrainSource("mighty defender", "before", "phase_0")
    assert phase.environments[0].reward == ComponentSpec("my.module:Reward")
    assert run.condition.params == {"mighty defender": {"phase_avg100": 8.9}}


def test_a_seed_from_outside_wins_and_a_missing_one_is_drawn() -> None:
    assert (run_of(GOOD, seed=None).seed, run_of(GOOD, seed=7).seed) == (1, 7)
    first, second = run_of(SHORT, seed=None), run_of(SHORT, seed=None)
    assert first.seed_drawn
    assert first.seed != second.seed
    assert not run_of(SHORT, seed=5).seed_drawn


def test_a_later_phase_goes_on_with_the_brain_of_the_phase_before() -> None:
    text = changed("run_config:", "  - third: {}\nrun_config:")
    train, test, third = run_of(text).phases
    assert train.agents[0].load is None
    assert test.agents[0].load == BrainSource("first", None, 0)
    assert third.agents[1].load == BrainSource("second", None, 1)


def test_null_starts_afresh_and_another_brain_or_a_new_agent_cannot_go_on() -> None:
    agents = (
        "      agents:\n"
        "        - {name: first, load: null, brain: {name: 'sparring.agent:DummyBrain'}, muscle: {name: 'm:M'}}\n"
        "        - {name: second, brain: {name: 'm:Other'}, muscle: {name: 'm:M'}}\n"
        "        - {name: new, brain: {name: 'm:Other'}, muscle: {name: 'm:M'}}\n"
    )
    test = run_of(changed("  - test:\n", f"  - test:\n{agents}")).phases[1]
    assert [agent.load for agent in test.agents] == [None, None, None]


@pytest.mark.parametrize(
    ("load", "source"),
    [
        ("{}", BrainSource("first", None, 0)),
        ("{agent: second}", BrainSource("second", None, 0)),
        ("{phase: train}", BrainSource("first", None, 0)),
        ("{experiment_run: good, phase: 0}", BrainSource("first", None, 0)),
        ("{experiment_run: other, phase: 3}", BrainSource("first", "other", 3)),
        ("{experiment_run: other, phase: last}", BrainSource("first", "other", "last")),
    ],
)
def test_what_a_brain_starts_from_is_resolved(load: str, source: BrainSource) -> None:
    agent = f"{{name: first, load: {load}, brain: {{name: 'm:B'}}, muscle: {{name: 'm:M'}}}}"
    text = changed("  - test:\n", f"  - test:\n      agents: [{agent}]\n")
    assert run_of(text).phases[1].agents[0].load == source


def test_replay_defaults_to_the_agent_itself() -> None:
    text = changed("- name: first\n", "- name: first\n          replay: [{experiment_run: before, mode: train}]\n")
    [replay] = run_of(text).phases[0].agents[0].replay
    assert (replay.agent, replay.experiment_run, replay.mode, replay.repeat) == ("first", "before", Mode.TRAIN, 1)
    assert (replay.sensors, replay.actuators) == (("arena.0", "arena.1"), ("arena.0",))


def test_placement_of_the_document_holds_where_nothing_else_is_said() -> None:
    text = changed("uid: arena", "uid: arena\n            placement: service", f"placement: inline\n{GOOD}")
    phase = run_of(text).phases[0]
    assert phase.environments[0].placement == "service"
    assert phase.agents[0].placement == "inline"


def test_equal_documents_and_seeds_give_equal_runs_and_canonical_text() -> None:
    first, second = run_of(GOOD), run_of(GOOD.replace("\n", "\r\n"))
    assert first == second
    assert first.to_json() == second.to_json()
    content = json.loads(first.to_json())
    assert content["phases"][0]["environments"][0]["source"]["params"] == {"discrete": True, "max_iter": 10}
    assert "places" not in content["phases"][0]


def test_the_fingerprint_is_of_what_is_played_and_not_of_its_name() -> None:
    fingerprint = run_of(GOOD, seed=None).fingerprint
    assert len(fingerprint) == 64
    assert (
        run_of(changed("uid: good", "uid: another\nexperiment_uid: x\nversion: '9'"), seed=None).fingerprint
        == fingerprint
    )
    assert run_of(GOOD.replace("params: {}", "params: "), seed=None).fingerprint == fingerprint
    assert run_of(changed("seed: 1", "seed: 2"), seed=None).fingerprint != fingerprint
    assert run_of(changed("max_iter: 10", "max_iter: 11"), seed=None).fingerprint != fingerprint


def test_a_file_is_read_and_kept_byte_for_byte(tmp_path: Path) -> None:
    file = tmp_path / "some run.yml"
    raw = b"\xef\xbb\xbf# comment \xc3\xa4\r\n" + changed("uid: good\n", "").encode()
    file.write_bytes(raw)
    document = load_document(file)
    assert document.text.encode() == raw
    assert (document.uid, document.name, document.seed) == ("some run", str(file), 1)
    assert document.expand() == load_document(raw, name=str(file)).expand()
