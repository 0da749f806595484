"""Frames of an environment session to bytes and back."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.codec.declaration import (
    decode_component,
    decode_declarations,
    decode_mode,
    decode_origin,
    decode_timeouts,
    encode_component,
    encode_declarations,
    encode_mode,
    encode_origin,
    encode_timeouts,
)
from sparring.codec.faults import STRIKE_KIND, STRUCK_KIND
from sparring.codec.frame_table import FrameTable, Kind
from sparring.codec.session import RESPONSE_KINDS, Attach, Attached, Refused, request_kinds
from sparring.codec.values import (
    Chunks,
    decode_free_value,
    decode_times,
    decode_values,
    encode_free_value,
    encode_times,
    encode_values,
)
from sparring.codec.version import check_version, encode_version
from sparring.types.frames import (
    EnvironmentRequest,
    EnvironmentResponse,
    EnvironmentStarted,
    Reset,
    ResetDone,
    StartEnvironment,
    Update,
    Updated,
)


class EnvironmentFrames:
    """The codec of EnvironmentService.Session (see `FrameCodec`)."""

    def encode_request(self, sequence: int, request: EnvironmentRequest | Attach) -> Sequence[bytes]:
        """Write a request."""
        return _REQUESTS.encode(sequence, request)

    def decode_request(self, data: bytes, chunks: Chunks) -> tuple[int, EnvironmentRequest | Attach | None]:
        """Read a request."""
        message = _REQUESTS.parse(data)
        return message.sequence, _REQUESTS.read(message, chunks)

    def encode_response(self, sequence: int, response: EnvironmentResponse | Attached | Refused) -> Sequence[bytes]:
        """Write a response."""
        return _RESPONSES.encode(sequence, response)

    def decode_response(
        self, data: bytes, chunks: Chunks
    ) -> tuple[int, EnvironmentResponse | Attached | Refused | None]:
        """Read a response."""
        message = _RESPONSES.parse(data)
        return message.sequence, _RESPONSES.read(message, chunks)


def _encode_update(update: Update, _: list[bytes]) -> pb.Update:
    message = pb.Update(setpoints=encode_values(update.setpoints))
    if update.lanes is not None:
        message.lanes.extend(update.lanes)
    return message


def _decode_update(message: pb.Update, _: Chunks) -> Update:
    return Update(decode_values(message.setpoints), tuple(message.lanes) or None)


def _encode_reset(reset: Reset, _: list[bytes]) -> pb.Reset:
    return pb.Reset(lanes=reset.lanes, episode_seeds=reset.episode_seeds)


def _decode_reset(message: pb.Reset, _: Chunks) -> Reset:
    return Reset(tuple(message.episode_seeds), tuple(message.lanes) or None)


def _encode_updated(updated: Updated, pieces: list[bytes]) -> pb.Updated:
    message = pb.Updated(
        readings=encode_values(updated.readings),
        rewards=encode_values(updated.rewards),
        time=encode_times(updated.time),
    )
    # Rare parts apart: an argument that is None or empty costs as much as one that is set.
    if updated.terminated:
        message.terminated.extend(updated.terminated)
    if updated.truncated:
        message.truncated.extend(updated.truncated)
    if updated.next_update is not None:
        message.next_update.CopyFrom(encode_times(updated.next_update))
    if updated.declared_rewards:
        message.declared_rewards.extend(encode_declarations(updated.declared_rewards))
    if updated.world_state is not None:
        message.world_state.CopyFrom(encode_free_value(updated.world_state, pieces))
    return message


def _decode_updated(message: pb.Updated, chunks: Chunks) -> Updated:
    updated = Updated(
        decode_values(message.readings),
        decode_values(message.rewards),
        tuple(message.terminated),
        tuple(message.truncated),
        decode_times(message.time),
    )
    if message.HasField("next_update"):
        updated.next_update = decode_times(message.next_update)
    if message.declared_rewards:
        updated.declared_rewards = decode_declarations(message.declared_rewards)
    if message.HasField("world_state"):
        updated.world_state = decode_free_value(message.world_state, chunks)
    return updated


def _encode_reset_done(done: ResetDone, _: list[bytes]) -> pb.ResetDone:
    due = None if done.next_update is None else encode_times(done.next_update)
    return pb.ResetDone(readings=encode_values(done.readings), time=encode_times(done.time), next_update=due)


def _decode_reset_done(message: pb.ResetDone, _: Chunks) -> ResetDone:
    due = decode_times(message.next_update) if message.HasField("next_update") else None
    return ResetDone(decode_values(message.readings), decode_times(message.time), due)


def _encode_start(start: StartEnvironment, _: list[bytes]) -> pb.Start:
    return pb.Start(
        version=encode_version(),
        environment=encode_component(start.environment),
        token=start.token,
        uid=start.uid,
        lanes=start.lanes,
        session_seed=start.session_seed,
        episode_seeds=start.episode_seeds,
        mode=encode_mode(start.mode),
        reward=encode_component(start.reward),
        state_transformer=encode_component(start.state_transformer),
        recreate_each_episode=start.recreate_each_episode,
        timeouts=encode_timeouts(start.timeouts),
        origin=encode_origin(start.origin),
    )


def _decode_start(message: pb.Start, _: Chunks) -> StartEnvironment:
    check_version(message.version, "The client")
    return StartEnvironment(
        environment=decode_component(message.environment),
        uid=message.uid,
        session_seed=message.session_seed,
        episode_seeds=tuple(message.episode_seeds),
        lanes=message.lanes or 1,
        token=message.token,
        mode=decode_mode(message.mode),
        reward=decode_component(message.reward) if message.HasField("reward") else None,
        state_transformer=decode_component(message.state_transformer)
        if message.HasField("state_transformer")
        else None,
        recreate_each_episode=message.recreate_each_episode,
        timeouts=decode_timeouts(message.timeouts),
        origin=decode_origin(message.origin),
    )


def _encode_started(started: EnvironmentStarted, pieces: list[bytes]) -> pb.Started:
    return pb.Started(
        version=encode_version(),
        capabilities=sorted(started.capabilities),
        sensors=encode_declarations(started.sensors),
        actuators=encode_declarations(started.actuators),
        rewards=encode_declarations(started.rewards),
        tick_ns=started.tick_ns,
        first=_encode_reset_done(started.first, pieces),
        static_world_model=encode_free_value(started.static_world_model, pieces),
    )


def _decode_started(message: pb.Started, chunks: Chunks) -> EnvironmentStarted:
    check_version(message.version, "The environment server")
    return EnvironmentStarted(
        sensors=decode_declarations(message.sensors),
        actuators=decode_declarations(message.actuators),
        rewards=decode_declarations(message.rewards),
        first=_decode_reset_done(message.first, chunks),
        tick_ns=message.tick_ns if message.HasField("tick_ns") else None,
        capabilities=frozenset(message.capabilities),
        static_world_model=decode_free_value(message.static_world_model, chunks),
    )


_REQUESTS = FrameTable(
    pb.SessionRequest,
    "an environment request",
    (
        Kind("update", Update, _encode_update, _decode_update),
        Kind("reset", Reset, _encode_reset, _decode_reset),
        Kind("start", StartEnvironment, _encode_start, _decode_start),
        *request_kinds("The client"),
        STRIKE_KIND,
    ),
)
_RESPONSES = FrameTable(
    pb.SessionResponse,
    "an environment response",
    (
        Kind("updated", Updated, _encode_updated, _decode_updated),
        Kind("reset_done", ResetDone, _encode_reset_done, _decode_reset_done),
        Kind("started", EnvironmentStarted, _encode_started, _decode_started),
        *RESPONSE_KINDS,
        STRUCK_KIND,
    ),
)
