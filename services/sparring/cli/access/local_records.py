"""From the store's own values to records."""

from __future__ import annotations

from datetime import UTC, datetime

from sparring.cli.access.records import (
    DifferenceRecord,
    EpisodeRecord,
    EventRecord,
    PhaseRecord,
    RunRecord,
    VerifiedRecord,
)
from sparring.store.checking import Difference
from sparring.store.episodes import CommittedEpisode
from sparring.store.phases import PhaseSummary
from sparring.store.runs import Run, RunEvent
from sparring.store.verification import Verified
from sparring.store.watching import Commit


def run_record(run: Run) -> RunRecord:
    """Return a run."""
    return RunRecord(
        run=run.run,
        uid=run.uid,
        status=run.status.value,
        state=run.state.value.upper(),
        created=_time(run.created_ns),
        ended=None if run.ended_ns is None else _time(run.ended_ns),
        seed=run.seed,
        phase=run.phase,
        governor=run.governor,
        error_reason=run.error_reason,
        error_message=run.error_message,
        digest=run.digest.hex(),
        evaluation_digest=run.evaluation_digest.hex(),
        deterministic=run.deterministic,
        cancel_requested=run.cancel_requested,
        pause_requested=run.pause_requested,
        epoch=run.epoch,
        lease_until=_time(run.lease_until_ns) if run.lease_until_ns else None,
        revision=run.revision,
    )


def phase_record(phase: PhaseSummary) -> PhaseRecord:
    """Return the summary of a phase."""
    return PhaseRecord(
        name=phase.name,
        mode=phase.mode.value,
        episodes=phase.episodes,
        steps=phase.steps,
        steps_per_second=phase.steps_per_second,
        mean_return=phase.mean_return,
    )


def episode_record(episode: CommittedEpisode) -> EpisodeRecord:
    """Return a committed episode."""
    summary = episode.summary
    return EpisodeRecord(
        phase=summary.key.phase,
        phase_name=episode.phase_name,
        mode=summary.key.mode.value,
        rollout=summary.key.rollout,
        episode=summary.key.episode,
        steps=summary.steps,
        episode_return=summary.episode_return,
        attempts=summary.attempts,
        digest=summary.digest.hex(),
        objectives=summary.objectives,
        committed=_time(episode.committed_ns),
    )


def event_record(event: RunEvent) -> EventRecord:
    """Return an event that is no commit."""
    return EventRecord(event.run.revision, _time(event.time_ns), run_record(event.run), event.message)


def commit_record(commit: Commit) -> EventRecord:
    """Return the event that an episode was committed."""
    episode = commit.episode
    return EventRecord(
        episode.revision, _time(episode.committed_ns), run_record(commit.run), episode=episode_record(episode)
    )


def difference_record(difference: Difference) -> DifferenceRecord:
    """Return what does not verify."""
    key = difference.episode.summary.key
    return DifferenceRecord(
        key.phase, difference.episode.phase_name, key.mode.value, key.rollout, key.episode, difference.message
    )


def verified_record(verified: Verified) -> VerifiedRecord:
    """Return what verifying came to."""
    return VerifiedRecord(
        verified.episodes, verified.steps, verified.digest.hex(), verified.evaluation_digest.hex(), verified.equal
    )


def _time(ns: int) -> datetime:
    return datetime.fromtimestamp(ns / 1e9, UTC)
