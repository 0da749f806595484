"""Frames of a brain's owner stream to bytes and back."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.api.agent.v1 import brain_service_pb2 as pb
from sparring.codec.declaration import (
    decode_component,
    decode_components,
    decode_declarations,
    decode_flow,
    decode_mode,
    decode_origin,
    decode_timeouts,
    encode_component,
    encode_components,
    encode_declarations,
    encode_flow,
    encode_mode,
    encode_origin,
    encode_timeouts,
)
from sparring.codec.episode import (
    decode_key,
    decode_learning,
    decode_policy,
    encode_key,
    encode_learning,
    encode_policy,
)
from sparring.codec.frame_table import FrameTable, Kind
from sparring.codec.session import RESPONSE_KINDS, Attach, Attached, Refused, request_kinds
from sparring.codec.values import Chunks, decode_free_value, encode_free_value
from sparring.codec.version import check_version, encode_version
from sparring.types.declaration import FreeValue
from sparring.types.frames import ShutDown, Shutdown
from sparring.types.learning import BrainStarted, Learn, Learned, Save, Saved, StartBrain

BrainRequest = StartBrain | Learn | Save | Shutdown
BrainResponse = BrainStarted | Learned | Saved | ShutDown


class BrainFrames:
    """The codec of BrainService.BrainSession (see `FrameCodec`).

    Attributes:
        epoch: The owner's epoch of the run: stamped on requests by their sender, and read from them by the brain.
    """

    def __init__(self, epoch: int = 0) -> None:
        self.epoch = epoch

    def encode_request(self, sequence: int, request: BrainRequest | Attach) -> Sequence[bytes]:
        """Write a request."""
        return _REQUESTS.encode(sequence, request, epoch=self.epoch)

    def decode_request(self, data: bytes, chunks: Chunks) -> tuple[int, BrainRequest | Attach | None]:
        """Read a request; its epoch is in `epoch` afterwards."""
        message = _REQUESTS.parse(data)
        if message.WhichOneof("kind") != "chunk":
            self.epoch = message.epoch
        return message.sequence, _REQUESTS.read(message, chunks)

    def encode_response(self, sequence: int, response: BrainResponse | Attached | Refused) -> Sequence[bytes]:
        """Write a response."""
        return _RESPONSES.encode(sequence, response)

    def decode_response(self, data: bytes, chunks: Chunks) -> tuple[int, BrainResponse | Attached | Refused | None]:
        """Read a response."""
        message = _RESPONSES.parse(data)
        return message.sequence, _RESPONSES.read(message, chunks)


def _encode_start(start: StartBrain, pieces: list[bytes]) -> pb.StartBrain:
    message = pb.StartBrain(
        version=encode_version(),
        brain=encode_component(start.brain),
        token=start.token,
        agent=start.agent,
        objective=encode_component(start.objective),
        filters=encode_components(start.filters),
        sensors=encode_declarations(start.sensors),
        actuators=encode_declarations(start.actuators),
        seed=start.seed,
        mode=encode_mode(start.mode),
        learning=encode_learning(start.learning),
        state=encode_free_value(start.state, pieces),
        timeouts=encode_timeouts(start.timeouts),
        origin=encode_origin(start.origin),
        rollouts=start.rollouts,
        conditions=encode_components(start.conditions),
        policy_version=start.policy_version,
        contains=[encode_key(key) for key in start.contains],
    )
    message.orphan.FromNanoseconds(round(start.orphan_s * 1e9))
    return message


def _decode_start(message: pb.StartBrain, chunks: Chunks) -> StartBrain:
    check_version(message.version, "The governor")
    return StartBrain(
        brain=decode_component(message.brain),
        objective=decode_component(message.objective),
        agent=message.agent,
        sensors=decode_declarations(message.sensors),
        actuators=decode_declarations(message.actuators),
        seed=message.seed,
        mode=decode_mode(message.mode),
        learning=decode_learning(message.learning),
        rollouts=message.rollouts or 1,
        token=message.token,
        filters=decode_components(message.filters),
        conditions=decode_components(message.conditions),
        state=decode_free_value(message.state, chunks) if message.HasField("state") else None,
        policy_version=message.policy_version,
        contains=tuple(decode_key(key) for key in message.contains),
        timeouts=decode_timeouts(message.timeouts),
        orphan_s=message.orphan.ToNanoseconds() / 1e9 if message.HasField("orphan") else 60.0,
        origin=decode_origin(message.origin),
    )


def _encode_learn(learn: Learn, _: list[bytes]) -> pb.Learn:
    return pb.Learn(round=learn.round, episodes=[encode_key(key) for key in learn.episodes])


def _decode_learn(message: pb.Learn, _: Chunks) -> Learn:
    return Learn(message.round, tuple(decode_key(key) for key in message.episodes))


def _encode_started(started: BrainStarted, pieces: list[bytes]) -> pb.BrainStarted:
    return pb.BrainStarted(
        version=encode_version(), learns=started.learns, policy=encode_policy(started.policy, pieces)
    )


def _decode_started(message: pb.BrainStarted, chunks: Chunks) -> BrainStarted:
    check_version(message.version, "The brain server")
    return BrainStarted(message.learns, decode_policy(message.policy, chunks) if message.HasField("policy") else None)


def _encode_learned(learned: Learned, pieces: list[bytes]) -> pb.Learned:
    return pb.Learned(
        policy=encode_policy(learned.policy, pieces),
        statistics=dict(learned.statistics),
        flow_control=encode_flow(learned.flow_control),
    )


def _decode_learned(message: pb.Learned, chunks: Chunks) -> Learned:
    policy = decode_policy(message.policy, chunks) if message.HasField("policy") else None
    return Learned(policy, tuple(sorted(message.statistics.items())), decode_flow(message.flow_control))


def _encode_saved(saved: Saved, pieces: list[bytes]) -> pb.Saved:
    return pb.Saved(
        state=encode_free_value(saved.state, pieces),
        contains=[encode_key(key) for key in saved.contains],
        policy_version=saved.policy_version,
    )


def _decode_saved(message: pb.Saved, chunks: Chunks) -> Saved:
    state = decode_free_value(message.state, chunks) or FreeValue("", b"")
    return Saved(state, tuple(decode_key(key) for key in message.contains), message.policy_version)


_REQUESTS = FrameTable(
    pb.BrainSessionRequest,
    "a brain request",
    (
        Kind("learn", Learn, _encode_learn, _decode_learn),
        Kind("save", Save, lambda _, __: pb.Save(), lambda _, __: Save()),
        Kind("start", StartBrain, _encode_start, _decode_start),
        *request_kinds("The governor"),
    ),
)
_RESPONSES = FrameTable(
    pb.BrainSessionResponse,
    "a brain response",
    (
        Kind("learned", Learned, _encode_learned, _decode_learned),
        Kind("saved", Saved, _encode_saved, _decode_saved),
        Kind("started", BrainStarted, _encode_started, _decode_started),
        *RESPONSE_KINDS,
    ),
)
