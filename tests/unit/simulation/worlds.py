"""Small environments for the tests of the simulation controller."""

from __future__ import annotations

from typing import Any

from sparring.environment import Environment, EnvironmentBaseline, EnvironmentState
from sparring.types.information import ActuatorInformation, RewardInformation, SensorInformation
from sparring.types.space import Box, Discrete
from sparring.types.time import SimTime

_LEVEL = Box(-1000.0, 1000.0, shape=(), dtype="float64")  # type: ignore[arg-type]
_PUSH = Discrete(5)


class Counter(Environment):
    """Adds up what it is given by "push"; sensor "level" shows the sum, reward "gain" the last push.

    Args:
        length: Updates in an episode.
        fail_at: The update that raises.
        late: Declare the reward only when it is first given.
        cut: End by truncation instead of termination.
    """

    def __init__(
        self,
        uid: str,
        broker_uri: str,
        seed: int,
        length: int = 5,
        fail_at: int = -1,
        late: bool = False,
        cut: bool = False,
    ) -> None:
        super().__init__(uid, broker_uri, seed)
        self.length, self.fail_at, self.late, self.cut = length, fail_at, late, cut
        self.level = self.updates = 0

    def start_environment(self) -> EnvironmentBaseline:
        """Begin at a level that the seed decides."""
        self.level, self.updates = int(self.rng.integers(0, 100)), 0
        rewards = [] if self.late else [RewardInformation(space=_LEVEL, uid="gain")]
        return EnvironmentBaseline(
            self._readings(),
            [ActuatorInformation(space=_PUSH, uid="push"), ActuatorInformation(space=_PUSH, uid="pull")],
            SimTime(simtime_ticks=0),
            rewards_available=rewards,
        )

    def update(self, actuators: list[ActuatorInformation]) -> EnvironmentState:
        """Add."""
        if self.updates == self.fail_at:
            raise RuntimeError("the pump is broken")
        given = {actuator.uid: int(actuator.value) for actuator in actuators}  # type: ignore[call-overload]
        self.updates += 1
        gain = given.get("push", 0) - given.get("pull", 0)
        self.level += gain
        done = self.updates >= self.length
        ends: dict[str, Any] = {"terminated": done and not self.cut, "truncated": done and self.cut}
        return EnvironmentState(
            self._readings(),
            [RewardInformation(float(gain), _LEVEL, "gain")],
            done,
            simtime=SimTime(simtime_ticks=self.updates),
            **ends,
        )

    def _readings(self) -> list[SensorInformation]:
        return [SensorInformation(float(self.level), _LEVEL, "level")]
