"""From the store's and the governor's messages to records."""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from sparring.api.governor.v1 import governor_service_pb2 as governor
from sparring.api.space.v1 import declaration_pb2
from sparring.api.store.v1 import run_pb2, store_service_pb2
from sparring.cli.access.records import (
    DifferenceRecord,
    EpisodeRecord,
    EventRecord,
    PhaseRecord,
    ProgressRecord,
    RunRecord,
    VerifiedRecord,
)


def decode_run(message: run_pb2.Run) -> RunRecord:
    """Decode a run."""
    return RunRecord(
        run=message.run,
        uid=message.uid,
        status=run_pb2.Run.Status.Name(message.status).removeprefix("STATUS_").lower(),
        state=run_pb2.Run.State.Name(message.state).removeprefix("STATE_"),
        created=_time(message.created),
        ended=_time(message.ended) if message.HasField("ended") else None,
        seed=message.seed,
        phase=message.phase,
        governor=message.governor,
        error_reason=message.error_reason,
        error_message=message.error_message,
        digest=message.digest.hex(),
        evaluation_digest=message.evaluation_digest.hex(),
        deterministic=message.deterministic,
        cancel_requested=message.cancel_requested,
        pause_requested=message.pause_requested,
        epoch=message.epoch,
        lease_until=_time(message.lease_until) if message.HasField("lease_until") else None,
        revision=message.revision,
    )


def decode_phase(message: run_pb2.PhaseSummary) -> PhaseRecord:
    """Decode the summary of a phase."""
    return PhaseRecord(
        name=message.name,
        mode=_mode(message.mode),
        episodes=message.episodes,
        steps=message.steps,
        steps_per_second=message.steps_per_second,
        mean_return=message.mean_return,
    )


def decode_episode(message: run_pb2.EpisodeSummary) -> EpisodeRecord:
    """Decode a committed episode."""
    key = message.episode
    return EpisodeRecord(
        phase=key.phase,
        phase_name=message.phase_name,
        mode=_mode(key.mode),
        rollout=key.rollout,
        episode=key.episode,
        steps=message.steps,
        episode_return=message.episode_return,
        attempts=message.attempts,
        digest=message.digest.hex(),
        objectives=dict(message.objectives),
        committed=_time(message.committed) if message.HasField("committed") else None,
    )


def decode_event(message: run_pb2.RunEvent) -> EventRecord:
    """Decode a durable event."""
    return EventRecord(
        revision=message.revision,
        time=_time(message.time),
        run=decode_run(message.run),
        message=message.message,
        episode=decode_episode(message.episode) if message.HasField("episode") else None,
    )


def decode_progress(message: governor.RolloutProgress) -> ProgressRecord:
    """Decode passing progress."""
    progress = message.progress
    return ProgressRecord(
        phase=message.phase,
        phase_name=message.phase_name,
        rollout=message.rollout,
        episodes=message.episodes,
        episode=progress.episode,
        step=progress.step,
        steps_played=progress.steps_played,
        steps_per_second=progress.steps_per_second,
        episode_return=progress.episode_return,
        waiting=progress.waiting,
    )


def decode_difference(message: store_service_pb2.Difference) -> DifferenceRecord:
    """Decode what does not verify."""
    key = message.episode
    return DifferenceRecord(key.phase, message.phase_name, _mode(key.mode), key.rollout, key.episode, message.message)


def decode_verified(message: store_service_pb2.Verified) -> VerifiedRecord:
    """Decode the end of verifying."""
    return VerifiedRecord(
        message.episodes, message.steps, message.digest.hex(), message.evaluation_digest.hex(), message.equal
    )


def _mode(value: declaration_pb2.Mode) -> str:
    return declaration_pb2.Mode.Name(value).removeprefix("MODE_").lower()


def _time(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)
