"""Segments: what is synced is there, what is not committed is cut off, what is damaged is noticed."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sparring.store.episodes import Place
from sparring.store.segments.frames import HEAD, MAGIC, Kind, read_frames
from sparring.store.segments.segment import Segment
from sparring.types.errors import FailedPreconditionError, UnavailableError


def messages(path: Path, episode: int, place: Place) -> list[bytes]:
    with path.open("rb") as file:
        return [frame.message for frame in read_frames(file, episode, place)]


def write(segment: Segment, episode: int, *bodies: bytes) -> Place:
    start = segment.position
    for body in bodies:
        segment.append(Kind.STEPS, episode, body)
    return Place(start, segment.position)


def test_frames_of_an_episode_are_found_among_others(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.segment"
    segment = Segment(path, 0)
    first = write(segment, 1, b"a1")
    between = write(segment, 2, b"b1", b"b2")
    last = write(segment, 1, b"", b"a2" * 1000)
    segment.sync()
    segment.close()
    assert path.read_bytes().startswith(MAGIC)
    assert messages(path, 1, Place(first.start, last.stop)) == [b"a1", b"", b"a2" * 1000]
    assert messages(path, 2, between) == [b"b1", b"b2"]


def test_frames_are_not_written_before_they_must_be(tmp_path: Path) -> None:
    path = tmp_path / "a.segment"
    segment = Segment(path, 0)
    write(segment, 1, b"x" * 100)
    assert path.stat().st_size == len(MAGIC)
    write(segment, 1, b"x" * (1 << 20))
    assert path.stat().st_size == segment.position
    segment.close()


def test_what_is_not_committed_is_cut_off_when_it_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "a.segment"
    segment = Segment(path, 0)
    kept = write(segment, 1, b"committed")
    write(segment, 2, b"lost")
    segment.sync()
    segment.close()
    with path.open("ab") as file:
        file.write(b"half a fra")  # a crash in the middle of a write
    again = Segment(path, kept.stop)
    added = write(again, 2, b"again")
    again.sync()
    again.close()
    assert added.start == kept.stop
    assert messages(path, 1, kept) == [b"committed"]
    assert messages(path, 2, added) == [b"again"]


def test_a_segment_that_lost_committed_episodes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.segment"
    Segment(path, 0).close()
    with pytest.raises(FailedPreconditionError) as caught:
        Segment(path, 500)
    assert caught.value.reason == "DATA_DAMAGED"


def test_two_writers_cannot_have_the_same_segment(tmp_path: Path) -> None:
    segment = Segment(tmp_path / "a.segment", 0)
    with pytest.raises(UnavailableError) as caught:
        Segment(tmp_path / "a.segment", 0)
    assert caught.value.reason == "STORE_BUSY"
    segment.close()
    Segment(tmp_path / "a.segment", 0).close()


@pytest.mark.parametrize("where", [0, 4, 8, HEAD.size, HEAD.size + 3])
def test_a_flipped_bit_is_noticed(tmp_path: Path, where: int) -> None:
    path = tmp_path / "a.segment"
    segment = Segment(path, 0)
    place = write(segment, 1, b"values")
    segment.sync()
    segment.close()
    data = bytearray(path.read_bytes())
    data[place.start + where] ^= 1
    path.write_bytes(data)
    with pytest.raises(FailedPreconditionError) as caught:
        messages(path, 1, place)
    assert caught.value.reason == "DATA_DAMAGED"


@pytest.mark.parametrize("size", [0, 5, HEAD.size + 2])
def test_a_segment_that_ends_too_early_is_noticed(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.segment"
    segment = Segment(path, 0)
    place = write(segment, 1, b"values")
    segment.sync()
    segment.close()
    os.truncate(path, place.start + size)
    with pytest.raises(FailedPreconditionError) as caught:
        messages(path, 1, place)
    assert caught.value.reason == "DATA_DAMAGED"


def test_after_a_failed_write_the_segment_takes_nothing_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    segment = Segment(tmp_path / "a.segment", 0)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        write(segment, 1, b"x")
        with pytest.raises(UnavailableError) as caught:
            segment.sync()
        assert caught.value.reason == "STORE_FULL"
    with pytest.raises(UnavailableError) as caught:
        segment.sync()
    assert caught.value.reason == "STORE_FULL"
    segment.close()


def test_a_frame_that_says_that_it_belongs_to_another_episode_leaves_rows_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.segment"
    segment = Segment(path, 0)
    place = write(segment, 1, b"values")
    segment.sync()
    segment.close()
    data = bytearray(path.read_bytes())
    data[place.start + 9] ^= 1  # the episode's number in its head
    path.write_bytes(data)
    assert messages(path, 1, place) == []
