"""Carries out a `Strike` on the process that is asked: it kills itself, or stops itself for a while."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from sparring.types.frames import Strike, Struck

# Wakes its parent, and nobody else: where that died meanwhile, the number of its process may be another's.
_WAKER = (
    "import os, signal, sys, time; time.sleep(float(sys.argv[2])); "
    "os.getppid() == int(sys.argv[1]) and os.kill(int(sys.argv[1]), signal.SIGCONT)"
)


def carry_out(strike: Strike) -> Struck:
    """Kill this process as by SIGKILL, or have all of its threads stand still; then return."""
    own = os.getpid()
    if strike.kill:
        os.kill(own, signal.SIGKILL)
    if strike.freeze_s > 0:
        command = [sys.executable, "-I", "-S", "-c", _WAKER, str(own), str(strike.freeze_s)]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL):
            os.kill(own, signal.SIGSTOP)
    return Struck()
