"""Frames of a muscle session to bytes and back."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.api.agent.v1 import muscle_service_pb2 as pb
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
from sparring.codec.episode import decode_policy, encode_policy
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
    Act,
    Acted,
    MuscleRequest,
    MuscleReset,
    MuscleResponse,
    MuscleStarted,
    ResetMuscle,
    ShutDown,
    Shutdown,
    StartMuscle,
)


class MuscleFrames:
    """The codec of MuscleService.MuscleSession (see `FrameCodec`)."""

    def encode_request(self, sequence: int, request: MuscleRequest | Attach) -> Sequence[bytes]:
        """Write a request."""
        pieces: list[bytes] = []
        match request:
            case Act():
                frame = pb.MuscleSessionRequest(sequence=sequence, act=_encode_act(request, pieces))
            case ResetMuscle():
                reset = pb.ResetMuscle(
                    lanes=request.lanes,
                    episode_seeds=request.episode_seeds,
                    policy=encode_policy(request.policy, pieces),
                    mode=encode_mode(request.mode),
                )
                frame = pb.MuscleSessionRequest(sequence=sequence, reset=reset)
            case StartMuscle():
                frame = pb.MuscleSessionRequest(sequence=sequence, start=_encode_start(request, pieces))
            case Attach():
                frame = pb.MuscleSessionRequest(sequence=sequence, attach=encode_attach(request))
            case _:
                frame = pb.MuscleSessionRequest(sequence=sequence, shutdown=session_pb2.Shutdown())
        return with_chunks(pb.MuscleSessionRequest, sequence, pieces, frame) if pieces else (frame.SerializeToString(),)

    def decode_request(self, data: bytes, chunks: Chunks) -> tuple[int, MuscleRequest | Attach | None]:
        """Read a request."""
        message = parse(pb.MuscleSessionRequest, data)
        sequence: int = message.sequence
        kind = message.WhichOneof("kind")
        if kind == "act":
            return sequence, _decode_act(message.act, chunks)
        if kind == "reset":
            reset = message.reset
            policy = decode_policy(reset.policy, chunks) if reset.HasField("policy") else None
            return sequence, ResetMuscle(
                tuple(reset.episode_seeds), tuple(reset.lanes) or None, policy, decode_mode(reset.mode)
            )
        if kind == "start":
            return sequence, _decode_start(message.start, chunks)
        if kind == "attach":
            check_version(message.attach.version, "The controller")
            return sequence, decode_attach(message.attach)
        if kind == "shutdown":
            return sequence, Shutdown()
        if kind == "chunk":
            chunks.feed(message.chunk.data)
            return sequence, None
        raise malformed("a muscle request of no known kind")

    def encode_response(self, sequence: int, response: MuscleResponse | Attached | Refused) -> Sequence[bytes]:
        """Write a response."""
        pieces: list[bytes] = []
        match response:
            case Acted():
                acted = pb.Acted(setpoints=encode_values(response.setpoints))
                if response.data is not None:
                    acted.data.CopyFrom(encode_free_value(response.data, pieces))
                if response.statistics:
                    acted.statistics.update(dict(response.statistics))
                frame = pb.MuscleSessionResponse(sequence=sequence, acted=acted)
            case MuscleReset():
                frame = pb.MuscleSessionResponse(sequence=sequence, reset_done=pb.MuscleReset())
            case MuscleStarted():
                started = pb.MuscleStarted(version=encode_version(), capabilities=sorted(response.capabilities))
                frame = pb.MuscleSessionResponse(sequence=sequence, started=started)
            case Attached():
                attached = session_pb2.Attached(last_sequence=response.last_sequence)
                frame = pb.MuscleSessionResponse(sequence=sequence, attached=attached)
            case Refused():
                frame = pb.MuscleSessionResponse(sequence=sequence, error=encode_refused(response))
            case _:
                frame = pb.MuscleSessionResponse(sequence=sequence, shut_down=session_pb2.ShutDown())
        return (
            with_chunks(pb.MuscleSessionResponse, sequence, pieces, frame) if pieces else (frame.SerializeToString(),)
        )

    def decode_response(self, data: bytes, chunks: Chunks) -> tuple[int, MuscleResponse | Attached | Refused | None]:
        """Read a response."""
        message = parse(pb.MuscleSessionResponse, data)
        sequence: int = message.sequence
        kind = message.WhichOneof("kind")
        if kind == "acted":
            acted = message.acted
            result = Acted(decode_values(acted.setpoints))
            if acted.HasField("data"):
                result.data = decode_free_value(acted.data, chunks)
            if acted.statistics:
                result.statistics = tuple(sorted(acted.statistics.items()))
            return sequence, result
        if kind == "reset_done":
            return sequence, MuscleReset()
        if kind == "started":
            check_version(message.started.version, "The muscle server")
            return sequence, MuscleStarted(frozenset(message.started.capabilities))
        if kind == "shut_down":
            return sequence, ShutDown()
        if kind == "error":
            return sequence, decode_refused(message.error)
        if kind == "attached":
            return sequence, Attached(message.attached.last_sequence)
        if kind == "chunk":
            chunks.feed(message.chunk.data)
            return sequence, None
        raise malformed("a muscle response of no known kind")


def _encode_act(act: Act, pieces: list[bytes]) -> pb.Act:
    message = pb.Act(
        readings=encode_values(act.readings),
        terminated=act.terminated,
        truncated=act.truncated,
        times=[encode_times(times) for times in act.times],
    )
    # Rare parts apart: an argument that is None costs as much as one that is set.
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
        filters=[encode_component(component) for component in start.filters],
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
        filters=tuple(decode_component(component) for component in message.filters),
        policy=decode_policy(message.policy, chunks) if message.HasField("policy") else None,
        timeouts=decode_timeouts(message.timeouts),
        origin=decode_origin(message.origin),
    )
