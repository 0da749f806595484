"""Batches of experience: the steps' values as columns, each the concatenation of what Values would hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sparring.api.agent.v1 import brain_service_pb2 as pb
from sparring.api.space.v1 import values_pb2
from sparring.codec.declaration import decode_declarations, encode_declarations
from sparring.codec.frame_table import malformed
from sparring.codec.values import Chunks, decode_free_value, encode_free_value
from sparring.types.declaration import FreeValue
from sparring.types.learning import ExperienceBatch, ExperienceStep
from sparring.types.values import Values

Column = TypeVar("Column", bytes, tuple[str, ...])

_MOST_STEPS = 1 << 20
"""Far more than anybody batches; columns may be empty, so that the bytes of a message alone bound nothing."""

_NO_VALUE = FreeValue("", b"")


def encode_batch(batch: ExperienceBatch, pieces: list[bytes] | None) -> pb.ExperienceBatch:
    """Join the steps' values to columns.

    Free values that are long go to `pieces`, if given.

    All steps know the same rewards: where one is declared, whoever batches begins a new batch with that step.
    """
    steps = batch.steps
    if any(step.declared_rewards for step in steps[1:]):
        raise malformed("a batch may declare rewards in its first step only")
    return pb.ExperienceBatch(
        episodes=batch.episodes,
        first_step=batch.first_step,
        steps=len(steps),
        readings_present=_presence([step.readings for step in steps]),
        setpoints_present=_presence([step.setpoints for step in steps]),
        rewards_present=_presence([step.rewards for step in steps]),
        terminated=_flags([step.terminated for step in steps], len(batch.episodes)),
        truncated=_flags([step.truncated for step in steps], len(batch.episodes)),
        data=_encode_data(steps, pieces),
        declared_rewards=encode_declarations(steps[0].declared_rewards),
        texts=[
            text for step in steps for values in (step.readings, step.setpoints, step.rewards) for text in values.texts
        ],
        readings=b"".join([step.readings.data for step in steps]),
        setpoints=b"".join([step.setpoints.data for step in steps]),
        rewards=b"".join([step.rewards.data for step in steps]),
    )


def decode_batch(
    message: pb.ExperienceBatch, chunks: Chunks, reading_texts: int, setpoint_texts: int
) -> ExperienceBatch:
    """Cut the columns into steps; of the texts of a step the first ones are the readings', then come the setpoints'.

    Raises:
        InvalidArgumentError: FRAME_MALFORMED, a column is not a whole number of steps.
    """
    steps, lanes = message.steps, len(message.episodes)
    if not 0 < steps <= _MOST_STEPS or not lanes or len(message.data) not in (0, steps):
        raise malformed(f"a batch of {steps} steps, {lanes} lanes, {len(message.data)} data")
    data = [decode_free_value(value, chunks) for value in message.data] or [None] * steps
    terminated, truncated = (_flag_rows(column, steps, lanes) for column in (message.terminated, message.truncated))
    declared = decode_declarations(message.declared_rewards)
    texts = _rows(tuple(message.texts), steps, "texts")
    first, second = reading_texts, reading_texts + setpoint_texts
    if len(texts[0]) < second:
        raise malformed(f"{len(texts[0])} texts in a step whose readings and setpoints have {second}")
    readings = _values(message.readings, message.readings_present, [row[:first] for row in texts])
    setpoints = _values(message.setpoints, message.setpoints_present, [row[first:second] for row in texts])
    rewards = _values(message.rewards, message.rewards_present, [row[second:] for row in texts])
    columns = zip(readings, setpoints, rewards, terminated, truncated, data, strict=True)
    found = tuple(ExperienceStep(*parts) for parts in columns)
    found[0].declared_rewards = declared
    return ExperienceBatch(tuple(message.episodes), message.first_step, found)


def _encode_data(steps: Sequence[ExperienceStep], pieces: list[bytes] | None) -> list[values_pb2.FreeValue]:
    if all(step.data is None for step in steps):
        return []
    return [encode_free_value(step.data or _NO_VALUE, pieces) for step in steps]


def _presence(values: Sequence[Values]) -> bytes:
    """Join presence bits; a step that has all present is written as ones only, spare bits included."""
    size = max(len(value.present) for value in values)
    return b"".join([value.present or b"\xff" * size for value in values]) if size else b""


def _values(data: bytes, present: bytes, texts: Sequence[tuple[str, ...]]) -> list[Values]:
    steps = len(texts)
    rows = zip(_rows(data, steps, "bytes"), _presence_rows(present, steps), texts, strict=True)
    return [Values(*row) for row in rows]


def _presence_rows(column: bytes, steps: int) -> list[bytes]:
    """Cut presence; a row of ones only is "all present", which `Values` writes as nothing."""
    return [b"" if row.count(0xFF) == len(row) else row for row in _rows(column, steps, "bytes of presence")]


def _flags(flags: Sequence[tuple[bool, ...]], lanes: int) -> bytes:
    return b"".join([bytes(row) or bytes(lanes) for row in flags]) if any(map(any, flags)) else b""


def _flag_rows(column: bytes, steps: int, lanes: int) -> list[tuple[bool, ...]]:
    """Cut flags; a step without any has the empty tuple."""
    if column and len(column) != steps * lanes:
        raise malformed(f"{len(column)} end flags for {steps} steps of {lanes} lanes")
    return [tuple(map(bool, row)) if any(row) else () for row in _rows(column, steps, "end flags")]


def _rows(column: Column, steps: int, what: str) -> list[Column]:
    size, rest = divmod(len(column), steps)
    if rest:
        raise malformed(f"a column of {len(column)} {what} for {steps} steps")
    return [column[at * size : (at + 1) * size] for at in range(steps)]
