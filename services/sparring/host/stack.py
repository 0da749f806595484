"""Where author code hangs: the stack of a process that does not answer, written behind its gauge on a signal."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import re
import signal
import sys
import sysconfig
from pathlib import Path
from typing import Final

from sparring.host.gauge import SIZE_BYTES

SIGNAL: Final = signal.SIGUSR2
"""Asks for the stack. Author code that takes it for itself is killed without saying where it was."""

_MOST_BYTES: Final = 65536
_FRAME: Final = re.compile(r'File "(?P<file>.+)", line (?P<line>\d+) in (?P<function>\S+)')
_OURS: Final = str(Path(__file__).parents[1])
_STDLIB: Final = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib")})
_INSTALLED: Final = tuple({sysconfig.get_path(name) for name in ("purelib", "platlib")})  # lies below the former


def show_on_signal(descriptor: int) -> None:
    """Be ready to write the stacks of all threads behind the gauge; and those of a crash to standard error."""
    faulthandler.enable(sys.stderr)
    os.lseek(descriptor, SIZE_BYTES, os.SEEK_SET)
    faulthandler.register(SIGNAL, file=descriptor, all_threads=True)


def ask(pid: int) -> None:
    """Ask a process to write its stacks."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, SIGNAL)


def read(descriptor: int) -> str:
    """Return what was written, newest call first in each thread; empty if nothing was."""
    return os.pread(descriptor, _MOST_BYTES, SIZE_BYTES).decode(errors="replace")


def place(text: str) -> str:
    """Return `file:line in function` of the author's own code in a stack; empty if there is none."""
    threads = re.split(r"\n(?=(?:Current t|T)hread )", text)
    threads.sort(key=lambda thread: not thread.startswith("Current thread"))
    frames = [found for thread in threads for found in _FRAME.finditer(thread)]
    theirs = [one for one in frames if not one["file"].startswith(("<frozen", _OURS))]
    own = [one for one in theirs if not one["file"].startswith((*_STDLIB, *_INSTALLED))]
    found = own or [one for one in theirs if one["file"].startswith(_INSTALLED)]
    return f"{found[0]['file']}:{found[0]['line']} in {found[0]['function']}" if found else ""
