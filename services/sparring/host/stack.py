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
_OTHERS: Final = ("<frozen", _OURS, *{sysconfig.get_path(name) for name in ("stdlib", "platstdlib")})
_INSTALLED: Final = tuple({sysconfig.get_path(name) for name in ("purelib", "platlib")})


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
    own = [one for one in frames if not one["file"].startswith(_OTHERS)]
    own = [one for one in own if not one["file"].startswith(_INSTALLED)] or own
    return f"{own[0]['file']}:{own[0]['line']} in {own[0]['function']}" if own else ""
