"""Processes of ours: each leads a group of its own, so that what author code starts in them is ended with them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sparring.rpc.grpc_environment import child_environment

STDERR: Final = 2
FOLDER: Final = Path(__file__).parent


async def spawn(program: str, arguments: Sequence[str] = (), **streams: Any) -> asyncio.subprocess.Process:
    """Start one of our programs.

    Args:
        program: Name of a module beside this one.
        arguments: Of its command line.
        streams: As of `asyncio.create_subprocess_exec`. Unless they say otherwise, it reads nothing, and what author
            code prints goes to our standard error: standard output belongs to the command line.
    """
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # its own folder is no place to import from
        str(FOLDER / f"{program}.py"),
        *arguments,
        env=child_environment(os.environ, poll_strategy="poll"),
        process_group=0,
        **{"stdin": asyncio.subprocess.DEVNULL, "stdout": STDERR, **streams},
    )


def import_path() -> list[str]:
    """Return where this process imports from, for a child that shall find the same."""
    return [os.path.abspath(path) for path in sys.path]


def kill(pid: int) -> None:
    """Kill a process that `spawn` has started, and all of its group; nothing happens if they are gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def is_stopped(pid: int) -> bool:
    """Tell whether a child of ours was stopped (SIGSTOP) and not continued. Leaves its end for who waits for it."""
    if not hasattr(os, "waitid"):  # macOS before Python 3.13: its deadline, then, has to do
        return False
    try:
        return os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return False
