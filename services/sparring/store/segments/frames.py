"""The form of a segment: a magic word, then frames, each with its length, its checksum, its kind and its episode.

    "sparseg1"  { length uint32, checksum uint32, kind uint8, episode uint64, message of `length` bytes }*

All little-endian. The checksum is CRC-32 over kind, episode and message. Kinds: 1 begin (BeginEpisode), 2 steps
(StepBatch), 3 rewards (DeclareRewards). Frames of several episodes may be mixed (lanes), and frames that belong to no
committed episode may lie anywhere: what counts is said by the database.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import BinaryIO, Final, NamedTuple
from zlib import crc32

from sparring.store.episodes import Place
from sparring.types.errors import FailedPreconditionError

MAGIC: Final = b"sparseg1"
HEAD: Final = struct.Struct("<IIBQ")
_NAMED: Final = struct.Struct("<BQ")


class Kind(IntEnum):
    """What a frame holds."""

    BEGIN = 1
    STEPS = 2
    REWARDS = 3


class Frame(NamedTuple):
    """One frame."""

    kind: Kind
    episode: int
    message: bytes


def encode_frame(kind: Kind, episode: int, message: bytes) -> tuple[bytes, bytes]:
    """Return head and message, to be written one after the other."""
    return HEAD.pack(len(message), _checksum(kind, episode, message), kind, episode), message


def read_frames(file: BinaryIO, episode: int, place: Place) -> list[Frame]:
    """Return the frames of an episode, in order.

    Raises:
        FailedPreconditionError: DATA_DAMAGED.
    """
    frames = []
    file.seek(place.start)
    at = place.start
    while at < place.stop:
        head = file.read(HEAD.size)
        if len(head) < HEAD.size:
            raise damaged(f"the segment ends at byte {at + len(head)} instead of {place.stop}")
        length, checksum, kind, owner = HEAD.unpack(head)
        at += HEAD.size + length
        if at > place.stop:
            raise damaged(f"a frame before byte {place.stop} is longer than it can be")
        if owner != episode:
            file.seek(at)
            continue
        message = file.read(length)
        if len(message) < length or _checksum(kind, owner, message) != checksum:
            raise damaged(f"the frame before byte {at} does not match its checksum")
        frames.append(Frame(Kind(kind), owner, message))
    return frames


def damaged(what: str) -> FailedPreconditionError:
    """Say that stored data cannot be read."""
    return FailedPreconditionError("DATA_DAMAGED", f"Stored data cannot be read: {what}.")


def _checksum(kind: int, episode: int, message: bytes) -> int:
    return crc32(message, crc32(_NAMED.pack(kind, episode)))
