"""What can be typed, what is refused, and what is loaded for it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import sparring
from sparring.cli import reference
from sparring.cli.main import app
from sparring.store.places import Places
from sparring.store.sql.database import SqlDatabase
from sparring.types.errors import SparringError
from tests.unit.cli.samples import DOCUMENT

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "cli.md"
# pydantic is missing here: the library for command lines loads it when it reads values.
HEAVY = ("grpc", "google.protobuf", "sqlalchemy", "numpy", "pyarrow", "matplotlib", "gymnasium", "ruamel", "rich")


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "a.yml", "--resume", "dummy-1"],
        ["run", "a.yml", "--detach"],
        ["run", "a.yml", "--placement", "elsewhere"],
        ["run", "a.yml", "--seed", "-1"],
        ["run", "a.yml", "--seed", "many"],
        ["run", "a.yml", "--fast"],
        ["check"],
        ["serve"],
        ["serve", "coffee"],
        ["serve", "broker", "--slots", "4"],
        ["verify"],
        ["runs", "forget"],
        ["nothing"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_two_and_said_on_standard_error(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage: " in result.stderr


def test_alone_it_is_a_short_friendly_overview() -> None:
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 0
    assert "sparring run examples/cartpole.yml" in result.stdout
    assert len(result.stdout.splitlines()) <= 20


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_names_every_command(flag: str) -> None:
    result = CliRunner().invoke(app, [flag])
    assert result.exit_code == 0
    for name in ("run", "check", "serve", "services", "runs", "verify", "query", "plot", "export", "register"):
        assert f" {name} " in result.stdout


def test_version_is_the_package_s() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == f"sparring {sparring.__version__}\n"


def test_the_overview_names_only_commands_that_there_are() -> None:
    text = CliRunner().invoke(app, []).stdout
    named = {line.split()[1] for line in text.splitlines() if line.startswith("  sparring ")}
    for name in named:
        assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0


def test_the_committed_reference_page_is_current() -> None:
    assert PAGE.read_text() == reference.reference_page(), (
        "run: python -m sparring.cli.reference > docs/reference/cli.md"
    )


def test_a_quick_answer_loads_nothing_heavy() -> None:
    program = (
        "import sys\nfrom sparring.cli.main import app\napp([], standalone_mode=False)\n"
        f"print(*(name for name in {HEAVY!r} if name in sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout.splitlines()[-1] == ""


def test_the_module_is_the_command() -> None:
    command = [sys.executable, "-m", "sparring", "--version"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout == f"sparring {sparring.__version__}\n"


def test_an_error_of_ours_is_a_panel_and_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise SparringError("STORE_FULL", "The store has no room left.")

    monkeypatch.setattr("sparring.cli.verify.asyncio.run", lambda work: (work.close(), fail()))
    result = CliRunner().invoke(app, ["verify", "latest"])
    assert result.exit_code == 1
    assert "STORE_FULL" in result.stderr
    assert "The store has no room left." in result.stderr
    assert "Make room on the disk" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_bug_is_a_sentence_and_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("by nothing")

    (tmp_path / "sparring-data").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sparring.cli.verify.asyncio.run", lambda work: (work.close(), fail()))
    result = CliRunner().invoke(app, ["verify", "latest"])
    assert result.exit_code == 1
    assert "Sparring has a bug: ZeroDivisionError: by nothing" in result.stderr
    assert "Traceback" not in result.stderr
    (report,) = (tmp_path / "sparring-data").glob("sparring-bug-*.txt")
    assert "Traceback" in report.read_text()


def test_a_reader_that_goes_away_is_no_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("sparring.cli.verify.asyncio.run", lambda work: (work.close(), fail()))
    monkeypatch.setattr("sparring.cli.main._close_output", lambda: None)
    result = CliRunner().invoke(app, ["verify", "latest"])
    assert (result.exit_code, result.stderr) == (1, "")


def test_ctrl_c_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sparring.cli.verify.asyncio.run", lambda work: (work.close(), fail()))
    assert CliRunner().invoke(app, ["verify", "latest"]).exit_code == 130


def test_a_bad_document_of_run_is_two_with_its_problems_on_standard_error(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text(DOCUMENT.replace("agents:", "agent:"))
    command = [sys.executable, "-m", "sparring", "run", "bad.yml"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        "bad.yml:7: schedule[0].train.agent: unknown key 'agent'; did you mean 'agents'?",
        "bad.yml has 1 problem; nothing was started.",
    ]
    assert ended.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["bad.yml"]


def test_a_bad_document_of_run_as_json_is_events_only(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text(DOCUMENT.replace("agents:", "agent:"))
    command = [sys.executable, "-m", "sparring", "run", "--json", "bad.yml"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path)
    assert ended.returncode == 2
    events = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [event["event"] for event in events] == ["problem", "summary"]
    assert ended.stderr == ""


def test_json_and_csv_exclude_each_other() -> None:
    result = CliRunner().invoke(app, ["query", "SELECT 1", "--json", "--csv"])
    assert result.exit_code == 2
    assert "--json and --csv exclude each other" in result.stderr


def test_a_statement_that_cannot_be_run_points_at_the_place(tmp_path: Path) -> None:
    SqlDatabase(Places(tmp_path).database_url).close()
    statement = (
        "SELECT phase_name, steps, attempts, rollout, retrun FROM episodes WHERE run = latest() ORDER BY episode"
    )
    result = CliRunner().invoke(app, ["query", statement, "--store", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (2, "")
    lines = result.stderr.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("LINE 1: "))
    begin = lines[place + 1].index("^")
    assert lines[place][begin:].startswith("retrun FROM")
    assert lines[-1].startswith("Columns of episodes: run, phase, phase_name,")
