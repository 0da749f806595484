"""Documents of the learning tests, and what came of playing them."""

from __future__ import annotations

import base64
import itertools
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.command import Result, sparring

PUPILS = Path(__file__).with_name("pupils.py")
AGENTS = """
        - name: learner
          brain:
            name: sparring.agent.learners:PPOBrain
            params: {hidden: [8], batch_steps: 48, minibatch: 32, discount: 0.5}
          muscle: {name: "sparring.agent.learners:PPOMuscle"}
          objective: {name: "pupils:Lately"}
          sensors: [world.cue, world.step]
          actuators: [world.answer]
        - name: diarist
          brain: {name: "pupils:Diarist", params: {diary: DIARY}}
          muscle: {name: "pupils:Teller"}
          objective: {name: "pupils:Number"}
          sensors: [world.step]
          actuators: [world.number]"""
DOCUMENT = """
uid: UID
seed: 5
schedule:
  - train:
      environments:
        - environment: {name: "pupils:Cues", uid: world}
      agents:AGENTS
      phase_config: {mode: train, WORKER_EPISODES_LEARNING}
  - test:
      phase_config: {mode: test, worker: 1, episodes: 4}
"""


def document(
    how: str = "worker: 2, episodes: 6, learning: episode", uid: str = "cues", agents: str = AGENTS, more: str = ""
) -> str:
    """Return a document that trains two agents in the world of cues, and tests them; `how` is its phase_config."""
    text = DOCUMENT.replace("UID", uid).replace("AGENTS", agents).replace("WORKER_EPISODES_LEARNING", how)
    return text + more


@dataclass(frozen=True)
class Played:
    """A run, or what was to become one.

    Attributes:
        folder: Where it was played.
        store: Its store, in that folder.
        name: Of its document and its diary.
        result: Of the command.
    """

    folder: Path
    store: str
    name: str
    result: Result

    @property
    def summary(self) -> dict[str, Any]:
        """The last event."""
        return self.result.summary

    @property
    def run(self) -> str:
        """Its name in the store."""
        return str(self.summary["run"])

    @property
    def digest(self) -> str:
        """Of all its episodes."""
        assert self.result.code == 0, self.result.err + self.result.out[-2000:]
        return str(self.summary["digest"])

    @property
    def diary(self) -> list[dict[str, Any]]:
        """What the diarist was given, in order."""
        lines = (self.folder / f"{self.name}.diary").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Ask the store."""
        result = sparring("query", "--json", "--store", self.store, sql, folder=self.folder)
        assert result.code == 0, result.err
        return [json.loads(line) for line in result.out.splitlines()]

    @property
    def brains(self) -> dict[tuple[int, str, str], str]:
        """Digests of the saved brain states, by phase, agent and tag."""
        found = self.query(f"SELECT phase, agent, tag, digest FROM brain_states WHERE run = '{self.run}'")
        return {(each["phase"], each["agent"], each["tag"]): each["digest"] for each in found}

    def experience(self, phase: int, order: str) -> list[dict[str, Any]]:
        """Return what the store has of the diarist's experience, as the diary would have it.

        Args:
            phase: Its number.
            order: The columns that the episodes are sorted by.
        """
        where = f"run = '{self.run}' AND phase = {phase}"
        rows = self.query(f"SELECT * FROM steps WHERE {where} ORDER BY {order}, step")
        found = []
        for before, row in itertools.pairwise(rows):
            if row["step"]:
                found.append(_entry(before, row))
        return found


def play(folder: Path, text: str, *arguments: str, store: str = "data", name: str = "") -> Played:
    """Play a document in a folder, with the authors' classes beside it."""
    name = name or store
    shutil.copy(PUPILS, folder / "pupils.py")
    (folder / f"{name}.yml").write_text(text.replace("DIARY", json.dumps(str(folder / f"{name}.diary"))))
    result = sparring("run", "--json", "--store", store, *arguments, f"{name}.yml", folder=folder)
    return Played(folder, store, name, result)


def _entry(before: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """Return a step as a line of the diary: what was read before it, what was set, what followed."""
    return {
        "mode": row["mode"],
        "muscle": f"diarist.{row['rollout']}.0",
        "readings": [before["sensor.world.step"]],
        "setpoints": [row["actuator.world.number"]],
        "rewards": {"world.right": row["reward.world.right"]},
        "ends": [row["terminated.world"], row["truncated.world"]],
        "objective": [row["objective.diarist"]],
        "data": json.loads(base64.b64decode(row["data.diarist"])),
    }
