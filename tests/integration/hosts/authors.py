"""Author code that misbehaves, and tells where it runs."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from sparring.environment import (
    ActuatorInformation,
    Environment,
    EnvironmentBaseline,
    EnvironmentState,
    SensorInformation,
)
from sparring.types.space import Discrete

COUNT = Discrete(2**31)
_FOREVER_S = 1000


class Trouble(Environment):
    """Counts its updates; in update number `at` something happens.

    Args:
        what: sleep, hold (never end, and hold the interpreter lock), exit, crash, raise, print; slow takes `slow_s`.
        at: In which update; 0 in start_environment.
        slow_s: How long `slow` takes.
        diary: File that gets a line for every call.
        child: Start a process that never ends, and a fork that keeps all descriptors; their numbers go to the diary.
    """

    def __init__(
        self,
        uid: str,
        broker_uri: str,
        seed: int,
        what: str = "",
        at: int = 1,
        slow_s: float = 0.2,
        diary: str = "",
        child: bool = False,
    ) -> None:
        super().__init__(uid, broker_uri, seed)
        self.what = what
        self.at = at
        self.slow_s = slow_s
        self.diary = diary
        self.count = 0
        if child:
            sleeper = subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({_FOREVER_S})"])
            fork = os.fork()
            if fork == 0:
                time.sleep(_FOREVER_S)
                os._exit(0)
            self._write(f"children {sleeper.pid} {fork}")

    def start_environment(self) -> EnvironmentBaseline:
        self.count = 0
        self._write(f"start in {threading.current_thread().name}")
        self._trouble()
        return EnvironmentBaseline([self._sensor()], [ActuatorInformation(space=Discrete(2), uid="button")])

    def update(self, actuators: list[ActuatorInformation]) -> EnvironmentState:
        self.count += 1
        self._write(f"update {self.count} in {threading.current_thread().name}")
        self._trouble()
        return EnvironmentState([self._sensor()], [], False)

    def shutdown(self, reset: bool = False) -> bool:
        self._write(f"shutdown reset={reset}")
        return True

    def _sensor(self) -> SensorInformation:
        return SensorInformation(self.count, COUNT, "count")

    def _trouble(self) -> None:
        if self.count != self.at:
            return
        if self.what == "sleep":
            time.sleep(_FOREVER_S)
        elif self.what == "hold":
            re.match("(a+)+$", "a" * 60 + "b")
        elif self.what == "exit":
            os._exit(3)
        elif self.what == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        elif self.what == "raise":
            raise RuntimeError("no more")
        elif self.what == "print":
            print("printed by author code")  # noqa: T201
        elif self.what == "slow":
            time.sleep(self.slow_s)

    def _write(self, line: str) -> None:
        if self.diary:
            with Path(self.diary).open("a") as file:
                file.write(f"{line}\n")


class NotMade(Environment):
    """Hangs or dies when it is constructed."""

    def __init__(self, uid: str, broker_uri: str, seed: int, dies: bool = False, **more: Any) -> None:
        super().__init__(uid, broker_uri, seed)
        if dies:
            os._exit(4)
        time.sleep(_FOREVER_S)

    def start_environment(self) -> EnvironmentBaseline:
        raise NotImplementedError

    def update(self, actuators: list[ActuatorInformation]) -> EnvironmentState:
        raise NotImplementedError
