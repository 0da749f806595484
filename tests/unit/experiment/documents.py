"""Documents that tests start from, and a way to break them at a known line."""

from __future__ import annotations

from sparring.experiment import Problem, check_document

GOOD = """\
uid: good
seed: 1
schedule:
  - train:
      environments:
        - environment:
            name: sparring.environment:DummyEnvironment
            uid: arena
            params: {discrete: true, max_iter: 10}
      agents:
        - name: first
          brain: {name: "sparring.agent:DummyBrain", params: {}}
          muscle: {name: "sparring.agent:DummyMuscle", params: {}}
          objective: {name: "sparring.agent:DummyObjective", params: {}}
          sensors: [arena.0, arena.1]
          actuators: [arena.0]
        - name: second
          brain: {name: "sparring.agent:DummyBrain", params: {}}
          muscle: {name: "sparring.agent:DummyMuscle", params: {}}
          objective: {name: "sparring.agent:DummyObjective", params: {}}
          sensors: [arena.0, arena.2]
          actuators: [arena.1]
      simulation:
        name: sparring.simulation:VanillaSimulationController
        conditions:
          - name: sparring.experiment:EnvironmentTerminationCondition
            params: {}
      phase_config:
        mode: train
        worker: 1
        episodes: 5
        evaluate_every: 2
  - test:
      phase_config:
        mode: test
        episodes: 2
run_config:
  condition:
    name: sparring.experiment:VanillaRunGovernorTerminationCondition
    params: {}
"""

# An own document in the form of palaestrAI 3.5, with everything that form has.
PALAESTRAI = """\
%YAML 1.2
---
uid: cartpole-two-phase
experiment_uid: cartpole-study
seed: 20261120
version: "3.5"
schedule:
  - training:
      environments:
        - environment:
            name: palaestrai_environments.gym:GymEnvironment
            uid: cart                      # no '-' and no '.' in here!
            params:
              env_name: CartPole-v1
              conversion: {}
              reward_space: "Box(low=0.0, high=1.0, shape=(), dtype=np.float64)"
              max_episode_steps: 500       # forwarded to gym.make
          # reward: {name: "my.mod:Reward", params: {}}
          # state_transformer: {name: "my.mod:Shrink", params: {}}
      agents:
        - name: balancer
          brain:
            name: harl:PPOBrain
            params: {rollout_size: 256, epochs: 10, fc_dims: [64, 64]}
          muscle:
            name: harl:PPOMuscle
            params: {}
          objective:
            name: palaestrai.agent:AggregateRewardsObjective
            params: {rewards: [gym.reward], aggregation: sum, factor: 1.0}
          sensors: [cart.0]
          actuators: [cart.0]
          filters:
            - {name: "palaestrai.agent:NormFilter", params: {clip_obs: 5.0}}
      simulation:
        name: palaestrai.simulation:VanillaSimulationController
        conditions:
          - name: palaestrai.simulation:VanillaSimControllerTerminationCondition
            params: {}
      phase_config:
        mode: train
        worker: 2
        episodes: 300
        evaluate_every: 50
  - testing:                               # inherits environments, agents, simulation
      phase_config: {mode: test, worker: 1, episodes: 10}
run_config:
  condition:
    name: palaestrai.experiment:VanillaRunGovernorTerminationCondition
    params: {}
"""


def changed(old: str, new: str, text: str = GOOD) -> str:
    """Return the document with the first `old` replaced."""
    assert old in text, f"{old!r} is not in the document"
    return text.replace(old, new, 1)


def line_of(part: str, text: str) -> int:
    """Return the number of the first line with `part` in it."""
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def problems_of(text: str) -> list[Problem]:
    """Return what is wrong with a document called run.yml."""
    return list(check_document(text, name="run.yml"))


def only_problem(text: str) -> Problem:
    """Return the one problem of a document."""
    found = problems_of(text)
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]
