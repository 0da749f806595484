"""One environment of a server as an environment of gymnasium."""

from __future__ import annotations

from typing import Any

import gymnasium

from sparring.gym.fields import Fields
from sparring.gym.reporting import Reporter, episode_seed, total
from sparring.gym.server import Server
from sparring.gym.session_seats import SessionSeats
from sparring.types.errors import FailedPreconditionError


class ServedEnvironment(gymnasium.Env[Any, Any]):
    """Plays in a session of its own, from its construction until `close`.

    Observation: the reading of the only sensor, or a dict of readings by uid. A reading that is absent keeps its last
    value, and is named in `info["absent"]`.

    Action: the setpoint of the only actuator, or a dict of setpoints by uid, in which some may be left out.

    Reward: the only one, or the sum of all; then `info["rewards"]` has them by uid.

    Start: `reset(seed=...)` begins the episode with exactly this seed, without a seed with one that is drawn from the
    environment's generator. `options` are ignored.

    End: `terminated` and `truncated` are the server's.

    Info: `ticks`, `timestamp_ns` and `world_state` where the server says them.

    Raises:
        SparringError: From construction: SERVER_UNREACHABLE, ENVIRONMENT_UNKNOWN, PARAMETERS_INVALID, SLOT_TAKEN.
            From `step`: SETPOINT_OUT_OF_SPACE, EPISODE_OVER (the session is unharmed); AuthorError, HungError,
            LostError (it is over).
    """

    metadata = {"render_modes": []}  # noqa: RUF012 - as gymnasium declares it

    def __init__(self, server: Server) -> None:
        self._seats = SessionSeats(server, 1)
        started = self._seats.started
        self._sensors, self._actuators = Fields(started.sensors), Fields(started.actuators)
        self._reporter = Reporter(self._sensors, started.rewards)
        self.observation_space = self._sensors.space
        self.action_space = self._actuators.space
        self._begun = False

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin an episode; see the class."""
        super().reset(seed=seed)
        moved = self._seats.reset({0: episode_seed(seed, self.np_random)})[0]
        self._begun = True
        self._reporter.begin()
        return self._reporter.observation(moved)

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Advance the world; see the class."""
        if not self._begun:
            raise FailedPreconditionError("NOT_STARTED", "Call reset before the first step.")
        moved = self._seats.update({0: self._actuators.pack(action)})[0]
        observation, info = self._reporter.observation(moved)
        return observation, total(moved), moved.terminated, moved.truncated, info

    def close(self) -> None:
        """End the session; its slot is free then."""
        self._seats.close()
