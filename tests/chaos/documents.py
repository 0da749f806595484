"""The documents that are disturbed: learning by rounds with four rollout workers, and step by step with one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from sparring.types.mode import Mode
from tests.chaos.history import Plan

SEED = 42

DOCUMENT = """\
uid: {uid}
seed: {seed}
save_every: 10
retries: {{episode: 50}}
schedule:
  - train:
      environments:
        - environment: {{name: "drift:Drift", uid: world, params: {{}}}}
      agents:
        - name: keeper
          brain: {{name: "sparring.agent.learners:PPOBrain", params: {{}}}}
          muscle: {{name: "sparring.agent.learners:PPOMuscle", params: {{}}}}
          sensors: [world.position]
          actuators: [world.push]
      phase_config: {{mode: train, worker: {workers}, episodes: {episodes}, learning: {learning}}}
  - test:
      phase_config: {{mode: test, worker: 1, episodes: 5}}
"""


@dataclass(frozen=True)
class Disturbed:
    """A document in a folder, and what it asks for."""

    file: Path
    plan: Plan

    @property
    def folder(self) -> Path:
        """Where it lies, beside its world."""
        return self.file.parent


def write_document(folder: Path, learning: str, episodes: int = 30) -> Disturbed:
    """Write a document and its world."""
    workers = 4 if learning == "episode" else 1
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(__file__).with_name("drift.py"), folder / "drift.py")
    file = folder / f"{learning}.yml"
    text = DOCUMENT.format(uid=f"chaos-{learning}", seed=SEED, workers=workers, episodes=episodes, learning=learning)
    file.write_text(text)
    phases = ((Mode.TRAIN, workers, episodes), (Mode.TEST, 1, 5))
    return Disturbed(file, Plan(SEED, "world", "keeper", phases))
