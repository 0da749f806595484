"""Keeps the stream of a record: sends what is said, says it again after a break, and learns what is durable."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from sparring.client.attempts import FULL, Attempts
from sparring.client.record_log import RecordLog
from sparring.client.session_errors import is_broken, session_error
from sparring.client.store_room import StoreRoom
from sparring.codec.record_frames import Committed, Flushed, Opened, decode_record_response
from sparring.rpc.retry import Backoff
from sparring.types.episode import EpisodeSummary
from sparring.types.errors import FailedPreconditionError, InternalError, LostError, SparringError, UnavailableError

STORE: Final = "the store"
RECONNECTING: Final = Backoff(attempts=1000, first_s=0.1, most_s=2.0, budget_s=20.0)
"""How long a store may be away. Longer than the lease of a worker: who asks then is told of a store that lives."""
QUEUE_BYTES: Final = 8 << 20
STALL_S: Final = 600.0
"""How long a store that is there may take nothing in."""
_LASTED_S: Final = 5.0
"""A stream that lasted this long ends an outage: the next one has a budget of its own."""
_FAREWELL_S: Final = 1.0

_log = logging.getLogger(__name__)


class RecordKeeper:
    """Owns a thread that reads responses; gRPC's own thread takes the requests. One other thread says what to record.

    Attributes:
        committed: Episodes that were durable when the record was first opened.
        room: Whether the store has any left.
    """

    def __init__(
        self,
        open_stream: Callable[[Iterator[bytes]], Any],
        opening: bytes,
        *,
        reconnecting: Backoff = RECONNECTING,
        full: Backoff = FULL,
        queue_bytes: int = QUEUE_BYTES,
        log: RecordLog | None = None,
    ) -> None:
        """Prepare; `open` begins.

        Args:
            open_stream: Opens a stream with these requests; iterating over it gives the responses.
            opening: The first frame of each stream.
            reconnecting: Attempts and budget of one outage of the store.
            full: The same while it has no room left.
            queue_bytes: How much may wait to be sent; beyond that, who says more waits.
            log: What was said and is not yet durable.
        """
        self.committed: frozenset[int] = frozenset()
        self._open_stream = open_stream
        self._opening = opening
        self._reconnecting = reconnecting
        self._full = full
        self._queue_bytes = queue_bytes
        self._log = log or RecordLog()
        self._changed = threading.Condition()
        self._committing: dict[int, EpisodeSummary] = {}
        self._durable: list[EpisodeSummary] = []
        self._failure: SparringError | None = None
        self.room = StoreRoom(full)
        self._stream: Any = None
        self._generation = 0  # of streams; odd while there is one
        self._opened = 0  # the last generation that was answered
        self._taken = 0
        self._closing = False
        self._thread = threading.Thread(target=self._keep, name="record-stream", daemon=True)

    def open(self) -> None:
        """Begin, and wait until the store has opened the record.

        Raises:
            LostError: The store did not come within its budget.
            FailedPreconditionError: It refuses: EPOCH_STALE and others.
        """
        self._thread.start()
        with self._changed:
            if not self._wait(lambda: self._opened, STALL_S):
                raise self._silent()
            self._check()

    def say(self, episode: int | None, data: bytes, *, once: bool = False) -> None:
        """Let something be sent; see `RecordLog.add`. Waits while too much waits already."""
        with self._changed:
            self._wait_for_room()
            self._log.add(episode, data, once=once)
            self._changed.notify_all()

    def commit(self, summary: EpisodeSummary, data: bytes) -> None:
        """Let a commit be sent; `take_durable` tells when it was carried out."""
        with self._changed:
            self._wait_for_room()
            self._committing[summary.key.episode] = summary
            self._log.add(summary.key.episode, data)
            self._changed.notify_all()

    def drop(self, episode: int, data: bytes) -> None:
        """Forget an episode; `data` tells the store so, if it knows of it."""
        with self._changed:
            self._check()
            if self._log.settle(episode):
                self._log.add(episode, data, once=True)
            self._changed.notify_all()

    def take_durable(self, timeout_s: float) -> list[EpisodeSummary]:
        """Return what became durable since the last call; waits for the first one. Time without room does not count."""
        with self._changed:
            self._wait(lambda: self._durable, timeout_s)
            if not self._durable:
                self._check()
            durable, self._durable = self._durable, []
            return durable

    def close(self) -> None:
        """Send what is left, if the store takes it in a moment, and end the stream."""
        with self._changed:
            self._closing = True
            self._failure = self._failure or FailedPreconditionError("SESSION_CLOSED", "The record was closed here.")
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(_FAREWELL_S)
            if self._thread.is_alive() and self._stream is not None:
                self._stream.cancel()
                self._thread.join(_FAREWELL_S)

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _wait_for_room(self) -> None:
        self._check()
        while self._log.unsent_bytes >= self._queue_bytes:
            taken = self._taken
            if not self._wait(lambda before=taken: self._taken != before, STALL_S):  # type: ignore[misc]
                raise self._silent()
            self._check()

    def _wait(self, found: Callable[[], object], timeout_s: float) -> bool:
        """Wait for something, or for the failure of the record; time without room in the store does not count."""
        while not self._changed.wait_for(lambda: found() or self._failure, timeout_s):
            if not (self.room.lacking and timeout_s > 0):
                return False
        return True

    def _silent(self) -> LostError:
        return LostError("STORE_SILENT", f"The store took nothing in for {STALL_S:g} s.", timeout_s=STALL_S)

    def _keep(self) -> None:
        """Hold one stream after the other, until closed, refused, or the store stays away."""
        attempts = Attempts(self._reconnecting, math.inf, self._full)
        while True:
            began = time.monotonic()
            error = self._converse()
            if time.monotonic() - began > _LASTED_S:
                attempts = Attempts(self._reconnecting, math.inf, self._full)
            with self._changed:
                self.room.refused(error)
                try:
                    if not (is_broken(error) or isinstance(error, UnavailableError)):  # it will not come back from this
                        raise error
                    if self._changed.wait_for(lambda: self._closing, attempts.pause_s(error)):
                        return
                except SparringError as final:
                    self._failure = self._failure or session_error(final, STORE)
                    self._changed.notify_all()
                    return

    def _converse(self) -> SparringError:
        """Hold one stream; returns how it ended."""
        with self._changed:
            self._generation += 1
            generation = self._generation
        try:
            self._stream = self._open_stream(self._outgoing(generation))
            for data in self._stream:
                self._hear(data, generation)
            return LostError("STREAM_BROKEN", "The store ended the stream.")
        except SparringError as error:
            return error
        except Exception as error:
            _log.exception("the record's stream failed")
            return InternalError("RECORD_FAILED", f"The stream of the record failed on this side: {error!r}.")
        finally:
            if self._stream is not None:
                self._stream.cancel()
            with self._changed:
                self._generation += 1
                self._changed.notify_all()

    def _outgoing(self, generation: int) -> Iterator[bytes]:
        """Yield what is to be sent on one stream; gRPC takes the next one when the last one has left."""
        yield self._opening
        while (data := self._next(generation)) is not None:
            yield data

    def _next(self, generation: int) -> bytes | None:
        with self._changed:
            # Woken at the latest when the stream ends.
            self._changed.wait_for(
                lambda: (
                    self._generation != generation
                    or (self._opened == generation and (self._log.has_unsent or self._closing))
                )
            )
            if self._generation != generation or not self._log.has_unsent:
                return None
            self._taken += 1
            self._changed.notify_all()
            return self._log.take()

    def _hear(self, data: bytes, generation: int) -> None:
        response = decode_record_response(data)
        with self._changed:
            match response:
                case Opened(committed=committed):
                    self._resume(committed, generation)
                case Committed(summary=summary):
                    self._settle(summary)
                case Flushed():
                    self._log.flushed()
            self._changed.notify_all()

    def _resume(self, committed: frozenset[int], generation: int) -> None:
        """The record is open, perhaps once more: what had become durable unheard is so, the rest is sent again."""
        for episode in sorted(committed & self._committing.keys()):
            self._settle(self._committing[episode])
        self._log.rewind()
        self.committed = self.committed if self._opened else committed
        self._opened = generation

    def _settle(self, summary: EpisodeSummary) -> None:
        episode = summary.key.episode
        if self._committing.pop(episode, None) is not None:
            self._log.settle(episode)
            self._durable.append(summary)
            self.room.took()
