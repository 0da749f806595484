"""The lanes of a session, stepped together: frames in, frames out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sparring.environment.construction import EnvironmentMaker
from sparring.environment.lane import Moment, Moved
from sparring.environment.lane_clock import LaneClock
from sparring.types.author_code import sentence
from sparring.types.containment import Violation
from sparring.types.declaration import FreeValue
from sparring.types.errors import AuthorError, FailedPreconditionError, InvalidArgumentError
from sparring.types.frames import NO_LANES, EnvironmentStarted, ResetDone, StartEnvironment, Update, Updated
from sparring.types.free_value import join_parts, to_free_value
from sparring.types.lanes import LaneWeaver
from sparring.types.space import describe_space
from sparring.types.values import Values

CAPABILITIES = frozenset({"lanes", "time"})
MAX_LANES = 4096
"""Of one session."""


class LaneGroup:
    """K lanes around K objects of an author's class.

    Args:
        maker: Makes the objects.
        start: What the session is to be.

    Attributes:
        count: K.
    """

    def __init__(self, maker: EnvironmentMaker, start: StartEnvironment) -> None:
        self._component = f"environment {start.uid!r}"
        self.count = start.lanes
        self._maker = maker
        self._lanes = [maker.lane() for _ in range(start.lanes)]
        self._lane = self._lanes[0]
        self._clock = LaneClock(start.lanes)
        self._over = [False] * start.lanes
        self._wishes: list[Moment] = [None] * start.lanes

    def start(self, seeds: Sequence[int]) -> EnvironmentStarted:
        """Begin the first episode of every lane.

        Raises:
            AuthorError, InvalidArgumentError: As `Lane.begin`.
        """
        readings: list[Values | None] = [self._begin(number, seed) for number, seed in enumerate(seeds)]
        offered = self._lane.declarations
        for lane in self._lanes[1:]:
            offered.refuse_change(self._component, lane.declarations)
        self._sensors = LaneWeaver(offered.sensor_layout.spaces, self.count)
        self._actuators = LaneWeaver(offered.actuator_layout.spaces, self.count)
        self._rewards = self._maker.rewards(offered.rewards)
        self._reward_lanes: LaneWeaver | None = None
        self._reward_layout = self._rewards.layout
        self._setpoints = offered.actuator_layout
        world = offered.static_world_model
        return EnvironmentStarted(
            offered.sensors,
            offered.actuators,
            offered.rewards,
            self._first(readings),
            offered.tick_ns,
            CAPABILITIES,
            None if world is None else self._encoded(world, "static_world_model"),
        )

    def reset(self, seeds: Sequence[int], lanes: tuple[bool, ...] | None) -> ResetDone:
        """Begin new episodes in some lanes; errors as `start`."""
        self._rewards.forget()
        self._reward_lanes = None
        moving = lanes or (True,) * self.count
        return self._first(
            [self._begin(number, seeds[number]) if moves else None for number, moves in enumerate(moving)]
        )

    def update(self, request: Update) -> Updated:
        """Advance the lanes by one step.

        Raises:
            FailedPreconditionError: EPISODE_OVER. Nothing has moved.
            InvalidArgumentError: SETPOINT_OUT_OF_SPACE, PACKED_INVALID. Nothing has moved.
            AuthorError: The author's code raised, or returned what it must not.
        """
        if self.count > 1 or request.lanes is not None:
            return self._update_some(request)
        if self._over[0]:
            raise self._episode_over(0)
        violation = self._setpoints.check(request.setpoints)
        if violation is not None:
            raise self._refused(violation)
        moved = self._lane.move(request.setpoints)
        rewards, clock = self._rewards, self._clock
        declared = rewards.admit(moved.rewards)
        packed = rewards.pack(moved.rewards, moved.step)
        clock.advance(0, moved.simtime)
        updated = Updated(moved.readings, packed, NO_LANES, NO_LANES, clock.times(), None, declared)
        if moved.terminated or moved.truncated:
            self._over[0] = True
            updated.terminated, updated.truncated = (moved.terminated,), (moved.truncated,)
        if moved.next_update is not None:
            updated.next_update = clock.due((moved.next_update,))
        if moved.world_state is not None:
            updated.world_state = self._encoded(moved.world_state, "world_state")
        return updated

    def end(self) -> None:
        """Let go of all objects, even if one of them raises."""
        problem: AuthorError | None = None
        for lane in self._lanes:
            try:
                lane.end()
            except AuthorError as error:
                problem = problem or error
        if problem is not None:
            raise problem

    def _begin(self, number: int, seed: int) -> Values:
        began = self._lanes[number].begin(seed)
        self._over[number] = False
        self._wishes[number] = began.next_update
        self._clock.begin(number, began.simtime)
        return began.readings

    def _first(self, readings: list[Values | None]) -> ResetDone:
        return ResetDone(self._sensors.join(readings), self._clock.times(), self._clock.due(self._wishes))

    def _update_some(self, request: Update) -> Updated:
        """Advance several lanes, or perhaps none."""
        moving = request.lanes or (True,) * self.count
        if len(request.setpoints.data) != self._actuators.all.size:
            self._actuators.all.check(request.setpoints)  # raises PACKED_INVALID
        setpoints = self._actuators.split(request.setpoints)
        for number, moves in enumerate(moving):
            if moves and self._over[number]:
                raise self._episode_over(number)
            violation = self._setpoints.check(setpoints[number]) if moves else None
            if violation is not None:
                raise self._refused(violation, number)
        moved = [
            lane.move(given) if moves else None
            for lane, given, moves in zip(self._lanes, setpoints, moving, strict=True)
        ]
        for number, each in enumerate(moved):
            if each is not None:
                self._over[number] = each.terminated or each.truncated
                self._wishes[number] = each.next_update
                self._clock.advance(number, each.simtime)
        declared = tuple(
            declaration for each in moved if each is not None for declaration in self._rewards.admit(each.rewards)
        )
        ended = any(each is not None and (each.terminated or each.truncated) for each in moved)
        return Updated(
            self._sensors.join([None if each is None else each.readings for each in moved]),
            self._join_rewards(moved),
            tuple([each is not None and each.terminated for each in moved]) if ended else NO_LANES,
            tuple([each is not None and each.truncated for each in moved]) if ended else NO_LANES,
            self._clock.times(),
            self._clock.due(self._wishes),
            declared,
            self._join_world_states(moved),
        )

    def _join_rewards(self, moved: Sequence[Moved | None]) -> Values:
        layout = self._rewards.layout
        if self._reward_lanes is None or self._reward_layout is not layout:
            self._reward_lanes, self._reward_layout = LaneWeaver(layout.spaces, self.count), layout
        return self._reward_lanes.join(
            [None if each is None else self._rewards.pack(each.rewards, each.step) for each in moved]
        )

    def _join_world_states(self, moved: Sequence[Moved | None]) -> FreeValue | None:
        states = [None if each is None else each.world_state for each in moved]
        if all(state is None for state in states):
            return None
        encoded = [None if state is None else self._encoded(state, "world_state") for state in states]
        return join_parts(encoded) if self.count > 1 else encoded[0]

    def _encoded(self, value: Any, name: str) -> FreeValue:
        try:
            return to_free_value(value)
        except InvalidArgumentError as wrong:
            text = f"The {name} of {self._component} cannot be kept: {wrong.message}"
            raise AuthorError(wrong.reason, text, **{**wrong.metadata, "component": self._component}) from wrong

    def _episode_over(self, lane: int) -> FailedPreconditionError:
        where = f" in lane {lane}" if self.count > 1 else ""
        return FailedPreconditionError(
            "EPISODE_OVER",
            f"The episode of {self._component}{where} is over; reset it before the next update.",
            component=self._component,
            lane=lane,
        )

    def _refused(self, violation: Violation, lane: int = 0) -> InvalidArgumentError:
        uid = self._lane.declarations.actuators[violation.field].uid
        where = f" in lane {lane}" if self.count > 1 else ""
        return InvalidArgumentError(
            "SETPOINT_OUT_OF_SPACE",
            f"{sentence(self._component)} refuses the setpoint of actuator {uid!r}{where}: {violation.describe()}.",
            component=self._component,
            actuator=uid,
            lane=lane,
            value=violation.value,
            space=describe_space(violation.space),
        )
