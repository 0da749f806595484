"""What goes wrong in author code ends the run as failed, naming component, step and message, and leaves nothing
behind.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import psutil
import pytest

from tests.e2e.command import Result, sparring

MODULE = """
import time
from sparring.agent import Muscle, Objective
from sparring.environment import DummyEnvironment, EnvironmentState
from sparring.types.information import SensorInformation
from sparring.types.space import Discrete


class Raises(DummyEnvironment):
    def update(self, actuators):
        if self.iter == 3:
            raise RuntimeError("the pump is broken")
        return super().update(actuators)


class Strays(DummyEnvironment):
    def update(self, actuators):
        state = super().update(actuators)
        if self.iter == 3:
            state.sensor_information[4].value = 4711
        return state


class Sleeps(DummyEnvironment):
    def update(self, actuators):
        if self.iter == 3:
            time.sleep(600)
        return super().update(actuators)


class Stumbles(Muscle):
    acts = 0

    def propose_actions(self, sensors, actuators_available):
        self.acts += 1
        if self.acts == 3:
            raise RuntimeError("no idea what to do")
        for actuator in actuators_available:
            actuator(0)
        return actuators_available, None


class Judges(Objective):
    def internal_reward(self, memory, **kwargs):
        raise RuntimeError("cannot judge this")
"""

DOCUMENT = """
uid: failing
seed: 1
version: "1"
{extra}
schedule:
  - only:
      environments:
        - environment: {{name: "{environment}", uid: world, params: {{}}}}
      agents:
        - name: hand
          brain: {{name: "sparring.agent:DummyBrain", params: {{}}}}
          muscle: {{name: "{muscle}", params: {{}}}}
          objective: {{name: "{objective}", params: {{}}}}
          sensors: [world.0]
          actuators: [world.0]
      simulation:
        name: sparring.simulation:VanillaSimulationController
        conditions:
          - {{name: "sparring.experiment:EnvironmentTerminationCondition", params: {{}}}}
      phase_config: {{mode: train, worker: 1, episodes: 3}}
run_config:
  condition: {{name: "sparring.experiment:MaxEpisodesTerminationCondition", params: {{}}}}
"""


def play(
    folder: Path,
    *options: str,
    environment: str = "sparring.environment:DummyEnvironment",
    muscle: str = "sparring.agent:DummyMuscle",
    objective: str = "sparring.agent:DummyObjective",
    extra: str = "",
) -> Result:
    """Write module and document, and run it."""
    (folder / "faulty.py").write_text(MODULE)
    document = DOCUMENT.format(environment=environment, muscle=muscle, objective=objective, extra=extra)
    (folder / "failing.yml").write_text(textwrap.dedent(document))
    return sparring("run", "--json", *options, "failing.yml", folder=folder)


@pytest.mark.parametrize("placement", ["inline", "service"])
@pytest.mark.parametrize(
    ("part", "names"),
    [
        ({"environment": "faulty:Raises"}, ["world", "the pump is broken"]),
        ({"environment": "faulty:Strays"}, ["world", "4", "4711"]),
        ({"muscle": "faulty:Stumbles"}, ["hand", "no idea what to do"]),
        ({"objective": "faulty:Judges"}, ["hand", "cannot judge this"]),
        ({"environment": "faulty:Sleeps", "extra": "timeouts: {step_s: 1}"}, ["world", "1 s"]),
    ],
    ids=["environment raises", "reading outside its space", "muscle raises", "objective raises", "environment hangs"],
)
def test_a_fault_in_author_code_fails_the_run_and_says_where(
    part: dict[str, str], names: list[str], placement: str, tmp_path: Path
) -> None:
    result = play(tmp_path, "--placement", placement, **part)
    assert result.code == 1, result.err + result.out[-2000:]
    summary = result.summary
    assert summary["status"] == "failed"
    for name in names:
        assert name in summary["error"]["message"]
    assert "Traceback" not in result.out
    assert [process for process in psutil.process_iter() if _works_in(process, tmp_path)] == []


def _works_in(process: psutil.Process, folder: Path) -> bool:
    """Whether a process was started by the command: it has its folder."""
    try:
        return process.cwd() == str(folder)
    except psutil.Error:
        return False
