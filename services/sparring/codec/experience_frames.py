"""Frames of an experience stream to bytes and back: steps as columns."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.api.agent.v1 import brain_service_pb2 as pb
from sparring.codec.declaration import (
    decode_declarations,
    decode_flow,
    decode_origin,
    encode_declarations,
    encode_flow,
    encode_origin,
)
from sparring.codec.episode import decode_key, decode_policy, encode_key, encode_policy
from sparring.codec.session import Refused, decode_refused, encode_refused, malformed, parse, with_chunks
from sparring.codec.values import Chunks, decode_free_value, decode_values, encode_free_value, encode_values
from sparring.codec.version import check_version, encode_version
from sparring.types.declaration import FreeValue
from sparring.types.frames import Origin, Policy
from sparring.types.learning import Considered, DiscardEpisode, EpisodeEnd, ExperienceBatch, ExperienceStep, Joined
from sparring.types.values import Values

_NO_VALUE = FreeValue("", b"")


class Join:
    """The first frame: which brain session, on whose behalf."""

    __slots__ = ("epoch", "lanes", "origin", "token")

    def __init__(self, token: str, origin: Origin, lanes: int, epoch: int) -> None:
        self.token, self.origin, self.lanes, self.epoch = token, origin, lanes, epoch


class ExperienceFrames:
    """The codec of BrainService.Experience.

    Args:
        reading_texts: How many texts the readings of one step have (Text leaves times lanes).
        setpoint_texts: The same of the setpoints. What is left belongs to the rewards.
    """

    def __init__(self, reading_texts: int = 0, setpoint_texts: int = 0) -> None:
        self._texts = (reading_texts, setpoint_texts)

    def encode_request(
        self, sequence: int, request: Join | ExperienceBatch | EpisodeEnd | DiscardEpisode
    ) -> Sequence[bytes]:
        """Write a request: chunks first, the frame last."""
        pieces: list[bytes] = []
        match request:
            case ExperienceBatch():
                frame = pb.ExperienceRequest(sequence=sequence, batch=_encode_batch(request, pieces))
            case EpisodeEnd():
                end = pb.EpisodeEnd(
                    episode=encode_key(request.key),
                    lane=request.lane,
                    steps=request.steps,
                    final_readings=encode_values(request.final_readings),
                )
                frame = pb.ExperienceRequest(sequence=sequence, episode_end=end)
            case DiscardEpisode():
                frame = pb.ExperienceRequest(
                    sequence=sequence, discard=pb.DiscardEpisode(episode=encode_key(request.key))
                )
            case Join():
                join = pb.Join(
                    version=encode_version(),
                    token=request.token,
                    origin=encode_origin(request.origin),
                    lanes=request.lanes,
                    epoch=request.epoch,
                )
                frame = pb.ExperienceRequest(sequence=sequence, join=join)
        return with_chunks(pb.ExperienceRequest, sequence, pieces, frame)

    def decode_request(
        self, data: bytes, chunks: Chunks
    ) -> tuple[int, Join | ExperienceBatch | EpisodeEnd | DiscardEpisode | None]:
        """Read a request; None for a chunk."""
        message = parse(pb.ExperienceRequest, data)
        sequence: int = message.sequence
        kind = message.WhichOneof("kind")
        if kind == "batch":
            return sequence, self._decode_batch(message.batch, chunks)
        if kind == "episode_end":
            end = message.episode_end
            return sequence, EpisodeEnd(decode_key(end.episode), end.lane, end.steps, decode_values(end.final_readings))
        if kind == "discard":
            return sequence, DiscardEpisode(decode_key(message.discard.episode))
        if kind == "join":
            join = message.join
            check_version(join.version, "The controller")
            return sequence, Join(join.token, decode_origin(join.origin), join.lanes or 1, join.epoch)
        if kind == "chunk":
            chunks.feed(message.chunk.data)
            return sequence, None
        raise malformed("an experience request of no known kind")

    def encode_response(self, sequence: int, response: Considered | Policy | Joined | Refused) -> Sequence[bytes]:
        """Write a response; a bare Policy is PolicyChanged."""
        pieces: list[bytes] = []
        frame = pb.ExperienceResponse(sequence=sequence)
        match response:
            case Considered():
                considered = frame.considered
                considered.objectives.extend(response.objectives)
                considered.flow_control = encode_flow(response.flow_control)
                if response.policy is not None:
                    considered.policy.CopyFrom(encode_policy(response.policy, pieces))
                considered.statistics.update(dict(response.statistics))
                considered.SetInParent()
            case Policy():
                frame.policy_changed.policy.CopyFrom(encode_policy(response, pieces))
            case Joined():
                policy = encode_policy(response.policy, pieces)
                frame.joined.CopyFrom(pb.Joined(version=encode_version(), policy=policy, window=response.window))
            case Refused():
                frame.error.CopyFrom(encode_refused(response))
        return with_chunks(pb.ExperienceResponse, sequence, pieces, frame)

    def decode_response(self, data: bytes, chunks: Chunks) -> tuple[int, Considered | Policy | Joined | Refused | None]:
        """Read a response; None for a chunk."""
        message = parse(pb.ExperienceResponse, data)
        sequence: int = message.sequence
        kind = message.WhichOneof("kind")
        if kind == "considered":
            considered = message.considered
            return sequence, Considered(
                tuple(considered.objectives),
                decode_flow(considered.flow_control),
                decode_policy(considered.policy, chunks) if considered.HasField("policy") else None,
                tuple(sorted(considered.statistics.items())),
            )
        if kind == "policy_changed":
            return sequence, decode_policy(message.policy_changed.policy, chunks)
        if kind == "joined":
            joined = message.joined
            check_version(joined.version, "The brain server")
            return sequence, Joined(
                decode_policy(joined.policy, chunks) if joined.HasField("policy") else None, joined.window
            )
        if kind == "error":
            return sequence, decode_refused(message.error)
        if kind == "chunk":
            chunks.feed(message.chunk.data)
            return sequence, None
        raise malformed("an experience response of no known kind")

    def _decode_batch(self, batch: pb.ExperienceBatch, chunks: Chunks) -> ExperienceBatch:
        steps, lanes = batch.steps, len(batch.episodes)
        if not steps or not lanes or (batch.data and len(batch.data) != steps):
            raise malformed(f"a batch of {steps} steps, {lanes} lanes, {len(batch.data)} data")
        data = [decode_free_value(value, chunks) for value in batch.data] or [None] * steps
        columns = [
            _rows(column, steps)
            for column in (
                batch.readings,
                batch.setpoints,
                batch.rewards,
            )
        ]
        presence = [
            _presence_rows(column, steps)
            for column in (batch.readings_present, batch.setpoints_present, batch.rewards_present)
        ]
        flags = [
            [tuple(map(bool, row)) for row in _rows(column, steps)] for column in (batch.terminated, batch.truncated)
        ]
        declared = decode_declarations(batch.declared_rewards) if batch.declared_rewards else ()
        texts, per_step = tuple(batch.texts), len(batch.texts) // steps
        first, second = self._texts[0], self._texts[0] + self._texts[1]
        found = []
        for step in range(steps):
            text = texts[step * per_step : (step + 1) * per_step]
            found.append(
                ExperienceStep(
                    Values(columns[0][step], presence[0][step], text[:first]),
                    Values(columns[1][step], presence[1][step], text[first:second]),
                    Values(columns[2][step], presence[2][step], text[second:]),
                    flags[0][step],
                    flags[1][step],
                    data[step],
                    declared if step == 0 else (),
                )
            )
        return ExperienceBatch(tuple(batch.episodes), batch.first_step, tuple(found))


def _encode_batch(batch: ExperienceBatch, pieces: list[bytes]) -> pb.ExperienceBatch:
    """Join the steps' values to columns. Rewards may be declared by the first step only: whoever batches starts a new batch there."""
    steps = batch.steps
    has_data = any(step.data is not None for step in steps)
    return pb.ExperienceBatch(
        episodes=batch.episodes,
        first_step=batch.first_step,
        steps=len(steps),
        readings_present=_presence([step.readings for step in steps]),
        setpoints_present=_presence([step.setpoints for step in steps]),
        rewards_present=_presence([step.rewards for step in steps]),
        terminated=_flags([step.terminated for step in steps], len(batch.episodes)),
        truncated=_flags([step.truncated for step in steps], len(batch.episodes)),
        data=[encode_free_value(step.data or _NO_VALUE, pieces) for step in steps] if has_data else (),
        declared_rewards=encode_declarations(steps[0].declared_rewards),
        texts=[
            text for step in steps for values in (step.readings, step.setpoints, step.rewards) for text in values.texts
        ],
        readings=b"".join([step.readings.data for step in steps]),
        setpoints=b"".join([step.setpoints.data for step in steps]),
        rewards=b"".join([step.rewards.data for step in steps]),
    )


def _presence(values: Sequence[Values]) -> bytes:
    """Join presence bits; a step that has all present is written as ones only, spare bits included."""
    size = max(len(value.present) for value in values)
    return b"".join([value.present or b"\xff" * size for value in values]) if size else b""


def _presence_rows(column: bytes, steps: int) -> list[bytes]:
    """Cut presence; a row of ones only is "all present", which `Values` writes as nothing."""
    return [b"" if row.count(0xFF) == len(row) else row for row in _rows(column, steps)]


def _flags(flags: Sequence[tuple[bool, ...]], lanes: int) -> bytes:
    return b"".join([bytes(row) or bytes(lanes) for row in flags]) if any(map(any, flags)) else b""


def _rows(column: bytes, steps: int) -> list[bytes]:
    size, rest = divmod(len(column), steps)
    if rest:
        raise malformed(f"a column of {len(column)} bytes for {steps} steps")
    return [column[at : at + size] for at in range(0, len(column), size)] if size else [b""] * steps
