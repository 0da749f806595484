"""Spaces of every kind, nested, with values of them, for properties."""

from __future__ import annotations

import random
from typing import Any, Literal

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from sparring.types.space import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Text, Tuple

WIDTHS: dict[str, Literal[16, 32, 64]] = {"float16": 16, "float32": 32, "float64": 64}
FLOATS = tuple(WIDTHS)
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
SHAPES = st.lists(st.integers(0, 3), max_size=3).map(tuple)
SHAPES_WITH_NUMBERS = st.lists(st.integers(1, 3), max_size=3).map(tuple)
CHARACTERS = "abcXYZ 09äß€'\"\\"

type_of_integers = st.sampled_from(("int8", "int16", "int32", "int64"))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    name = draw(st.sampled_from((*FLOATS, *INTEGERS, "bool")))
    dtype, shape = np.dtype(name), draw(SHAPES)
    count = int(np.prod(shape))
    if name == "bool":
        low, high = np.zeros(shape, dtype), np.ones(shape, dtype)
        return Box(low, high, shape, dtype)
    number: st.SearchStrategy[Any]
    if name in FLOATS:
        number = st.floats(width=WIDTHS[name], allow_nan=False)
    else:
        number = st.integers(int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))
    pairs = draw(st.lists(st.tuples(number, number).map(sorted), min_size=count, max_size=count))
    alike: bool = draw(st.booleans())
    if pairs and alike:
        pairs = [pairs[0]] * count
    low, high = (np.array([pair[side] for pair in pairs], dtype).reshape(shape) for side in (0, 1))
    return Box(low, high, shape, dtype)


@st.composite
def discretes(draw: st.DrawFn) -> Discrete[Any]:
    dtype = np.dtype(draw(type_of_integers))
    limits = np.iinfo(dtype)
    start = draw(st.integers(int(limits.min), int(limits.max) - 1))
    return Discrete(draw(st.integers(1, int(limits.max) - max(start, 0))), start=start, dtype=dtype)


@st.composite
def multi_discretes(draw: st.DrawFn) -> MultiDiscrete[Any]:
    dtype, shape = np.dtype(draw(type_of_integers)), draw(SHAPES_WITH_NUMBERS)
    start = np.array(draw(st.lists(st.integers(-60, 60), min_size=(n := int(np.prod(shape))), max_size=n)), dtype)
    nvec = np.array(draw(st.lists(st.integers(1, 60), min_size=n, max_size=n)), dtype)
    return MultiDiscrete(nvec.reshape(shape), dtype, start=start.reshape(shape))


multi_binaries = st.one_of(st.integers(1, 5), st.lists(st.integers(1, 3), max_size=3)).map(MultiBinary)


@st.composite
def texts(draw: st.DrawFn) -> Text:
    shortest = draw(st.integers(0, 4))
    charset = "".join(draw(st.lists(st.sampled_from(CHARACTERS), min_size=1, unique=True)))
    return Text(shortest + draw(st.integers(0, 4)), min_length=shortest, charset=charset)


numeric = st.one_of(boxes(), discretes(), multi_discretes(), multi_binaries)
elementary = st.one_of(numeric, texts())


def nested(inner: st.SearchStrategy[Space[Any]]) -> st.SearchStrategy[Space[Any]]:
    names = st.text(CHARACTERS, max_size=4)
    return st.one_of(
        st.lists(inner, max_size=3).map(Tuple),
        st.lists(st.tuples(names, inner), max_size=3, unique_by=lambda pair: pair[0]).map(Dict),
    )


spaces: st.SearchStrategy[Space[Any]] = st.recursive(elementary, nested, max_leaves=5)


chances = st.integers(0, 2**32).map(random.Random)


def value_of(space: Space[Any], source: random.Random) -> Any:
    """Return a value as `space.sample()` would, often at a bound; sample() itself cannot handle all these bounds."""
    if isinstance(space, Tuple):
        return tuple(value_of(inner, source) for inner in space.spaces)
    if isinstance(space, Dict):
        return {key: value_of(inner, source) for key, inner in space.spaces.items()}
    if isinstance(space, Text):
        length = source.randint(space.min_length, space.max_length)
        return "".join(source.choice(space.character_list) for _ in range(length))
    if isinstance(space, Discrete):
        return space.dtype.type(source.randint(int(space.start), int(space.start) + int(space.n) - 1))
    if isinstance(space, MultiDiscrete):
        low = space.start.astype(object)
        high = np.asarray(low + space.nvec.astype(object) - 1, dtype=object)
        return between(low, high, space.dtype, source)
    if isinstance(space, MultiBinary):
        return between(np.zeros(space.shape, object), np.ones(space.shape, object), space.dtype, source)
    assert isinstance(space, Box)
    return between(space.low.astype(object), space.high.astype(object), space.dtype, source)


def between(low: NDArray[Any], high: NDArray[Any], dtype: np.dtype[Any], source: random.Random) -> NDArray[Any]:
    numbers = [one_between(*pair, dtype, source) for pair in zip(low.flat, high.flat, strict=True)]
    return np.array(numbers, dtype).reshape(low.shape)


def one_between(low: Any, high: Any, dtype: np.dtype[Any], source: random.Random) -> Any:
    if dtype.kind != "f":
        return source.choice([low, high, source.randint(int(low), int(high))])
    middle = min(max(dtype.type(source.gauss(0, 100)), low), high)
    return source.choice([low, high, middle])


def is_same(one: Any, other: Any) -> bool:
    """Compare values with their types: equal numbers of another dtype are not the same."""
    if isinstance(one, dict):
        return list(one) == list(other) and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, tuple | list):
        return type(one) is type(other) and len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.dtype == other.dtype and np.array_equal(one, other)
    return type(one) is type(other) and one == other
