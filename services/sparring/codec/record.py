"""Frames of a store's RecordEpisodes stream: rows, summaries, declarations."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from sparring.api.store.v1 import run_pb2
from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.codec.declaration import decode_flow, encode_flow
from sparring.codec.episode import decode_key, encode_key
from sparring.codec.values import decode_free_value, decode_values, encode_free_value, encode_values
from sparring.types.declaration import FreeValue
from sparring.types.episode import AgentRows, EpisodeSummary, StepRows


def encode_rows(rows: StepRows) -> pb.StepBatch:
    """Write rows."""
    batch = pb.StepBatch(
        episode=rows.episode, first_step=rows.first_step, steps=rows.steps, texts=rows.texts, rows=rows.rows
    )
    for step, environment, value in rows.world_states:
        batch.world_states.append(pb.WorldState(step=step, environment=environment, value=encode_free_value(value)))
    for agent in rows.agents:
        batch.agents.append(
            pb.AgentSteps(
                agent=agent.agent,
                objectives=agent.objectives,
                data=[encode_free_value(value) or _NO_VALUE for value in agent.data],
                acted=bytes(agent.acted),
                proposed=[
                    pb.ProposedSetpoints(step=step, setpoints=encode_values(values)) for step, values in agent.proposed
                ],
            )
        )
    return batch


def decode_rows(batch: pb.StepBatch) -> StepRows:
    """Read rows; their length is checked by whoever knows the layout."""
    return StepRows(
        episode=batch.episode,
        first_step=batch.first_step,
        steps=batch.steps,
        rows=batch.rows,
        texts=tuple(batch.texts),
        world_states=tuple(
            (state.step, state.environment, decode_free_value(state.value) or FreeValue("", b""))
            for state in batch.world_states
        ),
        agents=tuple(
            AgentRows(
                agent=agent.agent,
                objectives=tuple(agent.objectives),
                data=tuple(decode_free_value(value) for value in agent.data),
                acted=tuple(byte != 0 for byte in agent.acted),
                proposed=tuple((each.step, decode_values(each.setpoints)) for each in agent.proposed),
            )
            for agent in batch.agents
        ),
    )


def halves(rows: StepRows) -> tuple[StepRows, StepRows]:
    """Cut rows, of which there are at least two, into two frames' worth."""
    middle = rows.steps // 2
    return _cut(rows, 0, middle), _cut(rows, middle, rows.steps)


def _cut(rows: StepRows, start: int, stop: int) -> StepRows:
    size, texts = len(rows.rows) // rows.steps, len(rows.texts) // rows.steps
    first, last = rows.first_step + start, rows.first_step + stop
    return StepRows(
        episode=rows.episode,
        first_step=first,
        steps=stop - start,
        rows=rows.rows[start * size : stop * size],
        texts=rows.texts[start * texts : stop * texts],
        world_states=tuple(state for state in rows.world_states if first <= state[0] < last),
        agents=tuple(
            AgentRows(
                agent.agent,
                agent.objectives[start:stop],
                agent.data[start:stop],
                agent.acted[start:stop],
                tuple(each for each in agent.proposed if first <= each[0] < last),
            )
            for agent in rows.agents
        ),
    )


def encode_summary(summary: EpisodeSummary) -> run_pb2.EpisodeSummary:
    """Write the row of an episode."""
    return run_pb2.EpisodeSummary(
        episode=encode_key(summary.key),
        steps=summary.steps,
        episode_return=summary.episode_return,
        objectives={agent: value for agent, value in summary.objectives.items() if not math.isnan(value)},
        terminated=summary.terminated,
        truncated=summary.truncated,
        digest=summary.digest,
        seeds=dict(summary.seeds),
        attempts=summary.attempts,
        duration_s=summary.duration_s,
        flow_control=encode_flow(summary.flow_control),
    )


def decode_summary(message: run_pb2.EpisodeSummary) -> EpisodeSummary:
    """Read the row of an episode."""
    return EpisodeSummary(
        key=decode_key(message.episode),
        steps=message.steps,
        episode_return=message.episode_return,
        objectives=dict(message.objectives),
        terminated=message.terminated,
        truncated=message.truncated,
        digest=message.digest,
        seeds=dict(message.seeds),
        attempts=message.attempts,
        duration_s=message.duration_s,
        flow_control=decode_flow(message.flow_control),
    )


def encode_begin(episode: int, seeds: Mapping[str, int]) -> pb.RecordEpisodesRequest:
    """Write the beginning of an episode."""
    return pb.RecordEpisodesRequest(begin=pb.BeginEpisode(episode=episode, seeds=dict(seeds)))


def decode_summaries(messages: Iterable[run_pb2.EpisodeSummary]) -> list[EpisodeSummary]:
    """Read several rows."""
    return [decode_summary(message) for message in messages]


_NO_VALUE = encode_free_value(FreeValue("", b""))
