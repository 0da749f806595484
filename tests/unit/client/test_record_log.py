"""What is kept for saying it again."""

from __future__ import annotations

import pytest

from sparring.client.record_log import RecordLog
from sparring.types.errors import LostError


def take_all(log: RecordLog) -> list[bytes]:
    taken = []
    while log.has_unsent:
        taken.append(log.take())
    return taken


def log_of(*frames: tuple[int | None, bytes], keep_bytes: int = 1 << 20) -> RecordLog:
    log = RecordLog(keep_bytes)
    for episode, data in frames:
        log.add(episode, data)
    return log


def test_frames_are_sent_in_the_order_in_which_they_were_said() -> None:
    log = log_of((0, b"begin"), (1, b"begin"), (0, b"rows"), (None, b"flush"))
    assert log.unsent_bytes == 19
    assert take_all(log) == [b"begin", b"begin", b"rows", b"flush"]
    assert log.unsent_bytes == 0


def test_after_a_break_everything_is_sent_again_before_what_was_not_sent() -> None:
    log = log_of((0, b"begin"), (0, b"rows"), (0, b"commit"))
    log.take()
    log.take()
    log.rewind()
    assert log.unsent_bytes == 15
    assert take_all(log) == [b"begin", b"rows", b"commit"]


def test_a_settled_episode_leaves_nothing() -> None:
    log = log_of((0, b"begin"), (1, b"begin"), (0, b"rows"))
    log.take()
    assert log.settle(0) is True
    log.rewind()
    assert take_all(log) == [b"begin"]
    assert log.settle(1) is True
    assert log.is_settled


def test_an_episode_of_which_nothing_was_sent_need_not_be_dropped_there() -> None:
    log = log_of((0, b"begin"))
    assert log.settle(0) is False
    assert log.is_settled


def test_what_is_said_once_is_not_said_again() -> None:
    log = RecordLog()
    log.add(0, b"drop", once=True)
    assert take_all(log) == [b"drop"]
    log.rewind()
    assert not log.has_unsent


def test_a_flush_is_said_again_until_it_is_answered() -> None:
    log = log_of((None, b"one"), (None, b"two"))
    take_all(log)
    log.flushed()
    log.rewind()
    assert take_all(log) == [b"two"]


def test_an_episode_too_large_to_be_kept_is_lost_with_its_stream() -> None:
    log = log_of((0, b"begin"), (0, b"x" * 100), (0, b"commit"), keep_bytes=50)
    take_all(log)
    assert not log.is_settled
    with pytest.raises(LostError) as caught:
        log.rewind()
    assert (caught.value.reason, caught.value.metadata) == ("RECORD_NOT_KEPT", {"episode": "0"})
    log.settle(0)
    log.rewind()
    assert log.is_settled
