"""Frames of a brain's owner stream to bytes and back."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.api.agent.v1 import brain_service_pb2 as pb
from sparring.api.space.v1 import session_pb2
from sparring.codec.declaration import (
    decode_component,
    decode_declarations,
    decode_flow,
    decode_mode,
    decode_origin,
    decode_timeouts,
    encode_component,
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
from sparring.codec.session import (
    Attach,
    Attached,
    Refused,
    decode_attach,
    decode_refused,
    encode_attach,
    encode_refused,
    malformed,
    parse,
    with_chunks,
)
from sparring.codec.values import Chunks, decode_free_value, encode_free_value
from sparring.codec.version import check_version, encode_version
from sparring.types.declaration import FreeValue
from sparring.types.frames import ShutDown, Shutdown
from sparring.types.learning import BrainStarted, Learn, Learned, Save, Saved, StartBrain

BrainRequest = StartBrain | Learn | Save | Shutdown
BrainResponse = BrainStarted | Learned | Saved | ShutDown


class BrainFrames:
    """The codec of BrainService.BrainSession (see `FrameCodec`); `epoch` is stamped on requests, and read from them."""

    def __init__(self, epoch: int = 0) -> None:
        self.epoch = epoch

    def encode_request(self, sequence: int, request: BrainRequest | Attach) -> Sequence[bytes]:
        """Write a request."""
        pieces: list[bytes] = []
        frame = pb.BrainSessionRequest(sequence=sequence, epoch=self.epoch)
        match request:
            case Learn():
                frame.learn.CopyFrom(
                    pb.Learn(round=request.round, episodes=[encode_key(key) for key in request.episodes])
                )
            case Save():
                frame.save.SetInParent()
            case StartBrain():
                frame.start.CopyFrom(_encode_start(request, pieces))
            case Attach():
                frame.attach.CopyFrom(encode_attach(request))
            case _:
                frame.shutdown.SetInParent()
        return with_chunks(pb.BrainSessionRequest, sequence, pieces, frame)

    def decode_request(self, data: bytes, chunks: Chunks) -> tuple[int, BrainRequest | Attach | None]:
        """Read a request; its epoch is in `epoch` afterwards."""
        message = parse(pb.BrainSessionRequest, data)
        sequence: int = message.sequence
        kind = message.WhichOneof("kind")
        if kind == "chunk":
            chunks.feed(message.chunk.data)
            return sequence, None
        self.epoch = message.epoch
        if kind == "learn":
            return sequence, Learn(message.learn.round, tuple(decode_key(key) for key in message.learn.episodes))
        if kind == "save":
            return sequence, Save()
        if kind == "start":
            return sequence, _decode_start(message.start, chunks)
        if kind == "attach":
            check_version(message.attach.version, "The governor")
            return sequence, decode_attach(message.attach)
        if kind == "shutdown":
            return sequence, Shutdown()
        raise malformed("a brain request of no known kind")

    def encode_response(self, sequence: int, response: BrainResponse | Attached | Refused) -> Sequence[bytes]:
        """Write a response."""
        pieces: list[bytes] = []
        frame = pb.BrainSessionResponse(sequence=sequence)
        match response:
            case Learned():
                frame.learned.CopyFrom(
                    pb.Learned(
                        policy=encode_policy(response.policy, pieces),
                        statistics=dict(response.statistics),
                        flow_control=encode_flow(response.flow_control),
                    )
                )
            case Saved():
                frame.saved.CopyFrom(
                    pb.Saved(
                        state=encode_free_value(response.state, pieces),
                        contains=[encode_key(key) for key in response.contains],
                        policy_version=response.policy_version,
                    )
                )
            case BrainStarted():
                policy = encode_policy(response.policy, pieces)
                frame.started.CopyFrom(pb.BrainStarted(version=encode_version(), learns=response.learns, policy=policy))
            case Attached():
                frame.attached.CopyFrom(session_pb2.Attached(last_sequence=response.last_sequence))
            case Refused():
                frame.error.CopyFrom(encode_refused(response))
            case _:
                frame.shut_down.SetInParent()
        return with_chunks(pb.BrainSessionResponse, sequence, pieces, frame)

    def decode_response(self, data: bytes, chunks: Chunks) -> tuple[int, BrainResponse | Attached | Refused | None]:
        """Read a response."""
        message = parse(pb.BrainSessionResponse, data)
        sequence: int = message.sequence
        kind = message.WhichOneof("kind")
        if kind == "learned":
            learned = message.learned
            policy = decode_policy(learned.policy, chunks) if learned.HasField("policy") else None
            return sequence, Learned(
                policy, tuple(sorted(learned.statistics.items())), decode_flow(learned.flow_control)
            )
        if kind == "saved":
            saved = message.saved
            state = decode_free_value(saved.state, chunks) or FreeValue("", b"")
            return sequence, Saved(state, tuple(decode_key(key) for key in saved.contains), saved.policy_version)
        if kind == "started":
            started = message.started
            check_version(started.version, "The brain server")
            return sequence, BrainStarted(
                started.learns, decode_policy(started.policy, chunks) if started.HasField("policy") else None
            )
        if kind == "shut_down":
            return sequence, ShutDown()
        if kind == "error":
            return sequence, decode_refused(message.error)
        if kind == "attached":
            return sequence, Attached(message.attached.last_sequence)
        if kind == "chunk":
            chunks.feed(message.chunk.data)
            return sequence, None
        raise malformed("a brain response of no known kind")


def _encode_start(start: StartBrain, pieces: list[bytes]) -> pb.StartBrain:
    message = pb.StartBrain(
        version=encode_version(),
        brain=encode_component(start.brain),
        token=start.token,
        agent=start.agent,
        objective=encode_component(start.objective),
        filters=[encode_component(component) for component in start.filters],
        sensors=encode_declarations(start.sensors),
        actuators=encode_declarations(start.actuators),
        seed=start.seed,
        mode=encode_mode(start.mode),
        learning=encode_learning(start.learning),
        state=encode_free_value(start.state, pieces),
        timeouts=encode_timeouts(start.timeouts),
        origin=encode_origin(start.origin),
        rollouts=start.rollouts,
        conditions=[encode_component(component) for component in start.conditions],
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
        filters=tuple(decode_component(component) for component in message.filters),
        conditions=tuple(decode_component(component) for component in message.conditions),
        state=decode_free_value(message.state, chunks) if message.HasField("state") else None,
        timeouts=decode_timeouts(message.timeouts),
        orphan_s=message.orphan.ToNanoseconds() / 1e9 if message.HasField("orphan") else 60.0,
        origin=decode_origin(message.origin),
    )
