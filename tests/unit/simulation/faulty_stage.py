"""A stage whose plan has faults: an environment that only pretends to die, and a ledger in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sparring.environment.instance import EnvironmentInstance
from sparring.simulation.control import Cause, Outcome
from sparring.types.declaration import Component
from sparring.types.errors import InvalidArgumentError, LostError
from sparring.types.faults import Fault, FaultKind, StruckFault
from sparring.types.frames import EnvironmentRequest, EnvironmentResponse, Strike, Struck, Update
from sparring.types.layout import Layout
from sparring.types.plan import EnvironmentPlan, RolloutPlan
from sparring.types.ports import EnvironmentSession
from sparring.types.space import Box
from sparring.types.values import Values
from tests.unit.simulation.stage import Stage, acts_of, find

ONE = {"tank": Component("tests.unit.simulation.worlds:Counter", {"length": 5})}
PUSHES = {"pusher": (["tank.level"], ["tank.push"])}
LEVEL = Layout([Box(-1000.0, 1000.0, (), np.float64)])


class Ledger:
    """Keeps faults as a store does: the first attempt's record of a fault stays."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, str], StruckFault] = {}
        self.asked = 0
        self.closed = False

    def record(self, fault: StruckFault) -> bool:
        """Keep it."""
        self.asked += 1
        return self.kept.setdefault((fault.key.episode, fault.name), fault) is fault

    def close(self) -> None:
        """Remember it."""
        self.closed = True


class Tank(EnvironmentInstance):
    """An environment in this process that only pretends to be killed or stopped, and whose stream can break."""

    def __init__(self, *, refuses: bool = False) -> None:
        super().__init__(find)
        self.given: list[Values] = []
        self.strikes: list[Strike] = []
        self.frames_lost = 0
        self.refuses = refuses

    def send(self, request: EnvironmentRequest) -> None:
        """Carry out a request."""
        if isinstance(request, Strike):
            self.strikes.append(request)
            return
        if isinstance(request, Update):
            self.given.append(request.setpoints)
        super().send(request)

    def receive(self, timeout_s: float) -> EnvironmentResponse:
        """Answer, unless killed."""
        if self.refuses and self._answer is None:
            raise InvalidArgumentError("FRAME_MALFORMED", "Malformed frame: of no known kind.")
        if self.strikes and self._answer is None:
            if self.strikes[-1].kill:
                raise LostError("STREAM_BROKEN", "The stream broke.")
            return Struck()
        return super().receive(timeout_s)

    def lose_frame(self) -> None:
        """Count."""
        self.frames_lost += 1


class FaultyStage(Stage):
    """A stage whose plan has faults."""

    def __init__(self, faults: Sequence[Fault], ledger: Ledger | None = None, **more: Any) -> None:
        super().__init__(ONE, PUSHES, **more)
        self.plan = replace(self.plan, faults=tuple(faults))
        self.ledger = ledger or Ledger()
        self.tank = Tank()

    def environment(self, plan: EnvironmentPlan) -> EnvironmentSession:
        """Hand out the tank."""
        return self.tank

    def fault_ledger(self, plan: RolloutPlan) -> Ledger:
        """Hand out the ledger."""
        return self.ledger

    def levels(self) -> list[float]:
        """Return what the agent saw, terminal state included."""
        return [float(LEVEL.unpack(act.readings)[0]) for act in acts_of(self.muscles["pusher"])]  # type: ignore[arg-type]

    def struck(self) -> list[tuple[int, int, str]]:
        """Return episode, step and name of what was kept."""
        return [(each.key.episode, each.step, each.name) for each in self.ledger.kept.values()]


def sensor(kind: FaultKind, **more: Any) -> Fault:
    return Fault(kind.value, kind, "tank.level", **more)


def process(kind: FaultKind, **more: Any) -> Fault:
    return Fault(kind.value, kind, "tank", **more)


def played(stage: Stage) -> Outcome:
    outcome = stage.run()
    assert outcome.cause is Cause.COMPLETED, outcome.error
    return outcome
