"""The values of one step as they are exchanged, stored and digested: packed bytes, presence bits and texts.

What they mean is said by the `Layout` of the declared fields, which both sides prepare once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Values(NamedTuple):
    """One step's values of a list of declared fields, for K lanes.

    Attributes:
        data: per field, in order, its leaves as arrays [K, *shape], C order, little-endian, each starting at a multiple
            of 8; padding and absent values are zero bytes.
        present: one bit per field and lane, bit `field * K + lane`, least significant bit first within a byte, surplus
            bits zero. Empty: all are present; never all bits set.
        texts: the texts of Text leaves, field by field, leaf by leaf, lane by lane; an absent one is "".
    """

    data: bytes
    present: bytes = b""
    texts: tuple[str, ...] = ()


def join_present(flags: Iterable[object]) -> bytes:
    """Pack presence, one truth value per field and lane in order; all true gives the empty bytes."""
    bits = count = 0
    for count, flag in enumerate(flags, 1):
        if flag:
            bits |= 1 << (count - 1)
    return present_bytes(bits, count)


def present_bytes(bits: int, count: int) -> bytes:
    """Pack `count` presence bits, bit i of the integer being field and lane i; empty if all are set."""
    return b"" if bits == (1 << count) - 1 else bits.to_bytes((count + 7) // 8, "little")


def present_bits(present: bytes, count: int) -> int:
    """Return presence as an integer of `count` bits; the inverse of `present_bytes`."""
    return int.from_bytes(present, "little") if present else (1 << count) - 1
