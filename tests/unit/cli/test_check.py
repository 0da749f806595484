"""`sparring check`: every problem of every file at its line; classes are tried in a process of their own."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sparring.cli.main import app
from tests.unit.cli.samples import DOCUMENT

AUTHOR = """
from sparring.environment import DummyEnvironment

class Broken(DummyEnvironment):
    def start_environment(self):
        print("on standard output")
        raise RuntimeError("no grid")

class Abstract:
    pass

class Reward:
    def __init__(self, weight):
        self.weight = weight

    def __call__(self, state, *arg, **kwargs):
        return []
"""


def check(folder: Path, *changes: tuple[str, str], code: int = 2) -> list[str]:
    """Check the sample with something changed; return the lines."""
    text = DOCUMENT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "author.py").write_text(AUTHOR)
    (folder / "dummy.yml").write_text(text)
    result = CliRunner().invoke(app, ["check", str(folder / "dummy.yml")])
    assert result.exit_code == code, result.output
    return [line.removeprefix(f"{folder}/") for line in result.stdout.splitlines()]


def test_a_good_document_is_ok(tmp_path: Path) -> None:
    assert check(tmp_path, code=0) == ["dummy.yml: ok"]


@pytest.mark.parametrize(
    ("change", "where", "words"),
    [
        (("sparring.environment:D", "sparring.environment:B"), "6: ", "Did you mean 'DummyEnvironment'"),
        (("sparring.environment:D", "nowhere:D"), "6: ", "There is no module 'nowhere'"),
        (("sparring.environment:DummyEnvironment", "author:Abstract"), "6: ", "is not an Environment"),
        (("sparring.environment:DummyEnvironment", "author:Broken"), "6: ", "RuntimeError: no grid"),
        (("uid: arena}", "uid: arena, params: {max_itter: 3}}"), "6: ", "did you mean 'max_iter'"),
        (("sparring.agent:DummyBrain", "sparring.agent:DummyBrian"), "9: ", "has no class 'DummyBrian'"),
        (("sparring.agent:DummyMuscle", "sparring.agent:Muscel"), "10: ", "Did you mean 'Muscle'"),
        (("DummyObjective", "DumbObjective"), "11: ", "has no class 'DumbObjective'"),
        (("sensors: [arena.0]", "sensors: [arena.10]"), "12: ", "has no sensor 'arena.10'"),
        (("actuators: [arena.0]", "actuators: [arena.x]"), "13: ", "has no actuator 'arena.x'"),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_what_only_the_class_knows_is_one_problem_at_its_line(
    change: tuple[str, str], where: str, words: str, tmp_path: Path
) -> None:
    lines = check(tmp_path, change)
    assert len(lines) == 1, lines
    assert lines[0].startswith(f"dummy.yml:{where}schedule[0].train.")
    assert words in lines[0]


@pytest.mark.parametrize(
    ("reward", "where", "words"),
    [
        ("{name: author:Rewrad}", "reward.name", "Did you mean 'Reward'"),
        ("{name: author:Reward}", "reward.name", "needs the parameter 'weight'"),
        ("{name: author:Reward, params: {wait: 1}}", "reward.params", "did you mean 'weight'"),
    ],
)
def test_what_is_plugged_in_is_tried_as_well(reward: str, where: str, words: str, tmp_path: Path) -> None:
    entry = '{name: "sparring.environment:DummyEnvironment", uid: arena}'
    (line,) = check(tmp_path, (entry, f"{entry}\n          reward: {reward}"))
    assert line.startswith(f"dummy.yml:7: schedule[0].train.environments[0].{where}: ")
    assert words in line


def test_a_condition_of_one_s_own_is_tried(tmp_path: Path) -> None:
    (line,) = check(tmp_path, ("uid: dummy\n", "uid: dummy\nrun_config: {condition: {name: author:Never}}\n"))
    assert line.startswith("dummy.yml:2: run_config.condition.name: Module 'author' has no class 'Never'")


def test_a_document_that_only_its_classes_refuse_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "dummy.yml").write_text(DOCUMENT.replace("sensors: [arena.0]", "sensors: [arena.10]"))
    command = [sys.executable, "-m", "sparring", "run", "dummy.yml"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path)
    assert ended.returncode == 2
    assert "dummy.yml:12: schedule[0].train.agents[0].sensors[0]: environment 'arena' has no sensor" in ended.stderr
    assert ended.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["dummy.yml"]


def test_a_service_is_not_checked_without_a_broker(tmp_path: Path) -> None:
    lines = check(tmp_path, ('name: "sparring.environment:DummyEnvironment"', "service: environment/cartpole"), code=0)
    assert lines == [
        "dummy.yml:6: schedule[0].train.environments[0].environment.service: "
        "not checked: only --connect BROKER can ask services",
        "dummy.yml: ok",
    ]


def test_a_server_that_does_not_answer_is_a_problem(tmp_path: Path) -> None:
    lines = check(tmp_path, ('name: "sparring.environment:DummyEnvironment"', 'address: "127.0.0.1:1"'))
    assert len(lines) == 1
    assert lines[0].startswith("dummy.yml:6: schedule[0].train.environments[0].environment.address: 127.0.0.1:1 cannot")


def test_all_files_are_checked_whatever_the_first_says(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yml", tmp_path / "bad.yml"
    good.write_text(DOCUMENT)
    bad.write_text(DOCUMENT.replace("agents:", "agent:"))
    result = CliRunner().invoke(app, ["check", str(bad), str(good), str(tmp_path / "none.yml")])
    assert result.exit_code == 2
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"{bad}:7: schedule[0].train.agent: unknown key 'agent'")
    assert f"{good}: ok" in lines
    assert lines[-1] == f"{tmp_path / 'none.yml'}:1: cannot read the file: no such file or directory"
