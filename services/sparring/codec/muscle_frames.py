"""Frames of a muscle session to bytes and back."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.api.agent.v1 import muscle_service_pb2 as pb
from sparring.codec.declaration import (
    decode_component,
    decode_components,
    decode_declarations,
    decode_mode,
    decode_origin,
    decode_timeouts,
    encode_component,
    encode_components,
    encode_declarations,
    encode_mode,
    encode_origin,
    encode_timeouts,
)
from sparring.codec.episode import decode_policy, encode_policy
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
    Act,
    Acted,
    MuscleRequest,
    MuscleReset,
    MuscleResponse,
    MuscleStarted,
    ResetMuscle,
    StartMuscle,
)


class MuscleFrames:
    """The codec of MuscleService.MuscleSession (see `FrameCodec`)."""

    def encode_request(self, sequence: int, request: MuscleRequest | Attach) -> Sequence[bytes]:
        """Write a request."""
        return _REQUESTS.encode(sequence, request)

    def decode_request(self, data: bytes, chunks: Chunks) -> tuple[int, MuscleRequest | Attach | None]:
        """Read a request."""
        message = _REQUESTS.parse(data)
        return message.sequence, _REQUESTS.read(message, chunks)

    def encode_response(self, sequence: int, response: MuscleResponse | Attached | Refused) -> Sequence[bytes]:
        """Write a response."""
        return _RESPONSES.encode(sequence, response)

    def decode_response(self, data: bytes, chunks: Chunks) -> tuple[int, MuscleResponse | Attached | Refused | None]:
        """Read a response."""
        message = _RESPONSES.parse(data)
        return message.sequence, _RESPONSES.read(message, chunks)


def _encode_act(act: Act, pieces: list[bytes]) -> pb.Act:
    message = pb.Act(
        readings=encode_values(act.readings),
        times=[encode_times(times) for times in act.times],
    )
    # Rare parts apart: an argument that is None or empty costs as much as one that is set.
    if act.terminated:
        message.terminated.extend(act.terminated)
    if act.truncated:
        message.truncated.extend(act.truncated)
    if act.rewards is not None:
        message.rewards.CopyFrom(encode_values(act.rewards))
    if act.policy is not None:
        message.policy.CopyFrom(encode_policy(act.policy, pieces))
    if act.lanes is not None:
        message.lanes.extend(act.lanes)
    if act.declared_rewards:
        message.declared_rewards.extend(encode_declarations(act.declared_rewards))
    return message


def _decode_act(message: pb.Act, chunks: Chunks) -> Act:
    return Act(
        readings=decode_values(message.readings),
        rewards=decode_values(message.rewards) if message.HasField("rewards") else None,
        terminated=tuple(message.terminated),
        truncated=tuple(message.truncated),
        times=tuple(decode_times(times) for times in message.times),
        policy=decode_policy(message.policy, chunks) if message.HasField("policy") else None,
        lanes=tuple(message.lanes) or None,
        declared_rewards=decode_declarations(message.declared_rewards) if message.declared_rewards else (),
    )


def _encode_start(start: StartMuscle, pieces: list[bytes]) -> pb.StartMuscle:
    return pb.StartMuscle(
        version=encode_version(),
        muscle=encode_component(start.muscle),
        token=start.token,
        agent=start.agent,
        lanes=start.lanes,
        session_seed=start.session_seed,
        episode_seeds=start.episode_seeds,
        mode=encode_mode(start.mode),
        sensors=encode_declarations(start.sensors),
        actuators=encode_declarations(start.actuators),
        filters=encode_components(start.filters),
        policy=encode_policy(start.policy, pieces),
        timeouts=encode_timeouts(start.timeouts),
        origin=encode_origin(start.origin),
        environments=start.environments,
    )


def _decode_start(message: pb.StartMuscle, chunks: Chunks) -> StartMuscle:
    check_version(message.version, "The controller")
    return StartMuscle(
        muscle=decode_component(message.muscle),
        agent=message.agent,
        session_seed=message.session_seed,
        episode_seeds=tuple(message.episode_seeds),
        sensors=decode_declarations(message.sensors),
        actuators=decode_declarations(message.actuators),
        environments=tuple(message.environments),
        lanes=message.lanes or 1,
        token=message.token,
        mode=decode_mode(message.mode),
        filters=decode_components(message.filters),
        policy=decode_policy(message.policy, chunks) if message.HasField("policy") else None,
        timeouts=decode_timeouts(message.timeouts),
        origin=decode_origin(message.origin),
    )


def _encode_reset(reset: ResetMuscle, pieces: list[bytes]) -> pb.ResetMuscle:
    return pb.ResetMuscle(
        lanes=reset.lanes,
        episode_seeds=reset.episode_seeds,
        policy=encode_policy(reset.policy, pieces),
        mode=encode_mode(reset.mode),
    )


def _decode_reset(message: pb.ResetMuscle, chunks: Chunks) -> ResetMuscle:
    policy = decode_policy(message.policy, chunks) if message.HasField("policy") else None
    return ResetMuscle(tuple(message.episode_seeds), tuple(message.lanes) or None, policy, decode_mode(message.mode))


def _encode_acted(acted: Acted, pieces: list[bytes]) -> pb.Acted:
    message = pb.Acted(setpoints=encode_values(acted.setpoints))
    if acted.data is not None:
        message.data.CopyFrom(encode_free_value(acted.data, pieces))
    if acted.statistics:
        message.statistics.update(dict(acted.statistics))
    return message


def _decode_acted(message: pb.Acted, chunks: Chunks) -> Acted:
    acted = Acted(decode_values(message.setpoints))
    if message.HasField("data"):
        acted.data = decode_free_value(message.data, chunks)
    if message.statistics:
        acted.statistics = tuple(sorted(message.statistics.items()))
    return acted


def _encode_started(started: MuscleStarted, _: list[bytes]) -> pb.MuscleStarted:
    return pb.MuscleStarted(version=encode_version(), capabilities=sorted(started.capabilities))


def _decode_started(message: pb.MuscleStarted, _: Chunks) -> MuscleStarted:
    check_version(message.version, "The muscle server")
    return MuscleStarted(frozenset(message.capabilities))


_REQUESTS = FrameTable(
    pb.MuscleSessionRequest,
    "a muscle request",
    (
        Kind("act", Act, _encode_act, _decode_act),
        Kind("reset", ResetMuscle, _encode_reset, _decode_reset),
        Kind("start", StartMuscle, _encode_start, _decode_start),
        STRIKE_KIND,
        *request_kinds("The controller"),
    ),
)
_RESPONSES = FrameTable(
    pb.MuscleSessionResponse,
    "a muscle response",
    (
        Kind("acted", Acted, _encode_acted, _decode_acted),
        Kind("reset_done", MuscleReset, lambda _, __: pb.MuscleReset(), lambda _, __: MuscleReset()),
        Kind("started", MuscleStarted, _encode_started, _decode_started),
        *RESPONSE_KINDS,
        STRUCK_KIND,
    ),
)
