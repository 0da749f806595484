"""Whatever ends a slot's process: its session's holder is told what it was, and there is a new process."""

import os
import signal
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from sparring.types.declaration import Timeouts
from sparring.types.errors import AuthorError, LostError
from sparring.types.holding import SessionEventKind
from tests.integration.hosts.host_thread import HostThread
from tests.integration.hosts.sessions import begun, shut_down, update
from tests.support.eventually import eventually_sync

HASTY = Timeouts(start_s=0.3, reset_s=0.3, step_s=0.3)


def is_there(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def assert_usable(host: HostThread) -> None:
    with closing(begun(host.admit("after"))) as session:
        assert update(session) == 1
        shut_down(session)


def test_a_process_that_is_killed_loses_its_session_and_is_replaced(host: HostThread) -> None:
    with closing(begun(host.admit("one"))) as session:
        assert update(session) == 1
        pid = host.pid_of("one")
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(LostError):
            update(session)
    event = host.event("one")
    assert (event.kind, event.reason) == (SessionEventKind.LOST, "PROCESS_DIED")
    assert event.message == f"Process {pid} of slot 0 was killed by SIGKILL."
    assert_usable(host)
    assert host.pool.slots[0].pid != pid
    assert host.pool.ends == {"died": 1}


def test_a_process_that_is_stopped_loses_its_session_and_is_replaced(host: HostThread) -> None:
    with closing(begun(host.admit("one"))) as session:
        assert update(session) == 1
        pid = host.pid_of("one")
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(LostError):
            update(session)
    event = host.event("one")
    assert (event.kind, event.reason) == (SessionEventKind.LOST, "PROCESS_STOPPED")
    assert "its process was stopped for" in event.message.lower()
    assert not is_there(pid)
    assert_usable(host)


def test_a_process_that_is_stopped_and_continued_at_once_goes_on(host: HostThread) -> None:
    with closing(begun(host.admit("one"))) as session:
        pid = host.pid_of("one")
        os.kill(pid, signal.SIGSTOP)
        os.kill(pid, signal.SIGCONT)
        assert update(session) == 1
        assert host.events == []


@pytest.mark.parametrize("what", ["sleep", "hold"])
def test_author_code_that_hangs_is_killed_and_named_with_what_it_did_and_where(host: HostThread, what: str) -> None:
    with closing(begun(host.admit("one"), HASTY, what=what, at=2)) as session:
        assert update(session) == 1
        with pytest.raises(LostError):
            update(session)
    event = host.event("one")
    assert (event.kind, event.reason) == (SessionEventKind.HUNG, "DEADLINE_PASSED")
    assert event.message.startswith("Update of environment 'grid' did not return within 0.3 s; it was at ")
    assert "authors.py:" in event.message
    assert " in _trouble; " in event.message
    assert_usable(host)
    assert host.pool.ends == {"hung": 1}


def test_author_code_that_hangs_at_the_start_is_named_as_well(host: HostThread) -> None:
    with pytest.raises(LostError):
        begun(host.admit("one"), HASTY, what="sleep", at=0)
    assert host.event("one").message.startswith("Start of environment 'grid' did not return within 0.3 s")


def test_a_call_that_takes_long_and_returns_in_time_is_left_alone(host: HostThread) -> None:
    with closing(begun(host.admit("one"), Timeouts(step_s=5), what="slow", slow_s=1.0)) as session:
        assert update(session) == 1
        assert host.events == []


@pytest.mark.parametrize(("what", "how"), [("exit", "ended with status 3"), ("crash", "was killed by SIGSEGV")])
def test_author_code_that_ends_its_process_loses_the_session(host: HostThread, what: str, how: str) -> None:
    with closing(begun(host.admit("one"), what=what)) as session, pytest.raises(LostError):
        update(session)
    assert how in host.event("one").message
    assert_usable(host)


def test_author_code_that_raises_ends_the_session_and_not_the_process(host: HostThread) -> None:
    pid = host.pool.slots[0].pid
    with closing(begun(host.admit("one"), what="raise")) as session, pytest.raises(AuthorError) as caught:
        update(session)
    assert caught.value.reason == "AUTHOR_CODE_FAILED"
    event = host.event("one")
    assert (event.kind, event.reason) == (SessionEventKind.ENDED, "AUTHOR_CODE_FAILED")
    assert_usable(host)
    assert host.pool.slots[0].pid == pid


@pytest.mark.parametrize("what", ["sleep", "exit"])
def test_what_author_code_has_started_ends_with_its_process(host: HostThread, diary: Path, what: str) -> None:
    with closing(begun(host.admit("one"), HASTY, what=what, diary=diary, child=True)) as session:
        started = [int(pid) for pid in diary.read_text().splitlines()[0].split()[1:]]
        assert len(started) == 2
        assert all(is_there(pid) for pid in started)
        with pytest.raises(LostError):
            update(session)
    host.event("one")
    eventually_sync(lambda: not any(is_there(pid) for pid in started), message="the end of what was started")
    assert_usable(host)


def test_a_slot_that_is_told_to_terminate_lets_author_code_shut_down(host: HostThread, diary: Path) -> None:
    with closing(begun(host.admit("one"), diary=diary)) as session:
        os.kill(host.pid_of("one"), signal.SIGTERM)
        event = host.event("one")
        assert (event.kind, event.reason) == (SessionEventKind.LOST, "HOST_STOPPING")
        assert diary.read_text().splitlines()[-1] == "shutdown reset=False"
        with pytest.raises(LostError):
            update(session)
    assert_usable(host)


def test_processes_that_come_and_go_leave_nothing_behind(host: HostThread) -> None:
    def held() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = held()
    for number in range(5):
        pid = host.pool.slots[0].pid
        os.kill(pid, signal.SIGKILL)
        eventually_sync(lambda pid=pid: host.pool.slots[0].port and host.pool.slots[0].pid != pid, within_s=20.0)  # type: ignore[misc]
        assert not is_there(pid), number
    eventually_sync(lambda: held() <= before, message="as few open files as before")
