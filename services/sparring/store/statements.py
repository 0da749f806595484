"""Answers to SQL statements as an Arrow IPC stream, cut into pieces that fit into messages."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from typing import Any, Final

from sparring.store.places import Places
from sparring.store.ports import Database
from sparring.store.readers import Readers

PIECE_BYTES: Final = 1 << 20


class Statements:
    """Statements of users."""

    def __init__(self, readers: Readers, database: Database, places: Places) -> None:
        self._readers = readers
        self._database = database
        self._places = places

    async def answer(self, sql: str) -> AsyncGenerator[bytes]:
        """Run a statement and yield the bytes of its answer; it is ended when nobody wants them any more.

        Raises:
            InvalidArgumentError: QUERY_INVALID.
        """
        running: list[Callable[[], None]] = []

        def interrupt() -> None:
            for each in running:
                each()

        made = self._readers.each(
            lambda: answer(self._database, self._places, sql, running.append), interrupt=interrupt
        )
        async with aclosing(made) as pieces:
            async for piece in pieces:
                yield piece


def answer(
    database: Database, places: Places, sql: str, began: Callable[[Callable[[], None]], None] = lambda _: None
) -> Iterator[bytes]:
    """Run a statement and yield the bytes of its answer. Blocks; `began` is given what ends it, for another thread.

    Raises:
        InvalidArgumentError: QUERY_INVALID.
    """
    # Imported here, in a thread: duckdb and pyarrow take 0.4 s, which a store without statements never pays.
    import pyarrow as pa

    from sparring.store.statement import Statement

    statement = Statement()
    began(statement.interrupt)
    try:
        statement.run(database, places, sql)
        gathered = _Gathered()
        with pa.ipc.new_stream(pa.PythonFile(gathered, mode="w"), statement.schema) as writer:
            for batch in statement.batches():
                writer.write_batch(batch)
                yield from gathered.pieces(least=PIECE_BYTES)
        yield from gathered.pieces(least=1)
    finally:
        statement.close()


class _Gathered:
    """A file that is written and handed out in pieces."""

    def __init__(self) -> None:
        self._data = bytearray()
        self.closed = False

    def write(self, data: Any) -> int:
        """Take bytes."""
        self._data += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits elsewhere."""

    def close(self) -> None:
        """What was written can still be handed out."""
        self.closed = True

    def pieces(self, least: int) -> Iterator[bytes]:
        """Yield what was written, as far as it fills pieces of at least this size."""
        while len(self._data) >= least:
            yield bytes(self._data[:PIECE_BYTES])
            del self._data[:PIECE_BYTES]
