"""Committed episodes and brain states between the store's models and messages."""

from __future__ import annotations

from sparring.api.store.v1 import run_pb2
from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.codec.episode import decode_key, encode_key
from sparring.codec.record import encode_summary
from sparring.store.brain_states import BrainState
from sparring.store.encoding.runs import encode_run, encode_time
from sparring.store.episodes import CommittedEpisode
from sparring.store.runs import Run


def encode_committed(episode: CommittedEpisode) -> run_pb2.EpisodeSummary:
    """Write the row of an episode."""
    message = encode_summary(episode.summary)
    message.phase_name = episode.phase_name
    message.epoch = episode.epoch
    message.committed.CopyFrom(encode_time(episode.committed_ns))
    return message


def encode_commit_event(episode: CommittedEpisode, run: Run) -> run_pb2.RunEvent:
    """Write the event that an episode was committed."""
    after = encode_run(run)
    after.revision = episode.revision
    return run_pb2.RunEvent(
        revision=episode.revision,
        time=encode_time(episode.committed_ns),
        run=after,
        episode=encode_committed(episode),
    )


def decode_state(message: pb.BrainStateHeader) -> BrainState:
    """Read the header of a brain state."""
    return BrainState(
        run=message.run,
        epoch=message.epoch,
        phase=message.phase,
        agent=message.agent,
        tag=message.tag,
        contains=tuple(map(decode_key, message.contains)),
        policy_version=message.policy_version,
        content_type=message.content_type,
        size_bytes=message.size_bytes,
        digest=message.digest,
    )


def encode_state(state: BrainState) -> pb.BrainStateHeader:
    """Write the header of a brain state."""
    return pb.BrainStateHeader(
        run=state.run,
        epoch=state.epoch,
        phase=state.phase,
        agent=state.agent,
        tag=state.tag,
        contains=[encode_key(key) for key in state.contains],
        policy_version=state.policy_version,
        content_type=state.content_type,
        size_bytes=state.size_bytes,
        digest=state.digest,
    )
