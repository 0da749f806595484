"""Frames of an experience stream to bytes and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sparring.api.agent.v1 import brain_service_pb2 as pb
from sparring.codec.declaration import decode_flow, decode_origin, encode_flow, encode_origin
from sparring.codec.episode import decode_key, decode_policy, encode_key, encode_policy
from sparring.codec.experience_batch import decode_batch, encode_batch
from sparring.codec.frame_table import FrameTable, Kind
from sparring.codec.session import Refused, decode_refused, encode_refused
from sparring.codec.values import Chunks, decode_values, encode_values
from sparring.codec.version import check_version, encode_version
from sparring.types.frames import Origin, Policy
from sparring.types.learning import Considered, DiscardEpisode, EpisodeEnd, ExperienceBatch, Joined


@dataclass(frozen=True, slots=True)
class Join:
    """The first frame: which brain session, on whose behalf."""

    token: str
    origin: Origin
    lanes: int
    epoch: int


ExperienceRequest: TypeAlias = Join | ExperienceBatch | EpisodeEnd | DiscardEpisode
ExperienceResponse: TypeAlias = Considered | Policy | Joined | Refused
"""A bare Policy is PolicyChanged."""


class ExperienceFrames:
    """The codec of BrainService.Experience.

    Args:
        reading_texts: How many texts the readings of one step have (Text leaves times lanes); only for who decodes.
        setpoint_texts: The same of the setpoints. What is left belongs to the rewards.
    """

    def __init__(self, reading_texts: int = 0, setpoint_texts: int = 0) -> None:
        def decode(message: pb.ExperienceBatch, chunks: Chunks) -> ExperienceBatch:
            return decode_batch(message, chunks, reading_texts, setpoint_texts)

        batches = Kind("batch", ExperienceBatch, encode_batch, decode)
        self._requests = FrameTable(pb.ExperienceRequest, "an experience request", (batches, *_REQUEST_KINDS))

    def encode_request(self, sequence: int, request: ExperienceRequest) -> Sequence[bytes]:
        """Write a request: chunks first, the frame last."""
        return self._requests.encode(sequence, request)

    def decode_request(self, data: bytes, chunks: Chunks) -> tuple[int, ExperienceRequest | None]:
        """Read a request; None for a chunk."""
        message = self._requests.parse(data)
        return message.sequence, self._requests.read(message, chunks)

    def encode_response(self, sequence: int, response: ExperienceResponse) -> Sequence[bytes]:
        """Write a response."""
        return _RESPONSES.encode(sequence, response)

    def decode_response(self, data: bytes, chunks: Chunks) -> tuple[int, ExperienceResponse | None]:
        """Read a response; None for a chunk."""
        message = _RESPONSES.parse(data)
        return message.sequence, _RESPONSES.read(message, chunks)


def encode_whole_batch(batch: ExperienceBatch) -> pb.ExperienceBatch:
    """Write a batch as one message, whatever the size of its free values."""
    return encode_batch(batch, None)


def encode_episode_end(end: EpisodeEnd) -> pb.EpisodeEnd:
    """Write an episode's end by itself."""
    return _encode_end(end, [])


def _encode_end(end: EpisodeEnd, _: list[bytes]) -> pb.EpisodeEnd:
    return pb.EpisodeEnd(
        episode=encode_key(end.key),
        lane=end.lane,
        steps=end.steps,
        final_readings=encode_values(end.final_readings),
    )


def _decode_end(message: pb.EpisodeEnd, _: Chunks) -> EpisodeEnd:
    return EpisodeEnd(decode_key(message.episode), message.lane, message.steps, decode_values(message.final_readings))


def _encode_discard(discard: DiscardEpisode, _: list[bytes]) -> pb.DiscardEpisode:
    return pb.DiscardEpisode(episode=encode_key(discard.key))


def _decode_discard(message: pb.DiscardEpisode, _: Chunks) -> DiscardEpisode:
    return DiscardEpisode(decode_key(message.episode))


def _encode_join(join: Join, _: list[bytes]) -> pb.Join:
    return pb.Join(
        version=encode_version(),
        token=join.token,
        origin=encode_origin(join.origin),
        lanes=join.lanes,
        epoch=join.epoch,
    )


def _decode_join(message: pb.Join, _: Chunks) -> Join:
    check_version(message.version, "The controller")
    return Join(message.token, decode_origin(message.origin), message.lanes or 1, message.epoch)


def _encode_considered(considered: Considered, pieces: list[bytes]) -> pb.Considered:
    return pb.Considered(
        objectives=considered.objectives,
        flow_control=encode_flow(considered.flow_control),
        policy=encode_policy(considered.policy, pieces),
        statistics=dict(considered.statistics),
    )


def _decode_considered(message: pb.Considered, chunks: Chunks) -> Considered:
    return Considered(
        tuple(message.objectives),
        decode_flow(message.flow_control),
        decode_policy(message.policy, chunks) if message.HasField("policy") else None,
        tuple(sorted(message.statistics.items())),
    )


def _encode_changed(policy: Policy, pieces: list[bytes]) -> pb.PolicyChanged:
    return pb.PolicyChanged(policy=encode_policy(policy, pieces))


def _decode_changed(message: pb.PolicyChanged, chunks: Chunks) -> Policy:
    return decode_policy(message.policy, chunks)


def _encode_joined(joined: Joined, pieces: list[bytes]) -> pb.Joined:
    return pb.Joined(version=encode_version(), policy=encode_policy(joined.policy, pieces), window=joined.window)


def _decode_joined(message: pb.Joined, chunks: Chunks) -> Joined:
    check_version(message.version, "The brain server")
    policy = decode_policy(message.policy, chunks) if message.HasField("policy") else None
    return Joined(policy, max(1, message.window))


_REQUEST_KINDS = (
    Kind("episode_end", EpisodeEnd, _encode_end, _decode_end),
    Kind("discard", DiscardEpisode, _encode_discard, _decode_discard),
    Kind("join", Join, _encode_join, _decode_join),
)
_RESPONSES = FrameTable(
    pb.ExperienceResponse,
    "an experience response",
    (
        Kind("considered", Considered, _encode_considered, _decode_considered),
        Kind("policy_changed", Policy, _encode_changed, _decode_changed),
        Kind("joined", Joined, _encode_joined, _decode_joined),
        Kind("error", Refused, lambda refused, _: encode_refused(refused), lambda body, _: decode_refused(body)),
    ),
)
