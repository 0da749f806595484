"""Keeping brain states: files named by their content, and headers that make them count."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from sparring.store.brain_states import BrainState
from sparring.store.phases import RecordingKey
from sparring.store.places import Places, make_durable_folder, sync_folder
from sparring.store.ports import Tables
from sparring.store.readers import Readers
from sparring.store.refusals import disk_refusal
from sparring.store.segments.frames import damaged
from sparring.store.writer import Writer
from sparring.types.errors import InvalidArgumentError, NotFoundError

PIECE_BYTES: Final = 1 << 20


class Brains:
    """Brain states of runs."""

    def __init__(self, writer: Writer, readers: Readers, places: Places, clock_ns: Callable[[], int]) -> None:
        self._writer = writer
        self._readers = readers
        self._places = places
        self._clock_ns = clock_ns

    async def save(self, header: BrainState, pieces: AsyncIterator[bytes]) -> None:
        """Keep a state; the same again changes nothing, another one of the same name takes its place.

        Raises:
            NotFoundError: RUN_UNKNOWN.
            FailedPreconditionError: EPOCH_STALE.
            InvalidArgumentError: STATE_DAMAGED, what came is not what the header says.
            UnavailableError: STORE_FULL or STORE_BUSY.
        """
        await self._readers.read(lambda tables: tables.runs.find(header.run).check_epoch(header.epoch))
        unfinished = await self._readers.run(lambda: _Unfinished(self._places.brain_state(header.run, b"").parent))
        try:
            async for piece in pieces:
                await self._readers.run(lambda data=piece: unfinished.write(data))  # type: ignore[misc]
            digest = unfinished.check(header)
            state = replace(header, digest=digest)
            await self._readers.run(lambda: unfinished.finish(self._places.brain_state(header.run, digest)))
        finally:
            await self._readers.run(unfinished.close)
        now_ns = self._clock_ns()

        def work(tables: Tables) -> bytes | None:
            tables.runs.find(state.run).check_epoch(state.epoch)
            before = tables.brain_states.find(state.run, state.phase, state.agent, state.tag)
            tables.brain_states.put(state, now_ns)
            return None if before is None or tables.brain_states.uses(state.run, before.digest) else before.digest

        replaced = await self._writer.write(work)
        if replaced is not None:
            await self._readers.run(lambda: self._places.brain_state(state.run, replaced).unlink(missing_ok=True))

    async def find(
        self, name: str, phase: int | None, agent: str, tag: str, *, committed_only: bool = False
    ) -> BrainState:
        """Return the newest header that fits; `name` is a run, or a uid, meaning its newest finished run.

        With `committed_only`, all episodes in it are committed.

        Raises:
            NotFoundError: BRAIN_STATE_UNKNOWN.
        """

        def fitting(tables: Tables, run: str) -> BrainState | None:
            if not committed_only:
                return tables.brain_states.find(run, phase, agent, tag)
            for state in reversed(tables.brain_states.list(run)):
                fits = state.agent == agent and phase in (None, state.phase) and tag in ("", state.tag)
                if fits and _is_committed(tables, state):
                    return state
            return None

        def work(tables: Tables) -> BrainState | None:
            run = name
            with contextlib.suppress(NotFoundError):
                return fitting(tables, tables.runs.find(run).run)
            finished = tables.runs.latest_finished(name)
            return None if finished is None else fitting(tables, finished.run)

        found = await self._readers.read(work)
        if found is None:
            where = "" if phase is None else f", phase {phase}"
            called = f" called {tag}" if tag else ""
            raise NotFoundError(
                "BRAIN_STATE_UNKNOWN", f"{name}{where} has no state of agent {agent}{called}.", run=name, agent=agent
            )
        return found

    def pieces(self, state: BrainState) -> AsyncGenerator[bytes]:
        """Yield the state.

        Raises:
            FailedPreconditionError: DATA_DAMAGED, at the end at the latest.
        """
        return self._readers.each(lambda: _read(self._places.brain_state(state.run, state.digest), state))


def _is_committed(tables: Tables, state: BrainState) -> bool:
    return all(
        tables.episodes.existing(RecordingKey(state.run, key.phase, key.mode, key.rollout), (key.episode,))
        for key in state.contains
    )


class _Unfinished:
    """A state being written, beside where it will be."""

    def __init__(self, folder: Path) -> None:
        try:
            make_durable_folder(folder)
            self._file, name = tempfile.mkstemp(prefix="_", suffix=".unfinished", dir=folder)
        except OSError as error:
            raise disk_refusal(error) from error
        self._path = Path(name)
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> None:
        """Add a piece."""
        self._digest.update(data)
        self._size += len(data)
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            raise disk_refusal(error) from error

    def check(self, header: BrainState) -> bytes:
        """Compare with the header; returns the digest, which the header may leave out."""
        digest = self._digest.digest()
        if self._size != header.size_bytes or header.digest not in (b"", digest):
            raise InvalidArgumentError(
                "STATE_DAMAGED",
                f"The state of agent {header.agent} came with {self._size} bytes and digest {digest.hex()}; "
                f"its header says {header.size_bytes} and {header.digest.hex()}.",
                agent=header.agent,
            )
        return digest

    def finish(self, path: Path) -> None:
        """Give it its name, durably."""
        try:
            os.fsync(self._file)
            self._path.rename(path)
            sync_folder(path.parent)
        except OSError as error:
            raise disk_refusal(error) from error

    def close(self) -> None:
        """Release the file; forget it if it was not finished."""
        os.close(self._file)
        self._path.unlink(missing_ok=True)


def _read(path: Path, state: BrainState) -> Iterator[bytes]:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                digest.update(piece)
                yield piece
    except OSError as error:
        raise damaged(f"the state of agent {state.agent}: {error.strerror or error}") from error
    if digest.digest() != state.digest:
        raise damaged(f"the state of agent {state.agent} is not what was saved")
