"""`verify` recomputes digests from what is stored, and names the episode in which one bit differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.e2e.command import EXAMPLES, played, sparring


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A finished run: its folder and its name."""
    folder = tmp_path_factory.mktemp("run")
    summary = played(str(EXAMPLES / "two-agents.yml"), "--seed", "3", "--store", "data", folder=folder)
    return folder, summary["run"]


def test_an_untouched_run_verifies(finished: tuple[Path, str]) -> None:
    folder, run = finished
    result = sparring("verify", run, "--store", "data", folder=folder)
    assert result.code == 0, result.out + result.err


@pytest.mark.parametrize("prefix", ["sensor.", "actuator.", "reward.", "terminated"])
def test_one_flipped_value_is_found_and_named(finished: tuple[Path, str], prefix: str) -> None:
    folder, run = finished
    file = sorted((folder / "data").rglob("*.parquet"))[0]
    original = file.read_bytes()
    try:
        row = _flip(file, prefix)
        result = sparring("verify", run, "--store", "data", folder=folder)
    finally:
        file.write_bytes(original)
    assert result.code == 1
    text = result.out + result.err
    assert "phase" in text
    assert "rollout" in text
    assert f"episode {row['episode']}" in text


def _flip(file: Path, prefix: str) -> dict[str, Any]:
    """Change one value of the first column with this prefix in the third row; return the row's key."""
    table = pq.read_table(file)
    name = next(one for one in table.column_names if one.startswith(prefix))
    column = table.column(name).to_pylist()
    at = next(number for number, value in enumerate(column) if value is not None and number > 1)
    column[at] = _other(column[at])
    index = table.column_names.index(name)
    changed = table.set_column(index, table.schema.field(index), pa.array(column, table.schema.field(index).type))
    pq.write_table(changed, file)
    return {"episode": table.column("episode")[at].as_py()}


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, list):
        return [_other(value[0]), *value[1:]]
    return value + 1
