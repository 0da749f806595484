"""`sparring run` as users meet it: what is printed, what can be done next, and Ctrl-C."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.command import EXAMPLES, command, environment, sparring
from tests.support.eventually import eventually_sync

DUMMY = EXAMPLES / "dummy.yml"
LONG = DUMMY.read_text().replace("episodes: 5", "episodes: 1000000")
LIMIT_S = 60


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """A document that takes for ever."""
    assert "1000000" in LONG
    file = tmp_path / "long.yml"
    file.write_text(LONG)
    return file


def test_a_run_prints_a_table_a_digest_and_commands_that_work(tmp_path: Path) -> None:
    result = sparring("run", str(DUMMY), folder=tmp_path)
    assert result.code == 0, result.err
    assert re.search(r"^\s*train\s+train\s+5\s+50\s", result.out, re.MULTILINE), result.out
    assert re.search(r"^digest\s+[0-9a-f]{64}\s*$", result.out, re.MULTILINE), result.out
    assert "\x1b" not in result.out
    commands = re.findall(r"^(?:next)?\s+sparring (.+?)\s*$", result.out, re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["plot", "query", "verify"], result.out
    for each in commands:
        again = sparring(*shlex.split(each), folder=tmp_path)
        assert again.code == 0, again.err


def test_a_run_shows_its_returns_and_writes_a_picture_unless_told_not_to(tmp_path: Path) -> None:
    assert re.search(r"^return  train  ▅▅▅▅▅  45 to 45", sparring("run", str(DUMMY), folder=tmp_path).out, re.MULTILINE)
    assert (tmp_path / "sparring-data" / "plots" / "dummy-1.png").read_bytes().startswith(b"\x89PNG")
    result = sparring("run", "--no-plot", str(DUMMY), folder=tmp_path)
    assert (result.code, "plots" in result.out) == (0, False)
    assert not (tmp_path / "sparring-data" / "plots" / "dummy-2.png").exists()


def test_every_line_of_json_is_an_event_and_nothing_is_complained_about(tmp_path: Path) -> None:
    result = sparring("run", "--json", str(DUMMY), folder=tmp_path)
    assert (result.code, result.err) == (0, "")
    kinds = [event["event"] for event in result.events]
    assert (kinds[0], kinds[-1], kinds.count("episode")) == ("started", "summary", 5)
    states = [event["state"] for event in result.events if event["event"] == "state"]
    assert states.index("INITIALIZING") < states.index("TRANSCEIVING") < states.index("FINALIZING")


def test_transitions_of_a_run_can_be_watched_afterwards(tmp_path: Path) -> None:
    assert sparring("run", str(DUMMY), folder=tmp_path).code == 0
    result = sparring("runs", "watch", "latest", folder=tmp_path)
    assert result.code == 0, result.err
    assert "INITIALIZING" in result.out
    assert "TRANSCEIVING" in result.out
    assert re.search(r"finished, digest [0-9a-f]{64}$", result.out)


class Running:
    """A `sparring run --json` that goes on."""

    def __init__(self, document: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            command("run", "--json", *options, str(document)),
            cwd=document.parent,
            env=environment(document.parent),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.events: list[dict[str, object]] = []

    def until(self, kind: str) -> None:
        """Read events until one of this kind."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append(json.loads(line))
            if self.events[-1]["event"] == kind:
                return
        raise AssertionError(f"no {kind}: {self.events[-3:]}")

    def interrupt(self) -> None:
        """Press Ctrl-C: the whole group of processes gets it."""
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self) -> tuple[int, str]:
        """Wait for the end; return exit code and complaints."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        # Read here, not by `communicate`: that would pass over what `until` has read ahead.
        with self.process.stdout as out, self.process.stderr as complaints:
            self.events += [json.loads(line) for line in out if line.endswith("\n")]
            err = complaints.read()
        self.process.wait(LIMIT_S)
        return self.process.returncode, err


@pytest.fixture
def running(long: Path) -> Iterator[Running]:
    started = Running(long)
    yield started
    if started.process.poll() is None:
        os.killpg(started.process.pid, signal.SIGKILL)
        started.process.communicate()


def test_ctrl_c_ends_in_order_and_keeps_what_is_committed(running: Running, tmp_path: Path) -> None:
    running.until("episode")
    running.interrupt()
    code, err = running.end()
    assert (code, err) == (130, "")
    assert running.events[-1]["status"] == "cancelled"
    verified = sparring("verify", "latest", folder=tmp_path)
    assert verified.code == 0, verified.out + verified.err
    assert not re.search(r"\b0 episodes", verified.out)


def test_ctrl_c_twice_ends_at_once(running: Running) -> None:
    running.until("episode")
    running.interrupt()
    running.interrupt()
    code, err = running.end()
    assert code == 130
    assert "Traceback" not in err


@pytest.mark.parametrize("moment_s", [1.0, 1.5, 2.0])
def test_ctrl_c_while_everything_starts_leaves_no_traceback(moment_s: float, long: Path) -> None:
    started = Running(long)
    try:
        started.process.wait(moment_s)
    except subprocess.TimeoutExpired:
        started.interrupt()
    code, err = started.end()
    assert code == 130
    assert "Traceback" not in err


def test_a_run_can_be_cancelled_from_elsewhere(running: Running, tmp_path: Path) -> None:
    running.until("episode")
    run = str(running.events[0]["run"])
    assert sparring("runs", "cancel", run, folder=tmp_path).code == 0
    code, _ = running.end()
    assert code == 130
    assert running.events[-1]["status"] == "cancelled"


def test_a_terminal_shows_bars(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    variables = {**environment(tmp_path), "TERM": "xterm", "COLUMNS": "140"}
    process = subprocess.Popen(
        command("run", str(DUMMY)), cwd=tmp_path, env=variables, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL
    )
    os.close(theirs)
    shown = b""
    try:
        while data := _read(ours):
            shown += data
    finally:
        os.close(ours)
    assert process.wait(LIMIT_S) == 0
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert "5/5 episodes" in text
    assert "digest" in text


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:  # the other end is closed
        return b""


def test_a_killed_run_is_resumed_where_its_last_commit_left_it(running: Running, tmp_path: Path) -> None:
    running.until("episode")
    running.process.kill()
    running.end()
    resumed = subprocess.Popen(
        command("run", "--json", "--resume", "latest"),
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert resumed.stdout is not None
        events = (json.loads(line) for line in resumed.stdout)
        after = next(event for event in events if event["event"] == "state" and event["state"] == "TRANSCEIVING")
        assert after["run"] == running.events[0]["run"]
    finally:
        os.killpg(resumed.pid, signal.SIGINT)
        code = eventually_sync(lambda: resumed.poll(), within_s=LIMIT_S)
        assert resumed.stdout is not None
        resumed.stdout.close()
    assert code == 130
