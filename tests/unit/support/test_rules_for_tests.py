"""The rules of tests/conftest.py: each is broken by a small test in a pytest of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def outcome(folder: Path, source: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `source` as a test module under the rules and return how pytest ended."""
    (folder / "test_it.py").write_text(source)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir", folder, "-p", "tests.conftest", folder],
        cwd=ROOT,
        env=os.environ | {"TESTS_GRACE_S": "0.5"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_process_left_behind_fails_the_test_and_is_ended(tmp_path: Path) -> None:
    source = """
import subprocess, sys
def test_it(): globals()["kept"] = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
"""
    ended = outcome(tmp_path, source)
    assert ended.returncode == 1
    assert "The test left behind:" in ended.stdout
    assert "import time; time.sleep(60)" in ended.stdout


def test_an_orphan_fails_the_session(tmp_path: Path) -> None:
    source = """
import subprocess, sys
ORPHAN = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
def test_it(): subprocess.run([sys.executable, "-W", "ignore", "-c", ORPHAN], check=True)
"""
    ended = outcome(tmp_path, source)
    assert ended.returncode == 1
    assert "left behind by the session" in ended.stdout


def test_a_thread_left_behind_fails_the_test(tmp_path: Path) -> None:
    source = """
import threading
def test_it(): threading.Thread(target=threading.Event().wait, args=(3,), name="forgotten").start()
"""
    ended = outcome(tmp_path, source)
    assert ended.returncode == 1
    assert "thread forgotten" in ended.stdout


def test_what_a_wider_fixture_keeps_running_is_no_leftover(tmp_path: Path) -> None:
    source = """
import subprocess, sys, pytest
@pytest.fixture(scope="module")
def server():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield
    process.kill()
    process.wait()
def test_one(server): pass
def test_two(server): pass
"""
    assert outcome(tmp_path, source).returncode == 0


@pytest.mark.parametrize(
    "source",
    ["import pytest\ndef test_it(): pytest.skip('no engine')", "import pytest\npytest.importorskip('no_engine')"],
    ids=["test", "module"],
)
def test_a_skip_is_a_failure_where_everything_is_required(tmp_path: Path, source: str) -> None:
    ended = outcome(tmp_path, source, SPARRING_REQUIRE_ALL="1")
    assert ended.returncode != 0
    assert "but this was not run" in ended.stdout
    assert outcome(tmp_path, source, SPARRING_REQUIRE_ALL="0").returncode in {0, 5}
