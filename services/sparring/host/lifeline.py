"""What ties a child process to its parent: it ends when the parent does, whatever it is doing then."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def die_with_parent() -> None:
    """Ask Linux to kill this process with the thread that started it, whatever author code does then.

    Elsewhere nothing happens; what the parent keeps open (`end_with`) has to do there. A parent that is gone already is
    noticed by that as well.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def end_with(descriptor: int) -> None:
    """End this process as soon as the other end of a pipe, which the parent keeps open, is closed."""

    def wait() -> None:
        try:
            while os.read(descriptor, 4096):
                continue
        finally:
            os._exit(1)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
