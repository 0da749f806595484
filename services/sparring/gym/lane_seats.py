"""All episodes as lanes of one session."""

from __future__ import annotations

from collections.abc import Mapping

from sparring.gym.seats import Moved, at, rewards_of
from sparring.gym.server import Server
from sparring.gym.session import GymSession
from sparring.types.frames import Reset, Update
from sparring.types.free_value import PARTS, split_parts
from sparring.types.lanes import LaneWeaver
from sparring.types.values import Values


class LaneSeats:
    """See `Seats`."""

    def __init__(self, server: Server, count: int) -> None:
        self._count = count
        self._session = GymSession(server, tuple(server.options.session_seed + number for number in range(count)))
        self.started = self._session.started
        self._sensors = LaneWeaver([sensor.space for sensor in self.started.sensors], count)
        self._actuators = LaneWeaver([actuator.space for actuator in self.started.actuators], count)

    def reset(self, seeds: Mapping[int, int]) -> dict[int, Moved]:
        """Begin new episodes."""
        mask = self._mask(seeds)
        self._session.send(Reset(tuple(seeds.get(lane, 0) for lane in range(self._count)), mask))
        done = self._session.reset_done()
        readings = self._sensors.all.accept(done.readings)
        return {
            lane: Moved(
                self._sensors.part(readings, lane),
                ticks=at(done.time.ticks, lane),
                timestamp_ns=at(done.time.timestamps_ns, lane),
            )
            for lane in seeds
        }

    def update(self, setpoints: Mapping[int, Values]) -> dict[int, Moved]:
        """Advance episodes."""
        given = self._actuators.join([setpoints.get(lane) for lane in range(self._count)])
        self._session.send(Update(given, self._mask(setpoints)))
        updated = self._session.updated()
        declared = self._session.rewards
        rewards = LaneWeaver([reward.space for reward in declared], self._count)
        readings, given_rewards = self._sensors.all.accept(updated.readings), rewards.all.accept(updated.rewards)
        state = updated.world_state
        states = split_parts(state) if state is not None and state.content_type == PARTS else [state] * self._count
        return {
            lane: Moved(
                self._sensors.part(readings, lane),
                rewards_of(declared, rewards.one.unpack(rewards.part(given_rewards, lane))),
                bool(updated.terminated) and updated.terminated[lane],
                bool(updated.truncated) and updated.truncated[lane],
                at(updated.time.ticks, lane),
                at(updated.time.timestamps_ns, lane),
                states[lane],
            )
            for lane in setpoints
        }

    def close(self) -> None:
        """End the session."""
        self._session.close()

    def _mask(self, lanes: Mapping[int, object]) -> tuple[bool, ...] | None:
        return None if len(lanes) == self._count else tuple(lane in lanes for lane in range(self._count))
