"""One session of the good server: grammar, numbers, and an answer for each request; with one fault, if asked for."""

import secrets
from typing import Any

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.api.space.v1 import session_pb2, values_pb2
from tests.conformance_faults.packing import (
    ACTUATORS,
    BONUS,
    REWARDS,
    SENSORS,
    Refusal,
    check_setpoints,
    readings,
    rewards,
    setpoints,
)
from tests.conformance_faults.world import BONUS_AT, World

TICK_NS = 10**9
MAX_LANES = 4


class Fatal(Exception):
    """The session ends with a status."""

    def __init__(self, code: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message


def declared(message: Any, fault: str) -> Any:
    """Fill in the declarations of DescribeResponse or Started."""
    message.sensors.extend(SENSORS)
    message.actuators.extend(ACTUATORS)
    message.rewards.extend(REWARDS)
    message.tick_ns = TICK_NS
    if fault == "uid_repeated":
        message.sensors[1].uid = message.sensors[0].uid
    if fault == "bounds_swapped":
        box = message.sensors[0].space.box
        box.low, box.high = box.high, box.low
    if fault == "describe_differs" and isinstance(message, pb.DescribeResponse):
        message.sensors[1].space.discrete.n = 4
    return message


class Session:
    """Lives from Start to its end.

    Attributes:
        token: Its name.
        stream: The stream that it is on, None while it is suspended.
        sequence: Number of the last request that was applied.
    """

    def __init__(self, start: pb.Start, capabilities: tuple[str, ...], fault: str, shared: list[World]) -> None:
        self.token = start.token
        self.stream: object | None = None
        self.lost_at = 0.0
        self.sequence = 0
        self._fault = fault
        self._capabilities = capabilities
        self._last = b""
        self._leak = 0
        self._ended_before = False
        seeds = list(start.episode_seeds)
        if fault == "lanes_invented":
            seeds = seeds[:1]
        self.worlds = shared or [self._world(seed) for seed in seeds]
        self._bonus = False

    def started(self) -> bytes:
        """Answer Start."""
        message = declared(pb.Started(capabilities=self._capabilities, first=self._begin()), self._fault)
        if self._fault != "version_missing":
            message.version.major = 1
        return self.answered(pb.SessionResponse(sequence=1, started=message))

    def answer(self, request: pb.SessionRequest) -> bytes:
        """Answer a request; raises Fatal."""
        if request.sequence == self.sequence and self._last and self._fault != "applied_twice":
            return self._last
        following = self.sequence + (request.sequence != self.sequence)
        if request.sequence != following and self._fault != "gaps_taken":
            text = f"Request {request.sequence} came; expected {self.sequence + 1}."
            raise Fatal("FAILED_PRECONDITION", "SEQUENCE_UNEXPECTED", text)
        response = pb.SessionResponse(sequence=0 if self._fault == "answer_unnumbered" else request.sequence)
        kind = request.WhichOneof("kind")
        try:
            if kind == "update" or (kind is None and self._fault == "empty_taken"):
                response.updated.CopyFrom(self._update(request.update))
            elif kind == "reset":
                done = self._reset(request.reset)
                if self._fault == "answer_of_wrong_kind":
                    response.updated.readings.CopyFrom(done.readings)
                else:
                    response.reset_done.CopyFrom(done)
            elif kind == "shutdown":
                response.shut_down.SetInParent()
            elif kind is None:
                raise Fatal("INVALID_ARGUMENT", "FRAME_MALFORMED", "A request of no known kind.")
            elif kind == "start" and self._fault == "start_twice":
                return self.started()
            else:
                raise Fatal("FAILED_PRECONDITION", "GRAMMAR_VIOLATED", f"{kind} is not allowed here.")
        except Refusal as refusal:
            named = self._fault != "error_nameless"
            response.error.reason = refusal.reason if named else "oops"
            response.error.message = refusal.message if named else ""
        return self.answered(response, request.sequence)

    def answered(self, response: pb.SessionResponse, sequence: int = 1) -> bytes:
        """Keep an answer."""
        self.sequence = sequence
        self._last = response.SerializeToString()
        return self._last

    def resume(self) -> None:
        """Go on, on another stream."""
        if self._fault == "cache_lost":
            self._last = b""
        if self._fault == "attach_restarts":
            self.worlds = [World(world.seed) for world in self.worlds]

    def _world(self, seed: int) -> World:
        if self._fault == "seed_ignored":
            seed = seed % 2 + 2 * secrets.randbelow(2**30)
        world = World(seed)
        if self._fault == "reset_leaks":
            world.levels[0] += 0.1 * self._leak
        return world

    def _begin(self, moving: list[bool] | None = None) -> pb.ResetDone:
        shown = moving or [True] * len(self.worlds)
        done = pb.ResetDone(readings=readings(self.worlds, shown, self._fault))
        self._tell_time(done)
        return done

    def _reset(self, reset: pb.Reset) -> pb.ResetDone:
        mask = self._mask(list(reset.lanes))
        if len(reset.episode_seeds) != len(self.worlds) and self._fault != "mask_miscounted":
            raise Refusal("LANES_MISMATCH", f"{len(reset.episode_seeds)} seeds for {len(self.worlds)} lanes.")
        self._leak += 1
        for lane, seed in enumerate(reset.episode_seeds):
            if mask[lane] or self._fault == "reset_mask_ignored":
                self.worlds[lane] = self._world(seed)
        self._bonus = False
        return self._begin(mask)

    def _mask(self, lanes: list[bool]) -> list[bool]:
        count = len(self.worlds)
        if lanes and len(lanes) != count:
            if self._fault != "mask_miscounted":
                raise Refusal("LANES_MISMATCH", f"A mask of {len(lanes)} for {count} lanes.")
            lanes = lanes[:count]
        return lanes or [True] * count

    def _update(self, update: pb.Update) -> pb.Updated:
        mask = self._mask(list(update.lanes))
        moving = [True] * len(mask) if self._fault == "mask_ignored" else mask
        given = setpoints(update.setpoints, len(self.worlds), self._fault)
        for world, moves, (push, gear) in zip(self.worlds, moving, given, strict=True):
            over = world.over or (self._ended_before and self._fault == "ends_never_again")
            if moves and over and self._fault != "over_taken" and (mask == moving or not world.over):
                raise Refusal("EPISODE_OVER", "The episode is over; reset it first.")
            try:
                if moves:
                    check_setpoints(push, gear, self._fault)
            except Refusal:
                if self._fault == "rejected_moves":
                    world.move(None, None)
                raise
        for lane, (world, moves) in enumerate(zip(self.worlds, moving, strict=True)):
            if moves:
                push, gear = given[0] if self._fault == "lanes_coupled" else given[lane]
                world.move(push, gear)
                self._ended_before = self._ended_before or world.over
        return self._updated(mask)

    def _updated(self, mask: list[bool]) -> pb.Updated:
        worlds, fault = self.worlds, self._fault
        shown = [True] * len(mask) if fault == "masked_shown" else mask
        updated = pb.Updated()
        if not self._bonus and any(world.tick >= BONUS_AT for world in worlds):
            self._bonus = True
            updated.declared_rewards.append(BONUS)
        elif self._bonus and fault == "reward_declared_twice":
            updated.declared_rewards.append(BONUS)
        updated.readings.CopyFrom(readings(worlds, shown, fault))
        updated.rewards.CopyFrom(rewards(worlds, shown, self._bonus, fault))
        ends = [
            (world.terminated and moves, world.truncated and moves) for world, moves in zip(worlds, mask, strict=True)
        ]
        if any(True in end for end in ends):
            both = fault == "both_ends"
            updated.terminated.extend(terminated or (both and truncated) for terminated, truncated in ends)
            updated.truncated.extend(truncated or (both and terminated) for terminated, truncated in ends)
        if fault == "ends_miscounted":
            updated.terminated.extend([False] * (len(worlds) + 1 - len(updated.terminated)))
        self._tell_time(updated)
        updated.world_state.CopyFrom(values_pb2.FreeValue(content_type="application/json", data=b'{"fine": true}'))
        return updated

    def _tell_time(self, message: Any) -> None:
        if self._fault == "time_not_kept":
            return
        ticks = [100 - world.tick if self._fault == "ticks_back" else world.tick for world in self.worlds]
        message.time.ticks.extend(ticks)
        if "time" not in self._capabilities:
            return
        if self._fault == "next_update_stamped":
            message.next_update.timestamps_ns.extend(tick + 1 for tick in ticks)
        elif ticks[0] % 2 == 0:
            message.next_update.ticks.extend(tick + (-1 if self._fault == "next_update_past" else 1) for tick in ticks)


def attached(session: Session, fault: str) -> bytes:
    """Answer Attach."""
    session.resume()
    said = session.sequence + (fault == "attached_miscounted")
    response = pb.SessionResponse(sequence=0, attached=session_pb2.Attached(last_sequence=said))
    return response.SerializeToString()
