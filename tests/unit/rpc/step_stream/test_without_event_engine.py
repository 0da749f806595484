"""The contract once more as our processes run it: without gRPC's event engine, which this process may have loaded."""

import os
import subprocess
import sys
from pathlib import Path

from sparring.rpc.grpc_environment import child_environment

SUITES = ("test_contract.py", "test_endings.py", "test_threads_of_a_server.py", "test_foreign_peers.py")
TIMEOUT_S = 300.0


def test_the_contract_holds_without_the_event_engine() -> None:
    here = Path(__file__).parent
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        *(str(here / name) for name in SUITES),
    ]
    done = subprocess.run(
        command,
        cwd=here.parents[3],
        env=child_environment(os.environ),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
