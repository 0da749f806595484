"""What a test leaves behind: processes and threads that it started and did not end."""

import os
import threading
import time
import uuid
from dataclasses import dataclass

import psutil

# How long what is ending anyway may take to do so.
GRACE_S = float(os.environ.get("TESTS_GRACE_S", "5"))
EVERY_S = 0.05
SESSION_VARIABLE = "TESTS_SESSION"


@dataclass(frozen=True)
class Presence:
    """Processes below this one and threads of this one, at one moment."""

    processes: frozenset[psutil.Process]
    threads: frozenset[threading.Thread]


def presence() -> Presence:
    """Return what is there now."""
    children = psutil.Process().children(recursive=True)
    return Presence(
        processes=frozenset(child for child in children if _counts(child)),
        threads=frozenset(thread for thread in threading.enumerate() if not thread.daemon),
    )


def left_behind(before: Presence, grace_s: float = GRACE_S) -> Presence:
    """Return what is there now and was not there `before`; what is ending anyway gets `grace_s` seconds to do so."""
    deadline = time.monotonic() + grace_s
    while True:
        now = presence()
        left = Presence(now.processes - before.processes, now.threads - before.threads)
        if not (left.processes or left.threads) or time.monotonic() >= deadline:
            return left
        time.sleep(EVERY_S)


def describe(left: Presence) -> list[str]:
    """Return one line per process and thread."""
    processes = [f"process {process.pid}: {_command(process)}" for process in left.processes]
    return sorted(processes) + sorted(f"thread {thread.name}" for thread in left.threads)


def kill(processes: frozenset[psutil.Process]) -> None:
    """End the processes, so that the next test starts clean."""
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def mark_session() -> str:
    """Mark this process's future children, and theirs, so that orphans are found as well. Returns the mark."""
    mark = uuid.uuid4().hex
    os.environ[SESSION_VARIABLE] = mark
    return mark


def marked(mark: str, grace_s: float = GRACE_S) -> Presence:
    """Return every process with that mark that is still there after `grace_s` seconds, whoever its parent is by now."""
    deadline = time.monotonic() + grace_s
    while True:
        left = frozenset(process for process in psutil.process_iter() if _counts(process) and _mark(process) == mark)
        if not left or time.monotonic() >= deadline:
            return Presence(left, frozenset())
        time.sleep(EVERY_S)


def _mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(SESSION_VARIABLE)
    except psutil.Error:
        return None


def _counts(process: psutil.Process) -> bool:
    # Zombies have ended. The resource tracker of multiprocessing lives as long as the interpreter that started it.
    try:
        return process.status() != psutil.STATUS_ZOMBIE and "resource_tracker" not in " ".join(process.cmdline())
    except psutil.Error:
        return False


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return "(ended meanwhile)"
