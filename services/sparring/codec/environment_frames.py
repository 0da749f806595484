"""Frames of an environment session to bytes and back."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.api.space.v1 import session_pb2
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
    ShutDown,
    Shutdown,
    StartEnvironment,
    Update,
    Updated,
)


class EnvironmentFrames:
    """The codec of EnvironmentService.Session (see `FrameCodec`)."""

    def encode_request(self, sequence: int, request: EnvironmentRequest | Attach) -> Sequence[bytes]:
        """Write a request."""
        if type(request) is Update:
            update = pb.Update(setpoints=encode_values(request.setpoints), lanes=request.lanes)
            return (pb.SessionRequest(sequence=sequence, update=update).SerializeToString(),)
        match request:
            case Reset():
                frame = pb.SessionRequest(
                    sequence=sequence, reset=pb.Reset(lanes=request.lanes, episode_seeds=request.episode_seeds)
                )
            case StartEnvironment():
                frame = pb.SessionRequest(sequence=sequence, start=_encode_start(request))
            case Attach():
                frame = pb.SessionRequest(sequence=sequence, attach=encode_attach(request))
            case _:
                frame = pb.SessionRequest(sequence=sequence, shutdown=session_pb2.Shutdown())
        return (frame.SerializeToString(),)

    def decode_request(self, data: bytes, chunks: Chunks) -> tuple[int, EnvironmentRequest | Attach | None]:
        """Read a request."""
        message = parse(pb.SessionRequest, data)
        sequence: int = message.sequence
        kind = message.WhichOneof("kind")
        if kind == "update":
            update = message.update
            return sequence, Update(decode_values(update.setpoints), tuple(update.lanes) or None)
        if kind == "reset":
            return sequence, Reset(tuple(message.reset.episode_seeds), tuple(message.reset.lanes) or None)
        if kind == "start":
            return sequence, _decode_start(message.start)
        if kind == "attach":
            check_version(message.attach.version, "The client")
            return sequence, decode_attach(message.attach)
        if kind == "shutdown":
            return sequence, Shutdown()
        if kind == "chunk":
            chunks.feed(message.chunk.data)
            return sequence, None
        raise malformed("an environment request of no known kind")

    def encode_response(self, sequence: int, response: EnvironmentResponse | Attached | Refused) -> Sequence[bytes]:
        """Write a response."""
        pieces: list[bytes] = []
        match response:
            case Updated():
                frame = pb.SessionResponse(sequence=sequence, updated=_encode_updated(response, pieces))
            case ResetDone():
                frame = pb.SessionResponse(sequence=sequence, reset_done=_encode_reset_done(response))
            case EnvironmentStarted():
                frame = pb.SessionResponse(sequence=sequence, started=_encode_started(response, pieces))
            case Attached():
                attached = session_pb2.Attached(last_sequence=response.last_sequence)
                frame = pb.SessionResponse(sequence=sequence, attached=attached)
            case Refused():
                frame = pb.SessionResponse(sequence=sequence, error=encode_refused(response))
            case _:
                frame = pb.SessionResponse(sequence=sequence, shut_down=session_pb2.ShutDown())
        return with_chunks(pb.SessionResponse, sequence, pieces, frame) if pieces else (frame.SerializeToString(),)

    def decode_response(
        self, data: bytes, chunks: Chunks
    ) -> tuple[int, EnvironmentResponse | Attached | Refused | None]:
        """Read a response."""
        message = parse(pb.SessionResponse, data)
        sequence: int = message.sequence
        kind = message.WhichOneof("kind")
        if kind == "updated":
            return sequence, _decode_updated(message.updated, chunks)
        if kind == "reset_done":
            return sequence, _decode_reset_done(message.reset_done)
        if kind == "started":
            return sequence, _decode_started(message.started, chunks)
        if kind == "shut_down":
            return sequence, ShutDown()
        if kind == "error":
            return sequence, decode_refused(message.error)
        if kind == "attached":
            return sequence, Attached(message.attached.last_sequence)
        if kind == "chunk":
            chunks.feed(message.chunk.data)
            return sequence, None
        raise malformed("an environment response of no known kind")


def _encode_updated(updated: Updated, pieces: list[bytes]) -> pb.Updated:
    message = pb.Updated(
        readings=encode_values(updated.readings),
        rewards=encode_values(updated.rewards),
        terminated=updated.terminated,
        truncated=updated.truncated,
        time=encode_times(updated.time),
    )
    # Rare parts apart: an argument that is None costs as much as one that is set.
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


def _encode_reset_done(done: ResetDone) -> pb.ResetDone:
    due = None if done.next_update is None else encode_times(done.next_update)
    return pb.ResetDone(readings=encode_values(done.readings), time=encode_times(done.time), next_update=due)


def _decode_reset_done(message: pb.ResetDone) -> ResetDone:
    due = decode_times(message.next_update) if message.HasField("next_update") else None
    return ResetDone(decode_values(message.readings), decode_times(message.time), due)


def _encode_start(start: StartEnvironment) -> pb.Start:
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


def _decode_start(message: pb.Start) -> StartEnvironment:
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
        first=_encode_reset_done(started.first),
        static_world_model=encode_free_value(started.static_world_model, pieces),
    )


def _decode_started(message: pb.Started, chunks: Chunks) -> EnvironmentStarted:
    check_version(message.version, "The environment server")
    return EnvironmentStarted(
        sensors=decode_declarations(message.sensors),
        actuators=decode_declarations(message.actuators),
        rewards=decode_declarations(message.rewards),
        first=_decode_reset_done(message.first),
        tick_ns=message.tick_ns if message.HasField("tick_ns") else None,
        capabilities=frozenset(message.capabilities),
        static_world_model=decode_free_value(message.static_world_model, chunks),
    )
