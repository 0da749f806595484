"""Answers to SQL statements as an Arrow IPC stream, cut into pieces that fit into messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sparring.store.places import Places
from sparring.store.ports import Database

PIECE_BYTES: Final = 1 << 20


def answer(database: Database, places: Places, sql: str) -> Iterator[bytes]:
    """Run a statement and yield the bytes of its answer. Blocks.

    Raises:
        InvalidArgumentError: QUERY_INVALID.
    """
    # Imported here, in a thread: duckdb and pyarrow take 0.4 s, which a store without statements never pays.
    import pyarrow as pa

    from sparring.store.statement import Statement

    statement = Statement(database, places, sql)
    try:
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
