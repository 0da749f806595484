"""Digests: what they cover, what they do not, and that batches make no difference."""

import hashlib
import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Text, Tuple
from hypothesis import given
from hypothesis import strategies as st

from sparring.codec.space import decode_space, encode_space
from sparring.types.declaration import Declaration
from sparring.types.digest import EpisodeDigest, canonical_declarations, run_digest
from sparring.types.episode import EpisodeKey
from sparring.types.errors import InvalidArgumentError
from sparring.types.mode import Mode
from sparring.types.record import EnvironmentDeclarations
from sparring.types.space_bytes import space_bytes

KEY = EpisodeKey(1, Mode.TEST, 2, 3)
ENVIRONMENT = EnvironmentDeclarations(
    "e", (Declaration("s", Discrete(4)),), (Declaration("a", Text(3)),), (Declaration("r", Discrete(4)),)
)
ROW_BYTES = 8 + 8 + 8 + 8 + 8 + 24


def digest(key: EpisodeKey = KEY, environment: EnvironmentDeclarations = ENVIRONMENT, rows: bytes = b"") -> bytes:
    episode = EpisodeDigest(key, [environment])
    episode.rows(rows)
    return episode.digest()


def test_an_episode_digest_is_what_the_module_says() -> None:
    episode = EpisodeDigest(KEY, [ENVIRONMENT])
    rows = bytes(range(ROW_BYTES)) * 2
    episode.rows(rows)
    episode.texts(["hä", ""])
    episode.declare_rewards(0, [Declaration("late", Discrete(2))])

    canonical = canonical_declarations([ENVIRONMENT])
    late = struct.pack("<Q", 4) + b"late" + space_bytes(Discrete(2))
    assert (
        episode.digest()
        == hashlib.sha256(
            b"sparring.episode.1\0"
            + struct.pack("<IBIQ", 1, 2, 2, 3)
            + struct.pack("<Q", len(canonical))
            + canonical
            + struct.pack("<Q", 2)
            + hashlib.sha256(rows).digest()
            + hashlib.sha256(struct.pack("<Q", 3) + "hä".encode() + struct.pack("<Q", 0)).digest()
            + struct.pack("<QI", 2, 0)
            + late
        ).digest()
    )


@given(st.lists(st.integers(0, 255), max_size=6), st.lists(st.integers(1, 3), min_size=6, max_size=6))
def test_batches_make_no_difference(marks: list[int], sizes: list[int]) -> None:
    rows = [bytes([mark]) * ROW_BYTES for mark in marks]
    texts = [chr(97 + mark % 26) for mark in marks]
    whole = EpisodeDigest(KEY, [ENVIRONMENT])
    whole.rows(b"".join(rows))
    whole.texts(texts)

    batched = EpisodeDigest(KEY, [ENVIRONMENT])
    start = 0
    for size in sizes:
        batched.rows(b"".join(rows[start : start + size]))
        batched.texts(texts[start : start + size])
        start += size

    assert batched.digest() == whole.digest()


def test_late_rewards_count_from_their_row_on_and_one_by_one() -> None:
    def late(*announced: Sequence[str], rows_before: int = 1) -> bytes:
        episode = EpisodeDigest(KEY, [ENVIRONMENT])
        episode.rows(bytes(ROW_BYTES * rows_before))
        for names in announced:
            episode.declare_rewards(0, [Declaration(name, Discrete(2)) for name in names])
        return episode.digest()

    assert late(["x", "y"]) == late(["x"], ["y"])
    assert late(["x", "y"]) != late(["y", "x"])
    assert late(["x"]) != late(["x"], rows_before=0)


def test_rows_after_a_late_reward_are_longer() -> None:
    episode = EpisodeDigest(KEY, [ENVIRONMENT])
    episode.rows(bytes(ROW_BYTES))
    episode.declare_rewards(0, [Declaration("late", Discrete(2))])
    episode.rows(bytes(ROW_BYTES + 8))
    assert episode.count == 2
    with pytest.raises(InvalidArgumentError) as caught:
        episode.rows(bytes(ROW_BYTES))
    assert caught.value.reason == "PACKED_INVALID"


