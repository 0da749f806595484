"""Documents for the tests of learners, as runs."""

from typing import Any

from sparring.experiment import ExperimentRun, load_document

DOCUMENT = """
uid: cue
seed: 5
schedule:
  - train:
      environments:
        - environment:
            name: tests.unit.agent.learners.worlds:Cue
            uid: world
            params: {{kind: {kind}, cut: {cut}}}
      agents:
        - name: pupil
          brain:
            name: sparring.agent.learners:PPOBrain
            params: {{batch_steps: {batch_steps}, hidden: [16], minibatch: 64, discount: 0.5{more}}}
          muscle:
            name: sparring.agent.learners:PPOMuscle
          sensors: [world.cue, world.step]
          actuators: [world.answer]
      phase_config: {{mode: train, worker: {worker}, episodes: {episodes}, learning: {learning}}}
  - test:
      phase_config: {{mode: test, worker: 1, episodes: 5}}
"""


def cue(**given: Any) -> ExperimentRun:
    """Return a run in the world of cues."""
    values = {
        "kind": "discrete",
        "cut": "true",
        "batch_steps": 128,
        "worker": 2,
        "episodes": 60,
        "learning": "episode",
        "more": "",
    }
    return load_document(DOCUMENT.format(**{**values, **given})).expand()
