"""Reads the steps of committed episodes back, from wherever they lie."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import BinaryIO

from google.protobuf.message import DecodeError

from sparring.store.declared import Declared
from sparring.store.encoding.declared import decode_kept
from sparring.store.episodes import CommittedEpisode, LateRewards
from sparring.store.phases import Recording, RecordingKey
from sparring.store.places import Places
from sparring.store.ports import Database
from sparring.store.segments.frames import damaged
from sparring.store.segments.reading import read_episode
from sparring.store.steps import Piece
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError

_AT_ONCE = 500


def committed_episodes(database: Database, recording: RecordingKey) -> Iterator[CommittedEpisode]:
    """Yield the episodes of a rollout worker, in order; each page in a transaction of its own."""
    after = -1
    while True:
        found = database.read(lambda tables: tables.episodes.of_recording(recording, after, _AT_ONCE))  # noqa: B023
        if not found:
            return
        yield from found
        after = found[-1].summary.key.episode


def late_rewards(database: Database, recording: RecordingKey) -> dict[int, tuple[LateRewards, ...]]:
    """Return what the episodes of a rollout worker declared late, by episode; those that did not are left out."""
    return {each.summary.key.episode: each.late for each in committed_episodes(database, recording) if each.late}


def segment_pieces(database: Database, places: Places, recording: RecordingKey) -> Iterator[Piece]:
    """Yield the rows of all committed episodes from the segment, by episode.

    Raises:
        FailedPreconditionError: DATA_DAMAGED.
    """
    with contextlib.ExitStack() as opened:
        file: BinaryIO | None = None
        for episode in committed_episodes(database, recording):
            try:
                # Opened with the first episode: a stream that was lost at its very beginning left no segment.
                file = file or opened.enter_context(places.segment(recording).open("rb"))
                yield from read_episode(file, episode)
            except (FailedPreconditionError, OSError) as error:
                raise damaged(f"episode {episode.summary.key.episode}: {error}") from error


def open_segment(database: Database, places: Places, key: RecordingKey) -> BinaryIO | None:
    """Open the segment; None once the phase is sealed, which may happen at any moment."""

    def sealed() -> bool:
        return database.read(lambda tables: tables.phases.is_sealed(key.run, key.phase, key.mode))

    if sealed():
        return None
    try:
        return places.segment(key).open("rb")
    except FileNotFoundError:
        if sealed():
            return None
        raise


def declared(recording: Recording) -> Declared:
    """Return what a rollout worker declared.

    Raises:
        FailedPreconditionError: DATA_DAMAGED.
    """
    try:
        return decode_kept(recording.declarations)
    except (InvalidArgumentError, DecodeError) as error:
        raise damaged(f"the declarations of rollout {recording.key.rollout}: {error}") from error
