"""Environment: the class that authors of environments write a subclass of."""

from __future__ import annotations

import importlib
import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sparring.environment.coroutines import close_runner, finished
from sparring.environment.environment_baseline import EnvironmentBaseline
from sparring.environment.environment_reset import EnvironmentResetRequest, EnvironmentResetResponse
from sparring.types.author_code import construct
from sparring.types.seeds import generator

if TYPE_CHECKING:
    import numpy as np

    from sparring.environment.environment_state import EnvironmentState
    from sparring.environment.reward import Reward
    from sparring.types.information import ActuatorInformation

_SERVING = "sparring.environment.server.run_object"


class Environment(ABC):
    """A world in which agents act: it declares sensors and actuators, takes setpoints, gives readings and rewards.

    ```python
    class Tank(Environment):
        def start_environment(self) -> EnvironmentBaseline:
            self.level = self.rng.uniform(0.4, 0.6)
            return EnvironmentBaseline([self._reading()], [ActuatorInformation(space=Discrete(2), uid="pump")])
    ```

    Uids of sensors, actuators and rewards do not repeat the environment's name: agents see them as `name.uid`. Given
    with that prefix they are understood as well; `update` always gets actuators without it.

    An environment that draws all its chance from `self.rng` and begins anew in `start_environment` is reproducible. One
    that cannot begin anew is used with `recreate: episode`: each episode then has an object of its own.

    `start_environment`, `update`, `reset` and `shutdown` may be written as `async def`.

    Args:
        uid: Name in the experiment document.
        broker_uri: host:port of the broker, for `run`; empty where the environment is hosted by somebody else.
        seed: Seed of the object's own life; each episode has another, in `self.rng`.

    Attributes:
        rng: The source of chance, made anew from the episode's seed before `start_environment` and `reset`.
        reward: What the document plugged in, or None. The environment calls it in `update`.
        seed: As given.
        broker_uri: As given.
    """

    reward: Reward | None = None
    rng: np.random.Generator
    seed: int = 0
    broker_uri: str = ""
    _uid: str = ""
    _sensor_ids: Sequence[str] = ()
    _actuator_ids: Sequence[str] = ()
    _worker: Any = None

    def __init__(self, uid: str = "", broker_uri: str = "", seed: int = 0, *args: Any, **kwargs: Any) -> None:
        if type(self).__init__ is Environment.__init__ and (args or kwargs):
            raise TypeError(f"{type(self).__name__} has no further parameters, got {[*args, *kwargs]}")
        self._uid = uid
        self.broker_uri = broker_uri
        self.seed = seed
        self.rng = generator(seed)

    @property
    def uid(self) -> str:
        """The environment's name in the experiment document."""
        return self._uid

    @property
    def name(self) -> str:
        """The same as `uid`."""
        return self._uid

    @abstractmethod
    def start_environment(self) -> EnvironmentBaseline:
        """Begin an episode: set up everything and return sensors, actuators and the first readings.

        Called once per episode. Uids, order and spaces are the same every time.
        """

    @abstractmethod
    def update(self, actuators: list[ActuatorInformation]) -> EnvironmentState:
        """Advance the world by one step.

        Args:
            actuators: Those that some agent has set, with values inside their spaces; yours to keep.

        Returns:
            The state after the step. If it ends the episode, `reset` or `shutdown` comes next.
        """

    def reset(self, request: EnvironmentResetRequest) -> EnvironmentResetResponse | EnvironmentBaseline:
        """Begin another episode. By default: `shutdown(reset=True)`, then `start_environment()`.

        Must leave nothing behind: after it the environment is as one newly made that got `request.seed` first.
        """
        call_shutdown(self, reset=True)
        self.rng = generator(request.seed)
        return self.start_environment()

    def shutdown(self, reset: bool = False) -> bool:
        """Release what the episode holds; with `reset` another follows, otherwise this is the end of the object.

        Returns:
            True.
        """
        return True

    @classmethod
    def describe(cls, parameters: Mapping[str, Any]) -> EnvironmentBaseline:
        """Say what an environment with these parameters offers, before anything runs; nothing is kept.

        By default an object is made, started and shut down. Override it where that is slow.
        """
        offers = {"uid": "", "broker_uri": "", "seed": 0}
        environment = construct(cls, parameters, offers, f"environment class {cls.__name__}")
        environment.rng = generator(0)
        try:
            baseline: EnvironmentBaseline = finished(environment, environment.start_environment())
            return baseline
        finally:
            call_shutdown(environment, reset=False)
            close_runner(environment)

    def run(self) -> None:
        """Serve this very object at `broker_uri`, one session at a time, until told to stop."""
        # Imported here, not above: serving needs gRPC, writing an environment does not.
        importlib.import_module(_SERVING).run_object(self)

    @property
    def worker(self) -> Any:
        """The Majordomo worker that serves this object, made on demand; not used where somebody else hosts it."""
        if self._worker is None:
            self._worker = importlib.import_module(_SERVING).worker_of(self)  # as in `run`
        return self._worker


def call_shutdown(environment: Environment, *, reset: bool) -> None:
    """Call `shutdown`, also one that was written without `reset`."""
    shutdown: Any = environment.shutdown
    code = getattr(shutdown, "__code__", None)
    named = () if code is None else code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    if code is None or "reset" in named or code.co_flags & inspect.CO_VARKEYWORDS:
        finished(environment, shutdown(reset=reset))
    else:
        finished(environment, shutdown())
