"""CartPole with a policy: steps per second of `sparring run`, inline and with the store on, against a bare Python loop
with the same policy; from the command to the first step of the example.
"""

from __future__ import annotations

import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measure import Measure, interleaved, pinned, ratio

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "cartpole.yml"
EPISODES = 40
WORDS = "CartPole with policy, inline, store on"
BARE = f"""
import time
import gymnasium
from sparring.agent.learners import PPOMuscle
from sparring.types.declaration import Declaration
from sparring.types.information import ActuatorInformation, SensorInformation
from sparring.types.mode import Mode
from tests.benchmarks.fixed_policy import snapshot
environment = gymnasium.make("CartPole-v1", disable_env_checker=True)
muscle = PPOMuscle()
muscle.mode = Mode.TEST
muscle.sensors = [SensorInformation(environment.observation_space.sample(), environment.observation_space, "0")]
muscle.actuators = [ActuatorInformation(0, environment.action_space, "0")]
muscle.setup()
muscle.update(snapshot())
steps, began = 0, time.perf_counter()
for episode in range({EPISODES}):
    observation, _ = environment.reset(seed=episode)
    total, over = 0.0, False
    while not over:
        answer = muscle.act([observation])
        setpoints = answer[0] if isinstance(answer, tuple) else answer
        observation, reward, terminated, truncated, _ = environment.step(setpoints[0])
        total += reward
        steps += 1
        over = terminated or truncated
print(steps / (time.perf_counter() - began), steps)
"""
DOCUMENT = f"""
uid: cartpole-bench
seed: 1
schedule:
  - play:
      environments:
        - environment:
            name: sparring.bridges.gymnasium:GymnasiumEnvironment
            uid: cart
            params: {{env_name: CartPole-v1}}
      agents:
        - name: balancer
          brain: {{name: "tests.benchmarks.fixed_policy:FixedBrain"}}
          muscle: {{name: "sparring.agent.learners:PPOMuscle"}}
          sensors: [cart.0]
          actuators: [cart.0]
      phase_config: {{mode: test, worker: 1, episodes: {EPISODES}}}
"""


def measures(rounds: int) -> Iterator[Measure]:
    """Measure everything; `rounds` of each."""
    with tempfile.TemporaryDirectory(prefix="sparring-bench-") as folder:
        document = Path(folder) / "bench.yml"
        document.write_text(DOCUMENT)
        candidates = {"bare": _bare, "inline": lambda: _run(document)}
        taken = interleaved(candidates, rounds)
        for name, words in (("bare", "bare Python loop"), ("inline", WORDS)):
            yield Measure(f"steps/s: {words}", statistics.median(taken[name]), "1/s", "", "", rounds)
        against = "bare Python loop, same policy"
        yield Measure(WORDS, ratio(taken, "inline", "bare"), "ratio", ">= 0.15", against, rounds)
        with pinned():
            together = interleaved(candidates, rounds)
        yield Measure(f"{WORDS}, one core", ratio(together, "inline", "bare"), "ratio", "", against, rounds)
    first = statistics.median([_first_step() for _ in range(rounds)])
    yield Measure("command to first step, cartpole.yml", first, "s", "<= 2", "", rounds)


def _bare() -> float:
    done = subprocess.run([sys.executable, "-c", BARE], capture_output=True, text=True, check=True, cwd=ROOT)
    return float(done.stdout.split()[0])


def _run(document: Path) -> float:
    command = [sys.executable, "-m", "sparring", "run", "--json", "--placement", "inline"]
    command += ["--store", str(document.parent / "data"), str(document)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    phase = json.loads(done.stdout.splitlines()[-1])["phases"][0]
    return float(phase["steps_per_second"])


def _first_step() -> float:
    """Return the seconds from the command to the first word of a step; the run is cancelled then."""
    with tempfile.TemporaryDirectory(prefix="sparring-bench-") as folder:
        command = [sys.executable, "-m", "sparring", "run", "--json", str(EXAMPLE)]
        began = time.monotonic()
        stepped = 0.0
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None
            for line in run.stdout:
                if not stepped and json.loads(line).get("event") in ("progress", "episode"):
                    stepped = time.monotonic() - began
                    run.send_signal(signal.SIGINT)
        return stepped
