"""`sparring export`: a run as files, from a store on this machine and through a broker."""

import csv
import dataclasses
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from sparring.cli.access.local_store import opened
from sparring.cli.access.run_book import RunBook
from sparring.cli.exporting import steps as steps_of_runs
from sparring.cli.exporting.folder import export_run
from sparring.cli.exporting.steps import asked_steps, stored_steps
from sparring.cli.main import app
from sparring.types.mode import Mode
from tests.integration.store.served import ServedStore, serving
from tests.unit.store.builders import play

SEALED = [play(0, 3), play(1, 5), play(0, 2, rollout=1)]
OPEN = [play(0, 2, phase=1, mode=Mode.TEST, late_at=1)]


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A store with a sealed phase and one that goes on, which declares a reward late."""
    async with serving(tmp_path / "data") as store:
        await recorded(store)
    return tmp_path / "data"


async def recorded(store: ServedStore) -> None:
    run = await store.owned()
    await store.enter(run, phase_name="warm-up")
    await store.record(run, *SEALED[:2])
    await store.record(run, *SEALED[2:])
    await store.seal(run, *SEALED)
    for each in OPEN:
        await store.record(run, each)


async def export(folder: Path, to: Path, kind: str = "parquet", *, asked: bool = False) -> dict[str, int]:
    with opened(str(folder)) as store:
        book: RunBook = store
        run, _ = await book.run("latest")
        rows = asked_steps(book, run.run) if asked else stored_steps(str(folder), run.run)
        return await export_run(book, run, to, kind, rows)


async def test_steps_of_all_phases_are_one_file(folder: Path, tmp_path: Path) -> None:
    rows = await export(folder, tmp_path / "out")
    assert rows == {"phases": 2, "episodes": 4, "brain_states": 0, "steps": 4 + 6 + 3 + 3}
    steps = pd.read_parquet(tmp_path / "out" / "steps.parquet")
    assert steps.groupby(["phase", "mode", "rollout"]).size().to_dict() == {
        (0, "train", 0): 10,
        (0, "train", 1): 3,
        (1, "test", 0): 3,
    }
    assert steps["reward.plant.bonus"].dropna().tolist() == [1, 2]
    episodes = pd.read_parquet(tmp_path / "out" / "episodes.parquet")
    assert episodes["steps"].tolist() == [3, 5, 2, 2]


async def test_the_index_says_what_there_is(folder: Path, tmp_path: Path) -> None:
    await export(folder, tmp_path / "out")
    page = (tmp_path / "out" / "README.md").read_text()
    assert "# dummy-1" in page
    assert "| `steps.parquet` | 16 |" in page
    assert "| `sensor.plant.level` | int64 |  | Discrete(10) |" in page
    assert "Steps are missing" not in page
    assert (tmp_path / "out" / "dummy.yml").read_bytes() == b"uid: dummy"


async def test_comma_separated_values_have_the_same_rows(folder: Path, tmp_path: Path) -> None:
    await export(folder, tmp_path / "out", "csv")
    with (tmp_path / "out" / "steps.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 16
    assert rows[2]["sensor.plant.level"] == "2"
    assert rows[2]["sensor.plant.power"].startswith("[")
    assert rows[0]["reward.plant.bonus"] == ""
    assert rows[-1]["reward.plant.bonus"] == "2"


async def test_through_statements_steps_come_in_pieces_and_open_phases_are_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps_of_runs, "STEPS_AT_ONCE", 4)
    rows = await export(folder, tmp_path / "asked", asked=True)
    assert rows["steps"] == 13
    assert pq.ParquetFile(tmp_path / "asked" / "steps.parquet").num_row_groups == 3
    page = (tmp_path / "asked" / "README.md").read_text()
    assert "Steps are missing of phases that were not complete: " in page
    monkeypatch.undo()
    await export(folder, tmp_path / "stored")
    asked, stored = (pd.read_parquet(tmp_path / name / "steps.parquet") for name in ("asked", "stored"))
    sealed = stored[stored["phase"] == 0].reset_index(drop=True)
    assert asked["sensor.plant.level"].tolist() == sealed["sensor.plant.level"].tolist()
    assert asked[["rollout", "episode", "step"]].equals(sealed[["rollout", "episode", "step"]])


async def test_a_document_never_takes_the_place_of_a_table(folder: Path, tmp_path: Path) -> None:
    with opened(str(folder)) as store:
        run, _ = await store.run("latest")

        class Renamed:
            """The same book, whose document has an unlucky name."""

            query = store.query

            async def document(self, run: str) -> tuple[bytes, str, str]:
                return b"uid: dummy", "there/steps.csv", ""

        await export_run(
            Renamed(), dataclasses.replace(run), tmp_path / "out", "csv", stored_steps(str(folder), "latest")
        )  # type: ignore[arg-type]
    assert (tmp_path / "out" / "document.yml").read_text() == "uid: dummy"
    assert (tmp_path / "out" / "steps.csv").read_text().startswith("phase,mode,")


def test_the_command_says_which_files_there_are(tmp_path: Path, folder: Path) -> None:
    out = tmp_path / "out"
    arguments = ["export", "latest", str(out), "--store", str(folder)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert f"{out}/episodes.parquet: 4 rows" in result.output
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code == 1
    assert "OUTPUT_NOT_WRITABLE" in again.stderr
    assert "is not empty" in again.stderr
    assert len(list(out.iterdir())) == 6


@pytest.mark.parametrize(("run", "reason"), [("nobody-1", "RUN_UNKNOWN"), ("latest", "OUTPUT_NOT_WRITABLE")])
def test_what_cannot_be_exported_is_said(run: str, reason: str, folder: Path) -> None:
    result = CliRunner().invoke(app, ["export", run, str(folder / "store.sqlite" / "out"), "--store", str(folder)])
    assert result.exit_code == 1
    assert reason in result.stderr
