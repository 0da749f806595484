"""Frames of a RecordEpisodes stream: a rollout worker's requests to bytes, the store's responses back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from google.protobuf.message import DecodeError

from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.codec.declaration import encode_component, encode_declarations, encode_mode
from sparring.codec.frame_table import malformed
from sparring.codec.record import decode_summary, encode_begin, encode_rows, encode_summary, halves
from sparring.codec.values import encode_free_value
from sparring.types.declaration import Component, Declaration, FreeValue
from sparring.types.episode import EpisodeSummary, StepRows
from sparring.types.plan import RolloutPlan

ROWS_BYTES: Final = 4 << 20


class DeclaredEnvironment(Protocol):
    """What the store is told about an environment before its first row."""

    @property
    def uid(self) -> str:
        """Its name in the document."""

    @property
    def sensors(self) -> tuple[Declaration, ...]:
        """In packing order."""

    @property
    def actuators(self) -> tuple[Declaration, ...]:
        """In packing order."""

    @property
    def rewards(self) -> tuple[Declaration, ...]:
        """Those declared at Start."""

    @property
    def component(self) -> Component:
        """What it was made of."""

    @property
    def static_world_model(self) -> FreeValue | None:
        """What it told once about the world."""


class DeclaredAgent(Protocol):
    """What the store is told about an agent before its first row."""

    @property
    def name(self) -> str:
        """Its name in the document."""

    @property
    def sensors(self) -> tuple[str, ...]:
        """What it reads, `environment.sensor`."""

    @property
    def actuators(self) -> tuple[str, ...]:
        """What it sets, `environment.actuator`."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The record is open; these episodes are committed already."""

    committed: frozenset[int]


@dataclass(frozen=True, slots=True)
class Committed:
    """An episode is durable; `existed` if it was so before."""

    summary: EpisodeSummary
    existed: bool


@dataclass(frozen=True, slots=True)
class Flushed:
    """Everything before the Flush is durable."""


RecordResponse: TypeAlias = Opened | Committed | Flushed


def encode_open(
    plan: RolloutPlan, environments: Sequence[DeclaredEnvironment], agents: Sequence[DeclaredAgent]
) -> bytes:
    """Write the first frame."""
    message = pb.OpenRecord(
        run=plan.origin.run,
        epoch=plan.epoch,
        phase=plan.origin.phase,
        phase_name=plan.phase_name,
        mode=encode_mode(plan.mode),
        rollout=plan.origin.rollout,
        environments=[_encode_environment(environment) for environment in environments],
        agents=[pb.AgentRecord(name=agent.name, sensors=agent.sensors, actuators=agent.actuators) for agent in agents],
    )
    return pb.RecordEpisodesRequest(open=message).SerializeToString()


def encode_begin_frame(episode: int, seeds: Mapping[str, int]) -> bytes:
    """Write the beginning of an episode."""
    return encode_begin(episode, seeds).SerializeToString()


def encode_rewards_frame(episode: int, environment: int, rewards: Sequence[Declaration]) -> bytes:
    """Write that rewards of an environment were announced."""
    message = pb.DeclareRewards(episode=episode, environment=environment, rewards=encode_declarations(rewards))
    return pb.RecordEpisodesRequest(declare_rewards=message).SerializeToString()


def encode_rows_frames(rows: StepRows, most_bytes: int = ROWS_BYTES) -> list[bytes]:
    """Write rows, in several frames where they are many: none above `most_bytes` that has more than one row."""
    frame = pb.RecordEpisodesRequest(steps=encode_rows(rows)).SerializeToString()
    if len(frame) <= most_bytes or rows.steps < 2:
        return [frame]
    return [piece for half in halves(rows) for piece in encode_rows_frames(half, most_bytes)]


def encode_commit_frame(summary: EpisodeSummary, rows: int) -> bytes:
    """Write that an episode is complete."""
    message = pb.CommitEpisode(summary=encode_summary(summary), rows=rows)
    return pb.RecordEpisodesRequest(commit=message).SerializeToString()


def encode_drop_frame(episode: int) -> bytes:
    """Write that an episode is to be forgotten."""
    return pb.RecordEpisodesRequest(drop=pb.DropEpisode(episode=episode)).SerializeToString()


def encode_flush_frame() -> bytes:
    """Write that the store shall not wait for more to group."""
    return pb.RecordEpisodesRequest(flush=pb.Flush()).SerializeToString()


def decode_record_response(data: bytes) -> RecordResponse:
    """Read a response.

    Raises:
        InvalidArgumentError: FRAME_MALFORMED.
    """
    try:
        message = pb.RecordEpisodesResponse.FromString(data)
    except DecodeError as error:
        raise malformed(f"{len(data)} bytes that are not a record response") from error
    match message.WhichOneof("kind"):
        case "opened":
            return Opened(frozenset(message.opened.committed))
        case "committed":
            return Committed(decode_summary(message.committed.summary), message.committed.existed)
        case "flushed":
            return Flushed()
    raise malformed("a record response of no known kind")


def _encode_environment(environment: DeclaredEnvironment) -> pb.EnvironmentRecord:
    return pb.EnvironmentRecord(
        uid=environment.uid,
        sensors=encode_declarations(environment.sensors),
        actuators=encode_declarations(environment.actuators),
        rewards=encode_declarations(environment.rewards),
        component=encode_component(environment.component),
        static_world_model=encode_free_value(environment.static_world_model),
    )
