"""What one rollout worker tells a brain: batches of K lanes taken apart into rows of single episodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sparring.agent.attempt import Attempt
from sparring.agent.memory_row import Fields, Row
from sparring.types.declaration import Declaration, FreeValue
from sparring.types.errors import InvalidArgumentError
from sparring.types.free_value import PARTS, split_parts
from sparring.types.lanes import LaneWeaver
from sparring.types.learning import ExperienceBatch, ExperienceStep
from sparring.types.space import equal_spaces
from sparring.types.values import Values

_REMEMBERED = 64


class RolloutExperience:
    """The episodes that run in the lanes of one rollout worker.

    Args:
        lanes: K.
        sensors: What the agent reads.
        actuators: What it sets.
        begin: Makes an attempt at an episode, given its number and lane.

    Attributes:
        attempts: The one in each lane, None before the first.
    """

    def __init__(self, lanes: int, sensors: Fields, actuators: Fields, begin: Callable[[int, int], Attempt]) -> None:
        self.attempts: list[Attempt | None] = [None] * lanes
        self._lanes = lanes
        self._sensors, self._actuators = sensors, actuators
        self._sensor_lanes = LaneWeaver(sensors.layout.spaces, lanes)
        self._actuator_lanes = LaneWeaver(actuators.layout.spaces, lanes)
        self._begin = begin
        self._steps = 0
        self._rewards: tuple[Declaration, ...] = ()
        self._known: list[tuple[tuple[Declaration, ...], Fields, LaneWeaver]] = []
        self._use_rewards(())

    def rows(self, batch: ExperienceBatch) -> Iterator[list[tuple[Attempt, Row] | None]]:
        """Yield the steps of a batch: per step one row per lane, None for a lane whose episode is over.

        Raises:
            InvalidArgumentError: EXPERIENCE_MISPLACED, the batch does not continue what came before; PACKED_INVALID.
        """
        self._require_sizes(batch, () if batch.first_step == 0 else self._rewards)
        if batch.first_step == 0:
            if len(batch.episodes) != self._lanes:
                raise _misplaced(f"it has {len(batch.episodes)} lanes; the rollout worker joined with {self._lanes}")
            self.attempts = [self._begin(episode, lane) for lane, episode in enumerate(batch.episodes)]
            self._steps = 0
            self._use_rewards(())
        running = tuple([-1 if attempt is None else attempt.episode for attempt in self.attempts])
        if running != batch.episodes or batch.first_step != self._steps:
            raise _misplaced(
                f"it is of episodes {list(batch.episodes)} from step {batch.first_step} on; "
                f"expected {list(running)}, step {self._steps}"
            )
        for step in batch.steps:
            if step.declared_rewards:
                self._use_rewards((*self._rewards, *step.declared_rewards))
            self._steps += 1
            yield self._row_of_one(step) if self._lanes == 1 else self._rows_of_many(step)

    def running(self, episode: int, lane: int, steps: int) -> Attempt | None:
        """Return the attempt at an episode in a lane if it has not ended; one without any step begins now."""
        if not 0 <= lane < self._lanes:
            return None
        attempt = self.attempts[lane]
        if attempt is None or attempt.episode != episode or attempt.ended:
            if steps:
                return None
            attempt = self.attempts[lane] = self._begin(episode, lane)
        return attempt

    def drop(self, episode: int) -> None:
        """Forget the running attempt at an episode."""
        self.attempts = [
            None if attempt is not None and attempt.episode == episode else attempt for attempt in self.attempts
        ]

    def readings(self, values: Values, lane: int) -> Values:
        """Return the readings of one lane."""
        return self._sensor_lanes.part(values, lane)

    def _row_of_one(self, step: ExperienceStep) -> list[tuple[Attempt, Row] | None]:
        attempt = self.attempts[0]
        assert attempt is not None
        row = Row(
            attempt.tag,
            self._sensors,
            step.readings,
            self._actuators,
            step.setpoints,
            self._fields,
            step.rewards,
            bool(step.terminated) and step.terminated[0],
            bool(step.truncated) and step.truncated[0],
            step.data,
        )
        return [(attempt, row)]

    def _rows_of_many(self, step: ExperienceStep) -> list[tuple[Attempt, Row] | None]:
        none = (False,) * self._lanes
        terminated, truncated = step.terminated or none, step.truncated or none
        data: list[FreeValue | None] = [step.data] * self._lanes
        if step.data is not None and step.data.content_type == PARTS:
            data = split_parts(step.data)
        readings = self._sensor_lanes.split(step.readings)
        setpoints = self._actuator_lanes.split(step.setpoints)
        rewards = self._reward_lanes.split(step.rewards)
        nothing = (self._sensor_lanes.one.absent, self._actuator_lanes.one.absent, self._reward_lanes.one.absent)
        found: list[tuple[Attempt, Row] | None] = []
        for lane, attempt in enumerate(self.attempts):
            assert attempt is not None
            if attempt.over or attempt.ended or (readings[lane], setpoints[lane], rewards[lane]) == nothing:
                found.append(None)
                continue
            row = Row(
                attempt.tag,
                self._sensors,
                readings[lane],
                self._actuators,
                setpoints[lane],
                self._fields,
                rewards[lane],
                terminated[lane],
                truncated[lane],
                data[lane],
            )
            found.append((attempt, row))
        return found

    def _use_rewards(self, rewards: tuple[Declaration, ...]) -> None:
        self._rewards = rewards
        self._fields, self._reward_lanes = self._prepared(rewards)

    def _prepared(self, rewards: tuple[Declaration, ...]) -> tuple[Fields, LaneWeaver]:
        """Return fields of declarations; those of earlier episodes are the same, mostly, and are there already."""
        for declared, fields, lanes in self._known:
            if len(declared) == len(rewards) and all(map(_same, declared, rewards)):
                return fields, lanes
        fields = Fields.of("reward", rewards)
        lanes = LaneWeaver(fields.layout.spaces, self._lanes)
        self._known = [*self._known[-_REMEMBERED:], (rewards, fields, lanes)]
        return fields, lanes

    def _require_sizes(self, batch: ExperienceBatch, declared: tuple[Declaration, ...]) -> None:
        """Refuse a batch as a whole, before anything of it is taken; `declared` are the rewards known before it."""
        sensors, actuators = self._sensor_lanes.all.size, self._actuator_lanes.all.size
        rewards = self._prepared(declared)[1].all.size
        for step in batch.steps:
            if step.declared_rewards:
                declared = (*declared, *step.declared_rewards)
                rewards = self._prepared(declared)[1].all.size
            found = (len(step.readings.data), len(step.setpoints.data), len(step.rewards.data))
            if found != (sensors, actuators, rewards):
                raise InvalidArgumentError(
                    "PACKED_INVALID",
                    f"Readings, setpoints and rewards of a step have {found} bytes; "
                    f"the declared fields take {(sensors, actuators, rewards)}.",
                )


def _same(one: Declaration, other: Declaration) -> bool:
    return one is other or (one.uid == other.uid and equal_spaces(one.space, other.space))


def _misplaced(problem: str) -> InvalidArgumentError:
    return InvalidArgumentError("EXPERIENCE_MISPLACED", f"This batch does not go on where the last ended: {problem}.")
