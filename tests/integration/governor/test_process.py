"""The governor as a process: it waits for its broker, and ends in order when asked to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from tests.support.repository import ROOT

WITHIN_S = 60.0


def test_a_governor_without_a_broker_serves_and_ends_with_0_when_asked_to() -> None:
    variables = {
        "SPARRING_GOVERNOR_ADDRESS": "127.0.0.1:0",
        "SPARRING_BROKER": "127.0.0.1:9",
        "PYTHONPATH": str(ROOT / "services"),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "sparring.governor"],
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            first = next(line for line in process.stdout if "serves at" in line)
            process.send_signal(signal.SIGTERM)
            rest, _ = process.communicate(timeout=WITHIN_S)
        finally:
            process.kill()
    assert process.returncode == 0, first + rest


def test_a_governor_with_wrong_settings_says_what_is_wrong() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "sparring.governor"],
        env={**os.environ, "SPARRING_GOVERNOR_RUNS": "none", "PYTHONPATH": str(ROOT / "services")},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert found.returncode == 2
    assert "SPARRING_GOVERNOR_RUNS" in found.stderr
