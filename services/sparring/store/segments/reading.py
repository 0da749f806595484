"""Reads committed episodes back from a segment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from google.protobuf.message import DecodeError

from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.codec.record import decode_rows
from sparring.store.episodes import CommittedEpisode
from sparring.store.segments.frames import Kind, damaged, read_frames
from sparring.store.steps import Piece


def read_episode(file: BinaryIO, episode: CommittedEpisode) -> Iterator[Piece]:
    """Yield the rows of an episode, in order.

    Raises:
        FailedPreconditionError: DATA_DAMAGED.
    """
    late = 0
    for frame in read_frames(file, episode.summary.key.episode, episode.place):
        if frame.kind is Kind.REWARDS:
            late += 1
        elif frame.kind is Kind.STEPS:
            try:
                steps = decode_rows(pb.StepBatch.FromString(frame.message))
            except DecodeError as error:
                raise damaged("a frame holds something else than steps") from error
            yield Piece(steps, episode.late[:late])
