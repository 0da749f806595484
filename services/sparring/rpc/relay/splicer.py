"""Joins pairs of connections: one thread moves their bytes, unread, with back-pressure and bounded buffers."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Self

from sparring.rpc.relay.readiness import READ, WRITE, Readiness, best

BUFFER_BYTES: Final = 256 << 10
"""What is read at once, and so the most that waits for a slow reader, per direction."""
HALF_CLOSED_S: Final = 30.0
"""How long the second direction may stay open behind the first."""
_LOOK_S: Final = 0.25
_JOIN_S: Final = 5.0

_log = logging.getLogger(__name__)


class Side:
    """One end of a splice."""

    __slots__ = ("other", "pending", "recv_into", "send", "socket", "splice", "wanted", "writable")

    def __init__(self, connection: socket.socket, splice: Splice) -> None:
        self.socket = connection
        self.recv_into = connection.recv_into
        self.send = connection.send
        self.splice = splice
        self.other: Side = self
        self.pending = b""  # bytes that this side has yet to take
        self.wanted = READ
        self.writable = True


class Splice:
    """Two joined connections, from the moment they are handed over until both are closed."""

    __slots__ = ("ended", "left", "on_end", "right", "until")

    def __init__(self, left: socket.socket, right: socket.socket, on_end: Callable[[Splice], None]) -> None:
        self.left, self.right = Side(left, self), Side(right, self)
        self.left.other, self.right.other = self.right, self.left
        self.on_end = on_end
        self.ended = False
        self.until = 0.0


class Splicer:
    """Owns the connections that it is given. `join` and `cut` may be called from any thread; use it as a context."""

    def __init__(self, name: str, readiness: Readiness | None = None) -> None:
        """Prepare; nothing runs before the context is entered.

        Args:
            name: Of the thread.
            readiness: Looks at the sockets; None is the fastest there is. Closed with the splicer.
        """
        self._readiness = readiness or best()
        self._waker, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        self._waker.setblocking(False)
        self._readiness.add(self._woken, READ, None)
        self._orders: deque[Callable[[], None]] = deque()
        self._splices: set[Splice] = set()
        self._limited: set[Splice] = set()
        self._space = memoryview(bytearray(BUFFER_BYTES))
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._order(self._close)
        self._thread.join(_JOIN_S)

    def join(
        self,
        left: socket.socket,
        right: socket.socket,
        to_left: bytes = b"",
        to_right: bytes = b"",
        on_end: Callable[[Splice], None] = lambda splice: None,
    ) -> Splice:
        """Join two non-blocking connections, which are the splicer's from now on.

        Args:
            left: One.
            right: The other.
            to_left: What the right one has said already.
            to_right: What the left one has said already.
            on_end: Called in the splicer's thread when both are closed; must not block.
        """
        splice = Splice(left, right, on_end)
        splice.left.pending, splice.right.pending = to_left, to_right
        self._order(lambda: self._begin(splice))
        return splice

    def cut(self, splice: Splice, within_s: float = 0.0) -> None:
        """Close both connections, after a while: what is under way may still arrive."""
        until = time.monotonic() + within_s
        self._order(lambda: self._limit(splice, until))

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.append(order)
        with contextlib.suppress(OSError):  # full: it is awake; closed: it has ended
            self._waker.send(b"\0")

    def _run(self) -> None:
        try:
            while not self._closing:
                self._move()
        except Exception:
            _log.exception("joining connections failed")
        finally:
            self._obey()  # what was handed over last is closed with the rest
            for splice in tuple(self._splices):
                self._end(splice)
            self._readiness.close()
            self._waker.close()
            self._woken.close()

    def _move(self) -> None:
        for side, mask in self._readiness.wait(_LOOK_S if self._limited else None):
            if side is None:
                self._obey()
                continue
            try:
                if mask & WRITE and side.wanted & WRITE:
                    self._flush(side)
                if mask & READ and side.wanted & READ:
                    self._pump(side)
            except OSError:  # broken, by either end
                self._end(side.splice)
            except Exception:
                _log.exception("joining two connections failed; the others go on")
                self._end(side.splice)
        if self._limited:
            now = time.monotonic()
            for splice in [splice for splice in self._limited if splice.until < now]:
                self._end(splice)

    def _pump(self, side: Side) -> None:
        """Move what one side has said to the other."""
        try:
            count = side.recv_into(self._space)
        except (BlockingIOError, InterruptedError):
            return
        other = side.other
        if not count:
            self._want(side, side.wanted & ~READ)
            other.writable = False
            if not other.pending:
                self._half_close(other)
            return
        try:
            sent = other.send(self._space[:count])
        except (BlockingIOError, InterruptedError):
            sent = 0
        if sent < count:
            other.pending = bytes(self._space[sent:count])
            self._want(other, other.wanted | WRITE)
            self._want(side, side.wanted & ~READ)

    def _flush(self, side: Side) -> None:
        """Write what waits for a side; when it is gone, listen to the other one again."""
        try:
            side.pending = side.pending[side.send(side.pending) :]
        except (BlockingIOError, InterruptedError):
            return
        if side.pending:
            return
        self._want(side, side.wanted & ~WRITE)
        if side.writable:
            self._want(side.other, side.other.wanted | READ)
        else:
            self._half_close(side)

    def _half_close(self, side: Side) -> None:
        side.socket.shutdown(socket.SHUT_WR)
        if not side.writable and not side.other.writable and not side.other.pending:
            self._end(side.splice)
        else:
            self._limit(side.splice, time.monotonic() + HALF_CLOSED_S)

    def _begin(self, splice: Splice) -> None:
        self._splices.add(splice)
        try:
            for side in (splice.left, splice.right):
                side.wanted = (WRITE if side.pending else 0) | (0 if side.other.pending else READ)
                if side.wanted:
                    self._readiness.add(side.socket, side.wanted, side)
        except (OSError, ValueError, KeyError) as error:
            _log.warning("two connections cannot be joined: %s", error)
            self._end(splice)

    def _want(self, side: Side, wanted: int) -> None:
        before, side.wanted = side.wanted, wanted
        if before == wanted or side.splice.ended:
            return
        if not before:
            self._readiness.add(side.socket, wanted, side)
        elif wanted:
            self._readiness.change(side.socket, wanted, side)
        else:
            self._readiness.remove(side.socket)

    def _limit(self, splice: Splice, until: float) -> None:
        if not splice.ended and (splice not in self._limited or until < splice.until):
            splice.until = until
            self._limited.add(splice)

    def _end(self, splice: Splice) -> None:
        if splice.ended:
            return
        splice.ended = True
        self._splices.discard(splice)
        self._limited.discard(splice)
        for side in (splice.left, splice.right):
            with contextlib.suppress(KeyError, ValueError):  # not registered now
                self._readiness.remove(side.socket)
            side.socket.close()
        try:
            splice.on_end(splice)
        except Exception:
            _log.exception("telling of the end of a connection failed")

    def _obey(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._woken.recv(4096)
        while self._orders:
            try:
                self._orders.popleft()()
            except Exception:
                _log.exception("an order of the relay failed; the others are obeyed")

    def _close(self) -> None:
        self._closing = True
