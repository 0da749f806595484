"""Several episodes of one server as a vector environment of gymnasium."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate
from numpy.typing import NDArray

from sparring.gym.fields import Fields
from sparring.gym.reporting import Reporter, episode_seed, total
from sparring.gym.seats import Moved, Seats
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError


class ServedVectorEnvironment(VectorEnv[Any, Any, Any]):
    """Each sub-environment behaves as a `ServedEnvironment`; the step after an end begins the next episode.

    That is gymnasium's AutoresetMode.NEXT_STEP: in that step the action of the sub-environment is ignored, its reward
    is 0, and its observation is the first one of the new episode. Observations are copies.

    Args:
        seats: Where the episodes are played.
        count: How many.
    """

    metadata = {"render_modes": [], "autoreset_mode": AutoresetMode.NEXT_STEP}  # noqa: RUF012 - as gymnasium has it

    def __init__(self, seats: Seats, count: int) -> None:
        self.num_envs = count
        self._seats = seats
        started = seats.started
        sensors, self._actuators = Fields(started.sensors), Fields(started.actuators)
        self._reporters = [Reporter(sensors, started.rewards) for _ in range(count)]
        self.single_observation_space, self.single_action_space = sensors.space, self._actuators.space
        self.observation_space = batch_space(sensors.space, count)
        self.action_space = batch_space(self._actuators.space, count)
        self._over: list[bool] = []

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode everywhere; `seed` is one per sub-environment, or one that they count up from."""
        seeds = self._seeds(seed)
        super().reset(seed=seed if isinstance(seed, int) else None)
        self._over = [False] * self.num_envs
        begun = self._begin({seat: episode_seed(one, self.np_random) for seat, one in enumerate(seeds)})
        return self._together(begun)

    def step(
        self, actions: Any
    ) -> tuple[Any, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Advance every episode, or begin the next one where it had ended."""
        if not self._over:
            raise FailedPreconditionError("NOT_STARTED", "Call reset before the first step.")
        given = list(iterate(self.action_space, actions))
        if len(given) != self.num_envs:
            raise InvalidArgumentError(
                "FIELDS_MISCOUNTED", f"There are {len(given)} actions for {self.num_envs} environments."
            )
        playing = {seat: self._actuators.pack(given[seat]) for seat in range(self.num_envs) if not self._over[seat]}
        moved = self._seats.update(playing) if playing else {}
        fresh = {seat: episode_seed(None, self.np_random) for seat, over in enumerate(self._over) if over}
        if fresh:
            moved |= self._begin(fresh)
        self._over = [moved[seat].terminated or moved[seat].truncated for seat in range(self.num_envs)]
        observations, infos = self._together(moved)
        seats = range(self.num_envs)
        return (
            observations,
            np.array([total(moved[seat]) for seat in seats], np.float64),
            np.array([moved[seat].terminated for seat in seats], np.bool_),
            np.array([moved[seat].truncated for seat in seats], np.bool_),
            infos,
        )

    def close_extras(self, **kwargs: Any) -> None:
        """End all sessions."""
        self._seats.close()

    def _begin(self, seeds: dict[int, int]) -> dict[int, Moved]:
        for seat in seeds:
            self._reporters[seat].begin()
        return self._seats.reset(seeds)

    def _together(self, moved: dict[int, Moved]) -> tuple[Any, dict[str, Any]]:
        infos: dict[str, Any] = {}
        observations = []
        for seat in range(self.num_envs):
            observation, info = self._reporters[seat].observation(moved[seat])
            observations.append(observation)
            infos = self._add_info(infos, info, seat)
        space = self.single_observation_space
        batch: Any = create_empty_array(space, self.num_envs)
        return concatenate(space, observations, batch), infos

    def _seeds(self, seed: int | Sequence[int | None] | None) -> Sequence[int | None]:
        if seed is None:
            return [None] * self.num_envs
        if isinstance(seed, int):
            return [seed + number for number in range(self.num_envs)]
        if len(seed) != self.num_envs:
            raise InvalidArgumentError("SEED_INVALID", f"There are {len(seed)} seeds for {self.num_envs} environments.")
        return seed
