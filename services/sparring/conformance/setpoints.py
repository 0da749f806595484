"""Setpoints to try: at random, at the edges of their spaces, and outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Text, Tuple
from numpy.random import Generator

from sparring.types.layout import Layout
from sparring.types.values import Values


def random_setpoints(layout: Layout, seed: int) -> Iterator[Values]:
    """Yield setpoints without end: the same for the same seed."""
    generator = np.random.default_rng(seed)
    while True:
        yield pack(layout, [[_draw(space, generator) for space in layout.spaces] for _ in range(layout.lanes)])


def extreme_setpoints(layout: Layout) -> Iterator[Values]:
    """Yield the lowest and the highest setpoints, as far as they are finite."""
    for end in (0, 1):
        yield pack(layout, [[_edge(space, end) for space in layout.spaces]] * layout.lanes)


def outside_setpoints(layout: Layout, inside: Values) -> Iterator[tuple[str, Values]]:
    """Yield (what is wrong, setpoints) with a single number or text outside its space, in the first lane.

    Args:
        layout: Of the actuators.
        inside: Setpoints that are all right.
    """
    for packed in layout.leaves:
        for what, wrong in _outside(packed.leaf.space):
            uid = f"actuator {packed.field}{f', {packed.leaf.name}' if packed.leaf.name else ''}"
            if packed.text >= 0:
                texts = list(inside.texts)
                texts[packed.text] = wrong
                yield f"{uid}: {what}", Values(inside.data, b"", tuple(texts))
            elif packed.nbytes:
                data = bytearray(inside.data)
                dtype = packed.leaf.dtype
                assert dtype is not None
                data[packed.offset : packed.offset + dtype.itemsize] = np.array(wrong).astype(dtype).tobytes()
                yield f"{uid}: {what}", Values(bytes(data), b"", inside.texts)


def pack(layout: Layout, lanes: Sequence[Sequence[object]]) -> Values:
    """Pack setpoints, given by lane."""
    if layout.lanes == 1:
        return layout.pack(lanes[0])
    return layout.pack([list(field) for field in zip(*lanes, strict=True)])


def _draw(space: Space[Any], generator: Generator) -> Any:
    if isinstance(space, Dict):
        return {key: _draw(inner, generator) for key, inner in space.spaces.items()}
    if isinstance(space, Tuple):
        return tuple(_draw(inner, generator) for inner in space.spaces)
    space.seed(int(generator.integers(2**31)))
    return space.sample()


def _edge(space: Space[Any], end: int) -> Any:
    """Return the lowest or highest value."""
    if isinstance(space, Dict):
        return {key: _edge(inner, end) for key, inner in space.spaces.items()}
    if isinstance(space, Tuple):
        return tuple(_edge(inner, end) for inner in space.spaces)
    if isinstance(space, Text):
        return space.character_list[-end] * (space.max_length if end else space.min_length)
    if isinstance(space, Box):
        bound = space.high if end else space.low
        usual = np.clip(np.zeros_like(bound), space.low, space.high)
        return np.where(np.isfinite(bound), bound, usual).astype(space.dtype)
    if isinstance(space, Discrete):
        return int(space.start) + (int(space.n) - 1 if end else 0)
    if isinstance(space, MultiDiscrete):
        return space.start + (space.nvec - 1 if end else 0)
    assert isinstance(space, MultiBinary)
    return np.full(space.shape, end, np.int8)


def _outside(space: Space[Any]) -> Iterator[tuple[str, Any]]:
    """Yield values, of the first number, that can be sent and are outside."""
    if isinstance(space, Text):
        yield f"a text longer than {space.max_length}", (space.character_list[0] * (space.max_length + 1))
    elif isinstance(space, Discrete):
        for value, what in ((int(space.start) + int(space.n), "one too high"), (int(space.start) - 1, "one too low")):
            if -(2**63) <= value < 2**63:
                yield f"{value}, {what}", value
    elif isinstance(space, MultiDiscrete):
        yield "one too high", int((space.start + space.nvec).flat[0])
    elif isinstance(space, MultiBinary):
        yield "2 where 0 or 1 may be", 2
    elif isinstance(space, Box):
        yield from _outside_box(space)


def _outside_box(space: Box) -> Iterator[tuple[str, Any]]:
    low, high = space.low.flat[0].item(), space.high.flat[0].item()
    dtype: Any = space.dtype
    if np.issubdtype(dtype, np.floating):
        yield "NaN", np.nan
        if np.isfinite(high) and high < float(np.finfo(dtype).max) / 4:
            yield f"above {high:g}", high + max(1.0, abs(high))
        if np.isfinite(low) and low > float(np.finfo(dtype).min) / 4:
            yield f"below {low:g}", low - max(1.0, abs(low))
    elif dtype == np.bool_:
        yield "2 where 0 or 1 may be", 2
    else:
        limits = np.iinfo(dtype)
        if int(high) < limits.max:
            yield f"above {high}", int(high) + 1
        if int(low) > limits.min:
            yield f"below {low}", int(low) - 1
