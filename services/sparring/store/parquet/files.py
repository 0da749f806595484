"""Parquet files: written from pieces of episodes in bounded memory, read back in row groups."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from sparring.store.episodes import LateRewards
from sparring.store.parquet.columns import Form, RecordColumns
from sparring.store.parquet.from_arrow import pieces
from sparring.store.parquet.to_arrow import Gathered
from sparring.store.places import sync_folder
from sparring.store.segments.frames import damaged
from sparring.store.steps import Piece

GROUP_BYTES: Final = 16 << 20
"""Steps are gathered up to this size before they are written as one row group."""


def tables(columns: RecordColumns, episodes: Iterable[Piece], group_bytes: int = GROUP_BYTES) -> Iterator[Any]:
    """Yield tables of a bounded size with the rows of all pieces, by episode and step within each."""
    gathered: dict[Form, Gathered] = {}
    size = 0
    for piece in episodes:
        if size >= group_bytes:
            yield _joined(gathered)
            gathered, size = {}, 0
        form = columns.form(piece.late)
        if form not in gathered:
            gathered[form] = Gathered(columns, piece.late)
        gathered[form].add(piece)
        size += piece.size
    if gathered:
        yield _joined(gathered)


def _joined(gathered: Mapping[Form, Gathered]) -> Any:
    """Put rows of different forms into one table, in order."""
    if len(gathered) == 1:
        return next(iter(gathered.values())).table()
    joined = pa.concat_tables([each.table() for each in gathered.values()])
    return joined.sort_by([("episode", "ascending"), ("step", "ascending")])


def write_parquet(
    path: Path, columns: RecordColumns, episodes: Iterable[Piece], group_bytes: int = GROUP_BYTES
) -> None:
    """Write a file; it is there, whole and durable, or not at all."""
    unfinished = path.with_name(f"_{path.name}.unfinished")
    dictionary, split = _encodings(columns.schema)
    with pq.ParquetWriter(
        unfinished,
        columns.schema,
        compression="zstd",
        use_dictionary=dictionary,
        use_byte_stream_split=split,
        version="2.6",
    ) as writer:
        for table in tables(columns, episodes, group_bytes):
            writer.write_table(table)
    descriptor = os.open(unfinished, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    unfinished.rename(path)
    sync_folder(path.parent)


def read_parquet(
    path: Path, columns: RecordColumns, late: Mapping[int, tuple[LateRewards, ...]], *, agents: bool = False
) -> Iterator[Piece]:
    """Yield the rows of a file, in order; what agents added only where asked for.

    Raises:
        FailedPreconditionError: DATA_DAMAGED.
    """
    try:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                yield from pieces(columns, file.read_row_group(group), late, agents=agents)
    except (OSError, pa.ArrowException, KeyError) as error:
        raise damaged(f"{path.name}: {error}") from error


def _encodings(schema: Any) -> tuple[list[str], list[str]]:
    """Choose encodings that keep every bit.

    A dictionary takes all NaN for one and 0.0 for -0.0, so that no float may have one; their bytes are stored by place
    instead, which compresses better than the plain form.
    """
    dictionary: list[str] = []
    split: list[str] = []
    for field in schema:
        listed = pa.types.is_fixed_size_list(field.type)
        kind = field.type.value_type if listed else field.type
        path = f"{field.name}.list.element" if listed else field.name
        (split if pa.types.is_floating(kind) else dictionary).append(path)
    return dictionary, split