@pytest.mark.parametrize(
    "change",
    [
        lambda: digest(key=replace(KEY, phase=0)),
        lambda: digest(key=replace(KEY, mode=Mode.TRAIN)),
        lambda: digest(key=replace(KEY, rollout=0)),
        lambda: digest(key=replace(KEY, episode=0)),
        lambda: digest(rows=bytes(ROW_BYTES)),
        lambda: digest(environment=replace(ENVIRONMENT, uid="f")),
        lambda: digest(environment=replace(ENVIRONMENT, sensors=(Declaration("t", Discrete(4)),))),
        lambda: digest(environment=replace(ENVIRONMENT, sensors=(Declaration("s", Discrete(5)),))),
        lambda: digest(environment=replace(ENVIRONMENT, sensors=(), actuators=ENVIRONMENT.sensors)),
    ],
)
def test_everything_it_covers_changes_it(change: Callable[[], bytes]) -> None:
    assert change() != digest()


def test_units_and_descriptions_do_not_count() -> None:
    described = replace(ENVIRONMENT, sensors=(Declaration("s", Discrete(4), "MW", "Power of the plant."),))
    assert digest(environment=described) == digest()


SPACES: list[Space[Any]] = [
    Discrete(3),
    Discrete(3, start=1),
    Discrete(3, dtype=np.int32),
    Box(0.0, 1.0, (2,), np.float32),
    Box(0.0, 1.0, (2,), np.float64),
    Box(0.0, 1.0, (2, 1), np.float32),
    Box(-0.0, 1.0, (2,), np.float32),
    Box(0.0, np.nextafter(np.float32(1), np.float32(2)), (2,), np.float32),
    Box(-np.inf, np.inf, (2,), np.float32),
    Box(0, 1, (2,), np.bool_),
    Box(0, 1, (2,), np.int8),
    MultiBinary(2),
    MultiBinary((2, 1)),
    MultiDiscrete([2, 3]),
    MultiDiscrete([2, 3], start=[0, 1]),
    MultiDiscrete([[2, 3]]),
    MultiDiscrete([2, 3], dtype=np.int16),
    Text(3),
    Text(3, min_length=0),
    Text(3, charset="ab"),
    Tuple([Discrete(3), Discrete(3)]),
    Tuple([Tuple([Discrete(3)]), Discrete(3)]),
    Tuple([Tuple([Discrete(3), Discrete(3)])]),
    Dict([("a", Discrete(3)), ("b", Discrete(3))]),
    Dict([("b", Discrete(3)), ("a", Discrete(3))]),
]


def test_no_two_different_spaces_have_the_same_bytes() -> None:
    assert len({space_bytes(space) for space in SPACES}) == len(SPACES)


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_a_space_that_went_over_the_wire_has_the_same_bytes(space: Space[Any]) -> None:
    assert space_bytes(decode_space(encode_space(space))) == space_bytes(space)


def test_the_byte_order_of_a_machine_does_not_count() -> None:
    swapped = Box(np.zeros(2, ">f4"), np.ones(2, ">f4"), dtype=np.dtype(">f4"))  # type: ignore[arg-type]
    assert space_bytes(swapped) == space_bytes(Box(0.0, 1.0, (2,), np.float32))


def test_a_run_digest_does_not_depend_on_the_order_in_which_episodes_come() -> None:
    episodes = [
        (EpisodeKey(phase, Mode.TRAIN, rollout, episode), bytes([phase, rollout, episode]) * 8)
        for phase in range(2)
        for rollout in range(2)
        for episode in range(2)
    ]
    assert run_digest(reversed(episodes)) == run_digest(episodes)
    assert run_digest(episodes) == hashlib.sha256(b"sparring.run.1\0" + b"".join(d for _, d in episodes)).digest()


def test_no_episodes_have_no_digest() -> None:
    assert run_digest([]) == b""
