"""`sparring plot`."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sparring.api.space.v1 import declaration_pb2, episode_pb2
from sparring.api.store.v1 import run_pb2
from sparring.cli.main import app
from sparring.cli.plot import _plot
from sparring.store.places import Places
from sparring.store.runs import Submission
from sparring.store.sql.database import SqlDatabase
from sparring.types.mode import Mode
from tests.unit.cli.fake_system import FakeSystem, run_message, serving
from tests.unit.store.builders import committed, numbered


class Folder:
    """A store in a folder with one run in it, which goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self._database = SqlDatabase(Places(path).database_url)
        submission = Submission("token", "dummy", b"uid: dummy", "dummy.yml", 42)
        self._database.write(lambda tables: tables.runs.insert("dummy", submission, time.time_ns()))

    def commit(self, *episodes: Any) -> None:
        for revision, each in enumerate(episodes):
            key = each.summary.key
            self._database.write(
                lambda tables, each=each, key=key, revision=revision: (  # type: ignore[misc]
                    tables.phases.begin("dummy-1", key.phase, key.mode, f"phase-{key.phase}"),
                    tables.episodes.insert([numbered(each, revision + 2)]),
                )
            )

    def say(self, *arguments: str) -> Any:
        return CliRunner().invoke(app, ["plot", *arguments, "--store", str(self.path)])

    def close(self) -> None:
        self._database.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    monkeypatch.chdir(tmp_path)
    made = Folder(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def played(folder: Folder) -> Folder:
    folder.commit(*(committed(episode) for episode in range(3)), committed(5, phase=1, mode=Mode.TEST))
    return folder


def test_a_run_that_goes_on_is_drawn_as_far_as_it_got(played: Folder) -> None:
    result = played.say()
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.output.splitlines()]
    assert lines[0][:3] == ["return", "phase-0", "▁▂▄"]
    assert lines[1][:2] == ["phase-1", "█"]
    assert lines[2][:3] == ["objective", "of", "operator"]
    picture = played.path / "plots" / "dummy-1.png"
    assert lines[-1] == ["picture:", str(picture)]
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("name", "begin"), [("a/b.svg", b"<?xml"), ("c.PDF", b"%PDF"), ("d.png", b"\x89PNG")])
def test_the_suffix_of_the_output_says_the_format(played: Folder, name: str, begin: bytes) -> None:
    result = played.say("dummy-1", "--output", name)
    assert result.exit_code == 0, result.output
    assert Path(name).read_bytes().startswith(begin)
    assert not (played.path / "plots").exists()


def test_a_format_that_nobody_knows_is_wrong_usage(played: Folder) -> None:
    result = played.say("latest", "--output", "dummy.gif")
    assert result.exit_code == 2
    assert "dummy.gif is none of .png, .svg, .pdf" in result.stderr
    assert result.stdout == ""


def test_a_run_without_episodes_says_so(folder: Folder) -> None:
    result = folder.say("latest")
    assert result.exit_code == 1
    assert "NO_EPISODES" in result.stderr
    assert "has no committed episode yet" in " ".join(result.stderr.split())
    assert not (folder.path / "plots").exists()


def test_a_picture_that_cannot_be_written_is_said_with_its_name(played: Folder) -> None:
    result = played.say("latest", "--output", str(played.path / "store.sqlite" / "dummy.png"))
    assert result.exit_code == 1
    assert "OUTPUT_NOT_WRITABLE" in result.stderr


def test_an_unknown_run_is_said_to_be_unknown(folder: Folder) -> None:
    result = folder.say("nobody-1")
    assert result.exit_code == 1
    assert "RUN_UNKNOWN" in result.stderr


async def test_runs_of_a_deployed_system_are_drawn_in_this_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    system = FakeSystem(end=run_message())
    key = episode_pb2.EpisodeKey(phase=0, mode=declaration_pb2.MODE_TRAIN, rollout=0, episode=0)
    system.episodes = [
        run_pb2.EpisodeSummary(episode=key, phase_name="train", steps=10, episode_return=2.5, objectives={"keeper": -1})
    ]
    async with serving(system) as address:
        await asyncio.wait_for(_plot("latest", None, "nowhere", address), timeout=30)
    assert "objective of keeper" in capsys.readouterr().out
    assert (tmp_path / "dummy-1.png").read_bytes().startswith(b"\x89PNG")
