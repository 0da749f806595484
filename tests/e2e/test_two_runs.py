"""Two runs that each need every slot of a service, at the same time: both finish, and neither waits for ever."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.e2e.command import EXAMPLES, LIMIT_S, command, environment
from tests.e2e.services import deployed

RUNS = 2


def test_two_runs_of_one_agent_each_finish_on_an_agent_service_of_two_slots(tmp_path: Path) -> None:
    """Each run takes one agent slot for its brain and one for its muscle: half of a bundle each would be a deadlock."""
    slots = {f"SPARRING_{name}_SLOTS": "2" for name in ("AGENT", "SIMULATION", "ENVIRONMENT")}
    with deployed(tmp_path, **slots) as services:
        document = str(EXAMPLES / "dummy.yml")
        arguments = ("run", "--json", "--seed", "5", "--placement", "service", "--connect", services["broker"].address)
        runs = [
            subprocess.Popen(
                command(*arguments, document),
                cwd=tmp_path,
                env=environment(tmp_path),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(RUNS)
        ]
        told = [run.communicate(timeout=LIMIT_S) for run in runs]
    summaries = [json.loads(out.splitlines()[-1]) for out, _ in told]
    assert [run.returncode for run in runs] == [0] * RUNS, told
    assert [summary["status"] for summary in summaries] == ["finished"] * RUNS
    assert len({summary["run"] for summary in summaries}) == RUNS
    assert len({summary["digest"] for summary in summaries}) == 1
