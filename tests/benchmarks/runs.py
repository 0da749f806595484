"""Whole runs: steps per second of `sparring run`, inline and over services, against a bare Python loop and bare
grpc.aio; start-up; memory.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.benchmarks.measure import Measure, interleaved, pinned, ratio
from tests.benchmarks.step_stream import measure as step_stream_rate

EXAMPLE = Path(__file__).parents[2] / "examples" / "dummy.yml"
STEPS = 5000
BARE = """
import time
from sparring.environment import DummyEnvironment
from sparring.types.information import ActuatorInformation
environment = DummyEnvironment("world", seed=1, max_iter={steps})
baseline = environment.start_environment()
began = time.perf_counter()
done = False
while not done:
    actuators = [ActuatorInformation(5, one.space, one.uid) for one in baseline.actuators_available]
    done = environment.update(actuators).done
print({steps} / (time.perf_counter() - began))
"""
DOCUMENT = """
uid: bench
seed: 1
version: "1"
schedule:
  - play:
      environments:
        - environment: {{name: "sparring.environment:DummyEnvironment", uid: world, params: {{max_iter: {steps}}}}}
      agents:
        - name: hand
          brain: {{name: "sparring.agent:DummyBrain", params: {{}}}}
          muscle: {{name: "sparring.agent:DummyMuscle", params: {{}}}}
          objective: {{name: "sparring.agent:DummyObjective", params: {{}}}}
          sensors: [{sensors}]
          actuators: [{sensors}]
      simulation:
        name: sparring.simulation:VanillaSimulationController
        conditions: [{{name: "sparring.experiment:EnvironmentTerminationCondition", params: {{}}}}]
      phase_config: {{mode: train, worker: 1, episodes: 1}}
run_config:
  condition: {{name: "sparring.experiment:MaxEpisodesTerminationCondition", params: {{}}}}
"""


def measures(rounds: int) -> Iterator[Measure]:
    """Measure everything; `rounds` of each."""
    with tempfile.TemporaryDirectory(prefix="sparring-bench-") as folder:
        document = Path(folder) / "bench.yml"
        sensors = ", ".join(f"world.{number}" for number in range(10))
        document.write_text(DOCUMENT.format(steps=STEPS, sensors=sensors))
        candidates = {
            "bare": _bare,
            "inline": lambda: _run(document, "inline"),
            "service": lambda: _run(document, "service"),
            "aio": _aio_round_trips,
        }
        with pinned():
            taken = interleaved(candidates, rounds)
        for name in ("inline", "service"):
            value = statistics.median(taken[name])
            yield Measure(f"steps/s of a dummy run, {name}, pinned to one core", value, "1/s", "", "", rounds)
        yield Measure(
            "dummy run inline, store on, one core",
            ratio(taken, "inline", "bare"),
            "ratio",
            "",
            "bare Python loop",
            rounds,
        )
        yield Measure(
            "dummy run over services, one core",
            ratio(taken, "service", "aio"),
            "ratio",
            "",
            "grpc.aio round trips",
            rounds,
        )
        free = interleaved({"bare": _bare, "inline": candidates["inline"]}, 1)
        yield Measure(
            "dummy run inline, store on, not pinned", ratio(free, "inline", "bare"), "ratio", "", "bare Python loop", 1
        )
    yield from _start_up(rounds)


def _bare() -> float:
    done = subprocess.run([sys.executable, "-c", BARE.format(steps=STEPS)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def _run(document: Path, placement: str) -> float:
    command = [sys.executable, "-m", "sparring", "run", "--json", "--placement", placement, str(document)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=document.parent)
    summary = json.loads(done.stdout.splitlines()[-1])
    return float(summary["phases"][0]["steps_per_second"])


def _aio_round_trips() -> float:
    """Round trips per second of a bare grpc.aio stream with its defaults, in processes of its own."""
    return 1.0 / step_stream_rate("aio", False, "small", 2000)


def _start_up(rounds: int) -> Iterator[Measure]:
    """Measure `sparring run examples/dummy.yml` from command to first step, to exit, and its memory."""
    first, whole, memory, processes = [], [], [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="sparring-bench-") as folder:
            began = time.monotonic()
            command = [sys.executable, "-m", "sparring", "run", "--json", str(EXAMPLE)]
            with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as run:
                assert run.stdout is not None
                peak, count, stepped = 0.0, 0, 0.0
                for line in run.stdout:
                    event = json.loads(line)
                    if not stepped and event.get("event") in ("progress", "episode"):
                        stepped = time.monotonic() - began
                    used, running = _memory(run.pid)
                    peak, count = max(peak, used), max(count, running)
            first.append(stepped)
            whole.append(time.monotonic() - began)
            memory.append(peak)
            processes.append(float(count))
    yield Measure("command to first step, dummy.yml", statistics.median(first), "s", "<= 2", "", rounds)
    yield Measure("command to exit, dummy.yml", statistics.median(whole), "s", "<= 4", "", rounds)
    yield Measure("memory of all processes (PSS), dummy.yml", statistics.median(memory), "MiB", "", "", rounds)
    yield Measure("processes, dummy.yml", statistics.median(processes), "", "", "", rounds)


def _memory(pid: int) -> tuple[float, int]:
    """Return MiB and number of a process and its children, now."""
    total, count = 0.0, 0
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return 0.0, 0
    for process in family:
        try:
            total += process.memory_full_info().pss / 2**20
            count += 1
        except psutil.Error:
            continue
    return total, count
