"""The pytest plugin, as a simulator's owner uses it: found by its entry point, in a folder of its own."""

import subprocess
import sys
from pathlib import Path

from sparring.conformance.kit import CHECKS
from tests.conformance_faults.server import NAME, serving


def pytest_run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-v", "--color=no", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def test_each_check_is_a_test(tmp_path: Path) -> None:
    with serving(capabilities=("resume", "lanes", "time")) as address:
        ended = pytest_run(tmp_path, f"--sparring-environment={address}/{NAME}")
    assert f"{len(CHECKS) - 2} passed, 2 skipped" in ended.stdout
    assert "sparring-conformance::equal_seeds_give_equal_episodes PASSED" in ended.stdout
    assert ended.returncode == 0


def test_a_finding_is_a_failure_that_says_what_is_required_and_has_no_traceback(tmp_path: Path) -> None:
    with serving("seed_ignored", ()) as address:
        ended = pytest_run(
            tmp_path, f"--sparring-environment={address}", "--sparring-level=core", "-k", "seed or fresh"
        )
    assert ended.returncode == 1
    assert "1 failed, 1 skipped" in ended.stdout
    assert "required: Two sessions that get the same Start" in ended.stdout
    assert "docs/reference/environment-protocol.md#env-seed-1" in ended.stdout
    assert "Traceback" not in ended.stdout


def test_without_the_option_nothing_is_added_and_nothing_loaded(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(
        "import sys\n\n\ndef test_own():\n    assert 'grpc' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    ended = pytest_run(tmp_path)
    assert "1 passed" in ended.stdout
