"""A brain's memory as bytes and back: columns of packed values, so that a saved brain goes on with equal bits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparring.agent.memory import Memory
from sparring.agent.memory_row import Fields, Row
from sparring.types.declaration import FreeValue
from sparring.types.errors import InvalidArgumentError
from sparring.types.free_value import from_free_value, join_parts, split_parts, to_free_value
from sparring.types.space import describe_space, parse_space
from sparring.types.values import Values

_FLAGS = ("done", "terminated", "truncated")


def encode_memory(memory: Memory) -> FreeValue:
    """Write all rows."""
    rows = memory.tail(len(memory)).rows
    tags = list(dict.fromkeys(row.tag for row in rows))
    # Two objects may say the same: what is restored is not what was made anew.
    spelt = {
        id(fields): _spelt(fields) for fields in {id(row.reward_fields): row.reward_fields for row in rows}.values()
    }
    rewards = list(dict.fromkeys(spelt.values()))
    numbers = {key: rewards.index(text) for key, text in spelt.items()}
    state: dict[str, Any] = {
        "size_limit": memory.size_limit,
        "tags": tags,
        "tag": np.array([tags.index(row.tag) for row in rows], np.int32),
        "reward_fields": [[list(pair) for pair in each] for each in rewards],
        "fields": np.array([numbers[id(row.reward_fields)] for row in rows], np.int32),
        "flags": np.array([[getattr(row, flag) for flag in _FLAGS] for row in rows], np.bool_),
        "objective": [row.objective for row in rows] if _ragged(rows) else _stacked([row.objective for row in rows]),
        "observations": _encode_extra([row.observations for row in rows]),
        "actions": _encode_extra([row.actions for row in rows]),
    }
    columns: dict[str, list[Values | None]] = {
        "readings": [row.readings for row in rows],
        "setpoints": [row.setpoints for row in rows],
        "rewards": [row.rewards for row in rows],
        "next": [row.next_readings for row in rows],
    }
    state |= {name: _encode_values(values) for name, values in columns.items()}
    told = [to_free_value(row.data) if row.data is not None else None for row in rows]
    return join_parts([to_free_value(state), join_parts(told) if any(told) else None])


def decode_memory(value: FreeValue, memory: Memory, sensors: Fields, actuators: Fields) -> None:
    """Put the rows into an empty memory.

    Args:
        value: What `encode_memory` returned.
        memory: The memory.
        sensors: What the agent reads.
        actuators: What it sets.

    Raises:
        InvalidArgumentError: VALUE_MALFORMED; STATE_UNFIT, the rows are those of other sensors or actuators.
    """
    first, data = split_parts(value)
    assert first is not None
    state = from_free_value(first)
    rewards = [
        Fields("reward", [uid for uid, _ in each], [parse_space(text) for _, text in each])
        for each in state["reward_fields"]
    ]
    readings, setpoints, given, following = (
        _decode_values(state[name]) for name in ("readings", "setpoints", "rewards", "next")
    )
    told = split_parts(data) if data is not None else [None] * len(readings)
    memory.size_limit = state["size_limit"]
    for place, flags in enumerate(state["flags"]):
        reading, setpoint, reward = readings[place], setpoints[place], given[place]
        assert reading is not None
        assert setpoint is not None
        assert reward is not None
        if len(reading.data) != sensors.layout.size or len(setpoint.data) != actuators.layout.size:
            raise InvalidArgumentError(
                "STATE_UNFIT", "The saved brain remembers other sensors or actuators than its agent has now."
            )
        tag, fields = state["tags"][int(state["tag"][place])], rewards[int(state["fields"][place])]
        row = Row(tag, sensors, reading, actuators, setpoint, fields, reward, bool(flags[1]), bool(flags[2]))
        row.done = bool(flags[0])
        row.data = told[place]
        row.objective = np.asarray(state["objective"][place], np.float64)
        row.observations = _decode_extra(state["observations"], place)
        row.actions = _decode_extra(state["actions"], place)
        memory.add(row)
        row.next_readings = following[place]


def _spelt(fields: Fields) -> tuple[tuple[str, str], ...]:
    """Write fields as names and spaces."""
    spaces = [describe_space(space, whole=True) for space in fields.layout.spaces]
    return tuple(zip(fields.uids, spaces, strict=True))


def _ragged(rows: Sequence[Row]) -> bool:
    return len({row.objective.size for row in rows}) > 1


def _stacked(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.array(arrays) if arrays else np.zeros((0, 0))


def _encode_values(values: Sequence[Values | None]) -> dict[str, Any]:
    """Write values one behind the other; lengths tell them apart, -1 is none."""
    known = [each for each in values if each is not None]
    return {
        "data": b"".join([each.data for each in known]),
        "present": b"".join([each.present for each in known]),
        "lengths": np.array(
            [(-1, 0) if each is None else (len(each.data), len(each.present)) for each in values], "i8"
        ),
        "texts": [list(each.texts) for each in known] if any(each.texts for each in known) else [],
    }


def _decode_values(state: dict[str, Any]) -> list[Values | None]:
    data, present, texts = state["data"], state["present"], iter(state["texts"])
    found: list[Values | None] = []
    at = bit = 0
    for length, bits in state["lengths"].reshape(-1, 2).tolist():
        if length < 0:
            found.append(None)
            continue
        found.append(Values(data[at : at + length], present[bit : bit + bits], tuple(next(texts, ()))))
        at, bit = at + length, bit + bits
    return found


def _encode_extra(values: Sequence[Any]) -> Any:
    """Write what brain or muscle stored: one array if all are alike."""
    if all(value is None for value in values):
        return None
    alike = {(np.shape(value), np.asarray(value).dtype) for value in values if value is not None}
    if len(alike) == 1 and None not in [None if value is None else 0 for value in values]:
        return np.array(values)
    return list(values)


def _decode_extra(column: Any, place: int) -> Any:
    return None if column is None else column[place]
