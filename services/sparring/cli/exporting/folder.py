"""A folder with everything that a run came to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from sparring.cli.access.records import RunRecord
from sparring.cli.access.run_book import RunBook
from sparring.cli.exporting.files import CsvFile, ParquetFile, Writer
from sparring.cli.exporting.index import index_page
from sparring.cli.exporting.steps import answer
from sparring.cli.plotting.places import not_writable
from sparring.types.errors import FailedPreconditionError

ORDERS: Final = {
    "phases": "phase, mode DESC",
    "episodes": "phase, mode DESC, rollout, episode",
    "brain_states": "phase, agent, tag",
}


async def export_run(
    book: RunBook, run: RunRecord, folder: Path, kind: str, steps: AsyncIterator[Any]
) -> dict[str, int]:
    """Write a run into a folder.

    Args:
        book: has the run.
        run: which one.
        folder: must be empty, or not there yet.
        kind: `parquet` or `csv`.
        steps: tables; the first one is empty and has all columns.

    Returns:
        How many rows each file has, by the name of its table.

    Raises:
        FailedPreconditionError: OUTPUT_NOT_WRITABLE.
    """
    try:
        return await _export(book, run, folder, kind, steps)
    except OSError as error:
        raise not_writable(folder, error) from error


async def _export(book: RunBook, run: RunRecord, folder: Path, kind: str, steps: AsyncIterator[Any]) -> dict[str, int]:
    _prepare(folder)
    rows: dict[str, int] = {}
    for name, order in ORDERS.items():
        table = await answer(book, f"SELECT * FROM {name} WHERE run = '{run.run}' ORDER BY {order}")
        rows[name] = table.num_rows
        with _writer(folder, name, kind, table.schema) as file:
            file.write(table)
    schema = (await anext(steps)).schema
    written: dict[tuple[int, str], int] = {}
    with _writer(folder, "steps", kind, schema) as file:
        async for table in steps:
            file.write(table)
            written = _counted(written, table)
    rows["steps"] = sum(written.values())
    text, document, _ = await book.document(run.run)
    place = folder / Path(document).name
    if not document or place.exists():  # as one of our own files
        place = folder / "document.yml"
    place.write_bytes(text)
    phases = await answer(book, f"SELECT phase, mode, name FROM phases WHERE run = '{run.run}' AND episodes > 0")
    left_out = [each["name"] for each in phases.to_pylist() if (each["phase"], each["mode"]) not in written]
    page = index_page(run, kind, rows, schema, place.name, left_out)
    (folder / "README.md").write_text(page, encoding="utf-8")
    return rows


def _prepare(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        text = f"{folder} is not empty; nothing in it was touched. Name a folder that is empty, or not there yet."
        raise FailedPreconditionError("OUTPUT_NOT_WRITABLE", text, file=str(folder))


def _writer(folder: Path, name: str, kind: str, schema: Any) -> Writer:
    path = folder / f"{name}.{kind}"
    return CsvFile(path, schema) if kind == "csv" else ParquetFile(path, schema)


def _counted(written: dict[tuple[int, str], int], table: Any) -> dict[tuple[int, str], int]:
    """Add the rows of a table, which are all of one phase and mode."""
    if not table.num_rows:
        return written
    key = table.column("phase")[0].as_py(), table.column("mode")[0].as_py()
    return {**written, key: written.get(key, 0) + table.num_rows}
