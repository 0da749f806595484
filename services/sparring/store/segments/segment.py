"""A segment being written: frames are gathered, written at once, and made durable when somebody commits."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path
from typing import Final

from sparring.store.places import make_durable_folder, sync_folder
from sparring.store.refusals import disk_refusal, store_busy
from sparring.store.segments.frames import MAGIC, Kind, damaged, encode_frame
from sparring.types.errors import SparringError

_WRITE_AT_BYTES: Final = 1 << 20

# Of a file that grows, the data and the new size; not the time of the last change. macOS has only the other.
_sync_data = getattr(os, "fdatasync", os.fsync)


class Segment:
    """An open segment. Used by the writer's thread only.

    Whatever lies behind the last committed episode was left by a stream that ended without commit, or by a crash in the
    middle of a write: it is cut off when the segment is opened.

    Args:
        path: of the file; made if it is not there.
        committed: offset behind the last committed episode; 0 if there is none.

    Attributes:
        position: offset behind the last frame.
        failure: what made the segment unusable; it stays so until it is opened again.

    Raises:
        UnavailableError: STORE_BUSY, another process writes to it, or the disk refuses; STORE_FULL.
        FailedPreconditionError: DATA_DAMAGED, committed episodes are missing at its end.
    """

    def __init__(self, path: Path, committed: int) -> None:
        self.failure: SparringError | None = None
        self._path = path
        self._gathered = bytearray()
        with contextlib.ExitStack() as undo:
            try:
                self._file = self._open(undo)
                self.position = self._cut(committed)
            except OSError as error:
                raise disk_refusal(error) from error
            undo.pop_all()
        self._written = self._durable = self.position

    def _open(self, undo: contextlib.ExitStack) -> int:
        make_durable_folder(self._path.parent)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        undo.callback(os.close, file)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise store_busy("another process writes the steps of this rollout worker") from error
        return file

    def _cut(self, committed: int) -> int:
        """Keep what is committed; returns its end."""
        size = os.fstat(self._file).st_size
        if size < committed:
            raise damaged(f"{self._path.name} has {size} bytes, committed episodes need {committed}")
        if committed > len(MAGIC):
            os.ftruncate(self._file, committed)
        else:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, MAGIC, 0)
            sync_folder(self._path.parent)
        return max(committed, len(MAGIC))

    def append(self, kind: Kind, episode: int, message: bytes) -> None:
        """Add a frame; it is not durable before `sync`.

        Raises:
            UnavailableError: STORE_FULL or STORE_BUSY.
        """
        head, body = encode_frame(kind, episode, message)
        self._gathered += head
        self._gathered += body
        self.position += len(head) + len(body)
        if len(self._gathered) >= _WRITE_AT_BYTES:
            self._attempt(self._write)

    def sync(self) -> None:
        """Make all frames durable.

        Raises:
            UnavailableError: STORE_FULL or STORE_BUSY; the segment cannot be used any more.
        """
        self._attempt(self._sync)

    def close(self) -> None:
        """Release the file; what was not synced may be lost."""
        os.close(self._file)

    def _attempt(self, work: object) -> None:
        if self.failure is not None:
            raise self.failure
        try:
            work()  # type: ignore[operator]
        except OSError as error:
            # After a failed sync nobody knows what is on the disk: only a new beginning at what is committed is safe.
            self.failure = disk_refusal(error)
            raise self.failure from error

    def _write(self) -> None:
        view = memoryview(self._gathered)
        try:
            while view:
                count = os.pwrite(self._file, view, self._written)
                self._written += count
                view = view[count:]
        finally:
            view.release()
        self._gathered.clear()

    def _sync(self) -> None:
        self._write()
        if self._durable < self._written:
            _sync_data(self._file)
            self._durable = self._written
