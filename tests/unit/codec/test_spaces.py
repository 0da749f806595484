"""Spaces on the wire are gymnasium's own: both ways, without loss, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium import spaces as gymnasium_spaces
from hypothesis import given

from sparring.api.space.v1 import declaration_pb2, space_pb2
from sparring.codec.declaration import decode_declarations, encode_declarations
from sparring.codec.space import decode_space, encode_space
from sparring.types.declaration import Declaration
from sparring.types.errors import InvalidArgumentError
from sparring.types.space import Box, Discrete, MultiBinary, Space, Text, Tuple, equal_spaces
from tests.unit.types.strategies import spaces


@given(space=spaces)
def test_any_space_comes_back_exactly(space: Space[Any]) -> None:
    message = space_pb2.Space.FromString(encode_space(space).SerializeToString())
    assert equal_spaces(decode_space(message), space)


def test_equal_bounds_travel_as_one_element() -> None:
    message = encode_space(Box(-1.0, 1.0, (1000,), np.float64)).box
    assert (len(message.low), len(message.high)) == (8, 8)


def test_infinite_and_signed_zero_bounds_keep_their_bits() -> None:
    space = Box(np.array([-np.inf, -0.0], np.float32), np.array([0.0, np.inf], np.float32), dtype=np.float32)
    decoded = decode_space(encode_space(space))
    assert isinstance(decoded, Box)
    assert (decoded.low.tobytes(), decoded.high.tobytes()) == (space.low.tobytes(), space.high.tobytes())


def test_a_flat_binary_space_looks_to_its_author_as_it_was_made() -> None:
    for space in (MultiBinary(3), MultiBinary((3,)), MultiBinary((2, 3))):
        decoded = decode_space(encode_space(space))
        assert isinstance(decoded, MultiBinary)
        assert repr(decoded) == repr(space)


@pytest.mark.parametrize(
    "space",
    [
        gymnasium_spaces.Sequence(Discrete(2)),
        gymnasium_spaces.OneOf([Discrete(2), Discrete(3)]),
        Tuple([gymnasium_spaces.Graph(Discrete(2), None)]),
    ],
)
def test_a_kind_that_the_protocol_does_not_carry_is_refused_by_its_name(space: Space[Any]) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        encode_space(space)
    assert caught.value.reason == "SPACE_UNKNOWN"
    assert caught.value.metadata["kind"] in caught.value.message
    assert caught.value.metadata["kind"] in ("Sequence", "OneOf", "Graph")


def test_a_kind_of_a_newer_peer_is_refused() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        decode_space(space_pb2.Space())
    assert caught.value.reason == "SPACE_UNKNOWN"


FLOAT = space_pb2.ELEMENT_TYPE_FLOAT32


@pytest.mark.parametrize(
    "message",
    [
        {"box": {"element_type": FLOAT, "shape": [2], "low": b"123", "high": b"1234"}},
        {"box": {"element_type": FLOAT, "shape": [2], "low": bytes(12), "high": bytes(12)}},
        {"box": {"element_type": FLOAT, "shape": [-1], "low": bytes(4), "high": bytes(4)}},
        {"box": {"element_type": FLOAT, "shape": [1 << 40], "low": bytes(4), "high": bytes(4)}},
        {"box": {"element_type": FLOAT, "shape": [1 << 20, 1 << 20], "low": bytes(4), "high": bytes(4)}},
        {"discrete": {"n": 0}},
        {"multi_binary": {"shape": [1 << 40]}},
        {"tuple": {"spaces": [{"discrete": {"n": -3}}]}},
        {"multi_discrete": {"shape": [2], "n": [1]}},
        {"multi_discrete": {"shape": [2], "n": [1, 0]}},
        {"text": {"min_length": 5, "max_length": 2, "charset": "ab"}},
    ],
)
def test_what_does_not_hold_together_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        decode_space(space_pb2.Space(**message))
    assert caught.value.reason == "SPACE_MALFORMED"


def test_declarations_keep_their_order_and_everything_about_them() -> None:
    given = (
        Declaration("z", Box(0.0, 1.0, ()), "MW", "Load of the feeder."),
        Declaration("a", Text(8)),
        Declaration("m", Discrete(3, start=-1)),
    )
    assert decode_declarations(encode_declarations(given)) == given


@pytest.mark.parametrize("uids", [["a", "a"], [""]])
def test_declarations_need_names_of_their_own(uids: list[str]) -> None:
    space = encode_space(Discrete(2))
    with pytest.raises(InvalidArgumentError) as caught:
        decode_declarations([declaration_pb2.Declaration(uid=uid, space=space) for uid in uids])
    assert caught.value.reason == "DECLARATION_MALFORMED"


def test_a_space_that_is_wrong_names_its_declaration() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        decode_declarations([declaration_pb2.Declaration(uid="wind", space=space_pb2.Space())])
    assert (caught.value.reason, caught.value.metadata["uid"]) == ("SPACE_UNKNOWN", "wind")
    assert caught.value.message.startswith("wind: ")
