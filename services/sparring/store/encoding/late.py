"""Late declared rewards as the bytes kept in an episode's row: row, length, DeclareRewards message, and again."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final

from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.codec.declaration import decode_declarations, encode_declarations
from sparring.store.episodes import LateRewards

_HEAD: Final = struct.Struct("<QI")


def encode_late(late: Iterable[LateRewards]) -> bytes:
    """Write them."""
    parts = []
    for each in late:
        rewards = encode_declarations(each.declarations)
        message = pb.DeclareRewards(environment=each.environment, rewards=rewards).SerializeToString()
        parts.append(_HEAD.pack(each.row, len(message)) + message)
    return b"".join(parts)


def decode_late(data: bytes) -> tuple[LateRewards, ...]:
    """Read them."""
    late = []
    at = 0
    while at < len(data):
        row, size = _HEAD.unpack_from(data, at)
        at += _HEAD.size + size
        message = pb.DeclareRewards.FromString(data[at - size : at])
        late.append(LateRewards(row, message.environment, decode_declarations(message.rewards)))
    return tuple(late)
