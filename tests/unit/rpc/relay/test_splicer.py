"""Joined connections: every byte in order, both ways; slow readers hold up the sender; ends are passed on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from sparring.rpc.relay import splicer as module
from sparring.rpc.relay.readiness import SelectorReadiness, best
from sparring.rpc.relay.splicer import BUFFER_BYTES, Splice, Splicer
from tests.support.eventually import eventually_sync

SOON_S = 10.0
DATA = bytes(range(256)) * 4096 * 8


class Pair:
    """Two outer ends, joined by a splice between two inner ones."""

    def __init__(self, splicer: Splicer, to_left: bytes = b"", to_right: bytes = b"") -> None:
        self.ended = threading.Event()
        self.left, left = socket.socketpair()
        self.right, right = socket.socketpair()
        for inner in (left, right):
            inner.setblocking(False)
        for outer in (self.left, self.right):
            outer.settimeout(SOON_S)
        self.splice = splicer.join(left, right, to_left, to_right, lambda splice: self.ended.set())

    def close(self) -> None:
        self.left.close()
        self.right.close()


@pytest.fixture(params=[SelectorReadiness, best])
def splicer(request: pytest.FixtureRequest) -> Iterator[Splicer]:
    with Splicer("test", request.param()) as found:
        yield found


@pytest.fixture
def pair(splicer: Splicer) -> Iterator[Pair]:
    found = Pair(splicer)
    yield found
    found.close()


def received(end: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count and (read := end.recv(65536)):
        data += read
    return bytes(data)


def held_up(end: socket.socket) -> int:
    """Send until nothing is taken any more; return how much was."""
    end.settimeout(0.2)
    sent = 0
    try:
        while True:
            sent += end.send(DATA[sent % 256 :])  # which repeats itself every 256 bytes
    except TimeoutError:
        return sent
    finally:
        end.settimeout(SOON_S)


def test_bytes_go_both_ways_at_once_in_order(pair: Pair) -> None:
    senders = [threading.Thread(target=end.sendall, args=(DATA,)) for end in (pair.left, pair.right)]
    readers: list[bytes] = []
    reader = threading.Thread(target=lambda: readers.append(received(pair.left, len(DATA))))
    for thread in (*senders, reader):
        thread.start()
    assert received(pair.right, len(DATA)) == DATA
    for thread in (*senders, reader):
        thread.join(SOON_S)
    assert readers == [DATA]


def test_what_was_said_before_comes_first(splicer: Splicer) -> None:
    pair = Pair(splicer, to_left=b"left ", to_right=b"right ")
    pair.left.sendall(b"ward")
    pair.right.sendall(b"over")
    assert (received(pair.left, 9), received(pair.right, 10)) == (b"left over", b"right ward")
    pair.close()


def test_a_slow_reader_holds_up_the_sender_and_loses_nothing(pair: Pair) -> None:
    sent = held_up(pair.left)
    assert sent < len(DATA) + BUFFER_BYTES + 2**20  # what the system buffers, and one buffer of ours
    assert received(pair.right, sent) == (DATA * 2)[:sent]
    pair.left.sendall(b"on")
    assert received(pair.right, 2) == b"on"


def test_one_that_is_held_up_does_not_hold_up_others(splicer: Splicer, pair: Pair) -> None:
    held_up(pair.left)
    other = Pair(splicer)
    other.left.sendall(b"free")
    assert received(other.right, 4) == b"free"
    other.close()


def test_an_end_of_file_is_passed_on_and_the_other_way_stays_open(pair: Pair) -> None:
    pair.left.sendall(b"question")
    pair.left.shutdown(socket.SHUT_WR)
    assert received(pair.right, 100) == b"question"
    pair.right.sendall(b"answer")
    assert received(pair.left, 6) == b"answer"
    assert not pair.ended.is_set()
    pair.right.shutdown(socket.SHUT_WR)
    assert pair.left.recv(1) == b""
    assert pair.ended.wait(SOON_S)


def test_what_waits_for_a_slow_reader_arrives_before_the_end_of_file(pair: Pair) -> None:
    sent = held_up(pair.left)
    pair.left.shutdown(socket.SHUT_WR)
    assert len(received(pair.right, sent + 1)) == sent


def test_one_that_stays_half_open_is_closed_in_the_end(splicer: Splicer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HALF_CLOSED_S", 0.1)
    pair = Pair(splicer)
    pair.left.shutdown(socket.SHUT_WR)
    assert pair.ended.wait(SOON_S)
    assert pair.left.recv(1) == b""
    pair.close()


def test_an_order_that_fails_leaves_the_others_joined(splicer: Splicer, pair: Pair) -> None:
    splicer._order(lambda: {}[0])  # type: ignore[index]
    pair.left.sendall(b"on")
    assert received(pair.right, 2) == b"on"


def test_a_broken_end_ends_the_other(pair: Pair) -> None:
    held_up(pair.left)
    pair.right.close()
    assert pair.ended.wait(SOON_S)
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        eventually_sync(lambda: pair.left.sendall(DATA))


def test_one_is_cut_and_the_others_go_on(splicer: Splicer, pair: Pair) -> None:
    other = Pair(splicer)
    splicer.cut(other.splice)
    assert other.ended.wait(SOON_S)
    assert (other.left.recv(1), other.right.recv(1)) == (b"", b"")
    splicer.cut(other.splice)  # once more changes nothing
    pair.left.sendall(b"on")
    assert received(pair.right, 2) == b"on"
    other.close()


def test_the_end_of_the_splicer_ends_all() -> None:
    ended: list[Splice] = []
    with Splicer("test") as splicer:
        pairs = [Pair(splicer) for _ in range(20)]
        pairs[0].left.sendall(b"x")
        assert received(pairs[0].right, 1) == b"x"
        for pair in pairs:
            pair.splice.on_end = ended.append
    assert len(ended) == 20
    for pair in pairs:
        assert pair.left.recv(1) == b""
        pair.close()


def test_what_fails_at_the_end_of_one_leaves_the_others_joined(splicer: Splicer, pair: Pair) -> None:
    other = Pair(splicer)

    def fail(splice: Splice) -> None:
        raise RuntimeError("not our day")

    other.splice.on_end = fail
    splicer.cut(other.splice)
    other.left.settimeout(SOON_S)
    assert other.left.recv(1) == b""
    pair.left.sendall(b"on")
    assert received(pair.right, 2) == b"on"
    other.close()
