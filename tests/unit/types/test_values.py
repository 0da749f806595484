"""Presence bits: one per field and lane, least significant first, empty when all are set."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sparring.types.values import Values, join_present, present_bits, present_bytes


def test_presence_is_least_significant_bit_first() -> None:
    assert join_present([True, False, False, False, False, False, False, False, True]) == b"\x01\x01"
    assert join_present([False]) == b"\x00"


def test_all_present_is_empty() -> None:
    assert join_present([True] * 11) == b""
    assert join_present([]) == b""
    assert Values(b"").present == b""


@given(st.lists(st.booleans(), max_size=40))
def test_bits_and_bytes_are_inverse(flags: list[bool]) -> None:
    bits = sum(flag << position for position, flag in enumerate(flags))
    present = join_present(flags)
    assert present == present_bytes(bits, len(flags))
    assert present_bits(present, len(flags)) == bits
