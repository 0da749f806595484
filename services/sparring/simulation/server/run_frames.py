"""Frames of the control stream between the wire and the rollout worker's own words."""

from __future__ import annotations

from sparring.api.simulation.v1 import simulation_service_pb2 as pb
from sparring.api.space.v1 import session_pb2
from sparring.codec.declaration import decode_flow, encode_flow
from sparring.codec.episode import encode_key
from sparring.codec.errors import encode_error
from sparring.codec.version import encode_version
from sparring.simulation.control import Cause, Decision, Outcome, RolloutGauge
from sparring.types.episode import EpisodeSummary

_CAUSES = {
    Cause.COMPLETED: pb.Ended.CAUSE_COMPLETED,
    Cause.CANCELLED: pb.Ended.CAUSE_CANCELLED,
    Cause.FAILED: pb.Ended.CAUSE_FAILED,
    Cause.LOST: pb.Ended.CAUSE_LOST,
    Cause.ORPHANED: pb.Ended.CAUSE_ORPHANED,
    Cause.PARKED: pb.Ended.CAUSE_PARKED,
}


def decode_decision(message: pb.Decision) -> Decision:
    """Read a decision."""
    return Decision(decode_flow(message.flow_control), message.episodes_below, dict(message.policy_versions))


def encode_started(took_s: float) -> pb.RunResponse:
    """Write that everything is up."""
    started = pb.Started(version=encode_version())
    started.took.FromNanoseconds(round(took_s * 1e9))
    return pb.RunResponse(started=started)


def encode_episode_ended(summary: EpisodeSummary) -> pb.RunResponse:
    """Write that an episode is committed."""
    agents = [
        pb.AgentReturn(agent=agent, objective=value, mean_objective=value / max(1, summary.steps))
        for agent, value in summary.objectives.items()
    ]
    return pb.RunResponse(
        episode_ended=pb.EpisodeEnded(
            episode=encode_key(summary.key),
            steps=summary.steps,
            episode_return=summary.episode_return,
            agents=agents,
            terminated=summary.terminated,
            truncated=summary.truncated,
            flow_control=encode_flow(summary.flow_control),
            digest=summary.digest,
            attempts=summary.attempts,
        )
    )


def encode_progress(gauge: RolloutGauge, steps_per_second: float) -> pb.RunResponse:
    """Write how far it is."""
    return pb.RunResponse(
        progress=pb.Progress(
            episode=gauge.episode,
            step=gauge.step,
            steps_played=gauge.steps_played,
            steps_per_second=steps_per_second,
            episode_return=gauge.episode_return,
            waiting=gauge.waiting,
        )
    )


def encode_ended(outcome: Outcome) -> pb.RunResponse:
    """Write the last frame."""
    ended = pb.Ended(cause=_CAUSES[outcome.cause], steps_sent=outcome.steps_sent, episodes_sent=outcome.episodes_sent)
    if outcome.error is not None:
        ended.error.CopyFrom(encode_error(outcome.error))
    return pb.RunResponse(ended=ended)


def encode_attached(episodes: int) -> pb.RunResponse:
    """Write that a new governor is accepted; `episodes` were reported so far."""
    return pb.RunResponse(attached=session_pb2.Attached(last_sequence=episodes))
