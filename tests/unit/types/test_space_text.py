"""Spaces are written in one line and read back, also as palaestrAI and gymnasium write them; nothing is evaluated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from sparring.types.errors import InvalidArgumentError
from sparring.types.space import (
    Box,
    Dict,
    Discrete,
    MultiBinary,
    MultiDiscrete,
    Space,
    Text,
    Tuple,
    describe_space,
    equal_spaces,
    parse_space,
)
from tests.unit.types.strategies import spaces


@settings(deadline=None)
@given(spaces)
def test_a_described_space_is_read_back_exactly(space: Space[Any]) -> None:
    text = describe_space(space, whole=True)
    assert "\n" not in text
    assert equal_spaces(parse_space(text), space)


@pytest.mark.parametrize(
    ("space", "text"),
    [
        (Box(0, 1, (), np.float64), "Box(low=0.0, high=1.0, shape=(), dtype=np.float64)"),
        (Box(-np.inf, 0.1, (2,)), "Box(low=-inf, high=0.1, shape=(2,), dtype=np.float32)"),
        (Discrete(5, start=-2), "Discrete(5, start=-2)"),
        (Discrete(5, dtype=np.int8), "Discrete(5, dtype=np.int8)"),
        (MultiDiscrete([2, 3], start=[1, 0]), "MultiDiscrete([2, 3], start=[1, 0])"),
        (MultiBinary([2, 2]), "MultiBinary([2, 2])"),
        (MultiBinary(4), "MultiBinary(4)"),
        (Text(5, charset="ab"), "Text(max_length=5, min_length=1, charset='ab')"),
        (Tuple([Discrete(2), Discrete(3)]), "Tuple(Discrete(2), Discrete(3))"),
        (Dict({"a b": Discrete(2)}), "Dict({'a b': Discrete(2)})"),
    ],
)
def test_a_space_is_described_in_one_line(space: Space[Any], text: str) -> None:
    assert describe_space(space) == text


def test_many_different_bounds_are_shortened_and_such_a_text_is_not_read_back() -> None:
    space = Box(np.arange(100.0), np.full(100, 100.0), dtype=np.float64)
    text = describe_space(space)
    assert text == "Box(low=[0.0, 1.0, 2.0, ..., 99.0], high=100.0, shape=(100,), dtype=np.float64)"
    with pytest.raises(InvalidArgumentError):
        parse_space(text)


@pytest.mark.parametrize(
    ("text", "space"),
    [
        # palaestrAI
        (
            "Box(low=[0.0, 1.0], high=[1.0, inf], shape=(2,), dtype=np.float32)",
            Box(np.array([0.0, 1], np.float32), np.array([1, np.inf], np.float32)),
        ),
        ("Box(low=[-inf], high=[inf], shape=(1,), dtype=np.float64)", Box(-np.inf, np.inf, (1,), np.float64)),
        (
            "Tuple(Discrete(2), Tuple(MultiBinary(2), Discrete(3)))",
            Tuple([Discrete(2), Tuple([MultiBinary(2), Discrete(3)])]),
        ),
        # as in Python
        ("Box(0, 1)", Box(0, 1)),
        (
            "spaces.Box(np.array([0, 1]), high=float('inf'), dtype='float64')",
            Box(np.array([0.0, 1]), np.inf, (2,), np.float64),
        ),
        ("Box(-np.inf, +np.inf, shape=[3], dtype=np.dtype('int32'))", Box(-np.inf, np.inf, (3,), np.int32)),
        ("Box(low=np.float32(0.1), high=1, shape=(), seed=3)", Box(0.1, 1, ())),
        ("Box(0, 18446744073709551615, (1,), uint64)", Box(0, 2**64 - 1, (1,), np.uint64)),
        ("gymnasium.spaces.Discrete(n=3)", None),
        ("Discrete(n=3, start=np.int64(1))", Discrete(3, start=1)),
        ("MultiBinary((2, 2))", MultiBinary([2, 2])),
        ("Text(5)", Text(5)),
        ("Text(max_length=5, charset={'a', 'b'})", Text(5, charset="ab")),
        ("Tuple((Discrete(2),))", Tuple([Discrete(2)])),
        ("Tuple(spaces=[])", Tuple([])),
        ("Tuple()", Tuple([])),
        ("Dict(b=Discrete(2), a=Discrete(3))", Dict([("b", Discrete(2)), ("a", Discrete(3))])),
        ("Dict({'b': Discrete(2), 'a': Discrete(3)})", Dict([("b", Discrete(2)), ("a", Discrete(3))])),
        ("Dict()", Dict([])),
        ("  Discrete(\n 3 )  ", Discrete(3)),
    ],
)
def test_texts_of_others_are_read(text: str, space: Space[Any] | None) -> None:
    if space is None:
        with pytest.raises(InvalidArgumentError):
            parse_space(text)
        return
    assert equal_spaces(parse_space(text), space)


BOOL: Any = np.dtype(bool)
NESTED: Any = [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    "space",
    [
        Box(0, 1, (2, 3)),
        Box(np.array([[-1.0, 2], [3, -np.inf]]), np.array([[1.5, 2], [3, np.inf]]), dtype=np.float64),
        Box(0, 1, (2,), BOOL),
        Box(np.arange(40), np.full(40, 99), dtype=np.int64),
        Discrete(3, start=-1, dtype=np.int8),
        MultiDiscrete(NESTED, start=NESTED),
        MultiBinary([2, 2]),
        Text(5),
        Tuple([Discrete(2), Box(0, 1)]),
        Dict([("it's, (odd)", Dict({"x": Discrete(2)})), ("a", Tuple([MultiDiscrete([2, 3]), Discrete(2)]))]),
    ],
)
def test_what_gymnasium_prints_is_read(space: Space[Any]) -> None:
    assert equal_spaces(parse_space(str(space)), space)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it is no expression"),
        ("Discrete(", "it is no expression"),
        ("Discrete(3))", "it is no expression"),
        ("3", "expected one of Box, Discrete"),
        ("Graph(Discrete(2))", "found Graph(Discrete(2))"),
        ("__import__('os').system('true')", "expected one of Box"),
        ("Discrete(open('x'))", "expected a number"),
        ("Discrete((lambda: 3)())", "expected"),
        ("Discrete(2 + 1)", "found 2 + 1"),
        ("Discrete(**{'n': 3})", "expected arguments by their names"),
        ("Discrete(3, 4)", "its arguments are n, start, dtype, each once"),
        ("Discrete(3, n=4)", "its arguments are"),
        ("Discrete(3, m=4)", "its arguments are"),
        ("Discrete()", "n must be given"),
        ("Discrete(0)", "positive"),
        ("Discrete('x')", "integer"),
        ("Box(0)", "high must be given"),
        ("Box(nan, 1)", "found nan"),
        ("Box(2, 1)", "less than or equal"),
        ("Box(0, 300, dtype=uint8)", "300"),
        ("Box(0, inf, dtype=uint8)", "inf"),
        ("Box(0.5, 1, dtype=int8)", "0.5 is no bound"),
        ("Box(0, 1e40)", "overflow"),
        ("Box(0, 1, dtype=np.complex64)", "expected a dtype"),
        ("Box(0, 1, dtype='nonsense')", "nonsense"),
        ("Box([0, 1], [1])", "shape"),
        ("Box(0, 1, shape=(100000, 100000))", "has more than"),
        ("Box('a', 'b')", "could not convert"),
        ("Tuple(Discrete(2), extra=3)", "no arguments but its spaces"),
        ("Dict([Discrete(2)])", "names with their spaces"),
        ("Dict({1: Discrete(2)})", "keys that are text"),
        ("Dict({'a': Discrete(2)}, a=Discrete(2))", "every key once"),
        ("(" * 5000, ""),
        ("Tuple(" * 3000 + ")" * 3000, ""),
    ],
)
def test_a_text_that_is_no_space_is_refused_and_says_why(text: str, says: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        parse_space(text)
    assert caught.value.reason == "SPACE_TEXT_INVALID"
    assert says in caught.value.message
    assert len(caught.value.message) < 600
