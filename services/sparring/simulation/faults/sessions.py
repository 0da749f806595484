"""Sessions with faults: around those of environments and muscles, striking on the way out and on the way back."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Final, Protocol, runtime_checkable

from sparring.simulation.faults.falsified import Falsified
from sparring.simulation.faults.schedule import Schedule
from sparring.types.errors import (
    FailedPreconditionError,
    InvalidArgumentError,
    SparringError,
)
from sparring.types.faults import Fault, FaultKind
from sparring.types.frames import (
    Act,
    EnvironmentRequest,
    EnvironmentResponse,
    EnvironmentStarted,
    MuscleRequest,
    MuscleResponse,
    Reset,
    ResetDone,
    ResetMuscle,
    StartEnvironment,
    StartMuscle,
    Strike,
    Update,
    Updated,
)
from sparring.types.ports import EndableSession, EnvironmentSession, MuscleSession
from sparring.types.values import Values

_SENSORS: Final = (FaultKind.SENSOR_FREEZE, FaultKind.SENSOR_BIAS)


@runtime_checkable
class LosesFrames(Protocol):
    """A session over a stream, which can break."""

    def lose_frame(self) -> None:
        """Lose what was sent last, and the stream with it; `receive` mends that."""


class _Disturbed:
    """What sessions with faults have in common.

    Args:
        inner: The session.
        schedule: The faults of its component.
        step_s: Deadline of one step.

    Raises:
        FailedPreconditionError: FAULT_IMPOSSIBLE, frames shall be lost of a session without a stream; it is closed.
    """

    def __init__(self, inner: EnvironmentSession | MuscleSession, schedule: Schedule, step_s: float) -> None:
        for fault in schedule.faults:
            if fault.kind is FaultKind.DROP and not isinstance(inner, LosesFrames):
                inner.close()
                raise _impossible(fault, "what is inside the rollout worker has no stream; `placement: service` does")
        self._inner: Any = inner
        self._schedule = schedule
        self._step_s = step_s

    def end(self, error: SparringError) -> None:
        """See `EndableSession`."""
        if isinstance(self._inner, EndableSession):
            self._inner.end(error)

    def close(self) -> None:
        """Release everything."""
        self._inner.close()
        self._schedule.close()

    def _disturb(self, step: int) -> bool:
        """Strike; return whether the frame to be sent now gets lost."""
        drops = False
        for fault in self._schedule.disturbing(step):
            if fault.kind is FaultKind.DELAY:
                time.sleep(fault.value)
            elif fault.kind is FaultKind.DROP:
                drops = True
            else:
                self._strike(fault)
        return drops

    def _strike(self, fault: Fault) -> None:
        strike = Strike(kill=True) if fault.kind is FaultKind.KILL else Strike(freeze_s=fault.value)
        try:
            self._inner.send(strike)
            self._inner.receive(self._step_s)
        except (InvalidArgumentError, FailedPreconditionError) as error:
            raise _impossible(fault, f"its server does not know how ({error.message})") from error
        if strike.kill:
            raise _impossible(fault, "it was killed and lives on")


class DisturbedEnvironment(_Disturbed):
    """An environment with faults.

    What it falsifies is so for everybody from here on: agents, digest and store get the same readings. Setpoints are
    lost on their way to the environment: the record has what the agents set.
    """

    def __init__(self, inner: EnvironmentSession, schedule: Schedule, step_s: float) -> None:
        super().__init__(inner, schedule, step_s)
        self._step = 0
        self._lanes = 1
        self._uid = ""
        self._shown: Values | None = None
        self._sensors: Falsified | None = None
        self._actuators: Falsified | None = None

    def send(self, request: EnvironmentRequest) -> None:
        """Send a request, disturbed."""
        drops = False
        if isinstance(request, Update):
            self._step = step = self._schedule.step
            drops = self._disturb(step)
            lost = self._schedule.holding(step, FaultKind.ACTUATOR_LOST)
            if lost and self._actuators is not None:
                request = Update(self._actuators.lost(request.setpoints, lost), request.lanes)
        elif isinstance(request, StartEnvironment | Reset):
            self._schedule.begin()
            self._step, self._shown = 0, None
            if isinstance(request, StartEnvironment):
                self._lanes, self._uid = request.lanes, request.uid
        self._inner.send(request)
        if drops:
            self._inner.lose_frame()

    def receive(self, timeout_s: float) -> EnvironmentResponse:
        """Return the answer, falsified."""
        answer: EnvironmentResponse = self._inner.receive(timeout_s)
        if isinstance(answer, EnvironmentStarted):
            self._started(answer)
            return replace(answer, first=replace(answer.first, readings=self._falsified(answer.first.readings)))
        if isinstance(answer, Updated | ResetDone):
            return replace(answer, readings=self._falsified(answer.readings))
        return answer

    def _started(self, started: EnvironmentStarted) -> None:
        faults = self._schedule.faults
        sensors = [fault for fault in faults if fault.kind in _SENSORS]
        actuators = [fault for fault in faults if fault.kind is FaultKind.ACTUATOR_LOST]
        self._sensors = Falsified(self._uid, started.sensors, self._lanes, sensors)
        self._actuators = Falsified(self._uid, started.actuators, self._lanes, actuators)

    def _falsified(self, readings: Values) -> Values:
        if self._sensors is None:
            return readings
        biases = self._schedule.holding(self._step, FaultKind.SENSOR_BIAS)
        if biases:
            readings = self._sensors.biased(readings, biases)
        frozen = self._schedule.holding(self._step, FaultKind.SENSOR_FREEZE)
        if frozen and self._shown is not None:
            readings = self._sensors.frozen(readings, self._shown, frozen)
        self._shown = readings
        return readings


class DisturbedMuscle(_Disturbed):
    """The muscle of an agent with faults of process or stream."""

    def send(self, request: MuscleRequest) -> None:
        """Send a request, disturbed; the farewell at an episode's end is none of its steps."""
        drops = False
        if isinstance(request, Act) and not (request.terminated or request.truncated):
            drops = self._disturb(self._schedule.step)
        elif isinstance(request, StartMuscle | ResetMuscle):
            self._schedule.begin()
        self._inner.send(request)
        if drops:
            self._inner.lose_frame()

    def receive(self, timeout_s: float) -> MuscleResponse:
        """Return the answer."""
        answer: MuscleResponse = self._inner.receive(timeout_s)
        return answer


def _impossible(fault: Fault, why: str) -> FailedPreconditionError:
    return FailedPreconditionError(
        "FAULT_IMPOSSIBLE", f"The fault {fault.name!r} cannot strike: {why}.", fault=fault.name, target=fault.target
    )
