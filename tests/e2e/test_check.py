"""Bad documents are refused before anything starts, with file, line, path, what was found and what is expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.command import EXAMPLES, sparring

GOOD = (EXAMPLES / "two-agents.yml").read_text()


def changed(old: str, new: str) -> str:
    """Return the good document with one thing changed."""
    assert old in GOOD, old
    return GOOD.replace(old, new, 1)


def line_of(document: str, text: str) -> int:
    """Return the line on which a text stands first."""
    return next(number for number, line in enumerate(document.splitlines(), 1) if text in line)


CASES = {
    "broken YAML": (changed("schedule:", "schedule: ["), None, ["."]),
    "unknown key": (changed("brain:", "brian:"), "brian:", ["brian", "brain"]),
    "unknown class": (
        changed("sparring.environment:DummyEnvironment", "sparring.environment:NoSuchEnvironment"),
        "NoSuchEnvironment",
        ["NoSuchEnvironment"],
    ),
    "negative worker count": (changed("worker: 2", "worker: -2"), "worker: -2", ["-2", "worker"]),
    "wrong parameter": (changed("params: {", "params: {max_itter: 3, "), "max_itter", ["max_itter"]),
}


@pytest.mark.parametrize("case", CASES)
def test_check_says_where_and_what(case: str, tmp_path: Path) -> None:
    document, text, words = CASES[case]
    (tmp_path / "bad.yml").write_text(document)
    result = sparring("check", "bad.yml", folder=tmp_path)
    assert result.code == 2, result.out + result.err
    said = result.out + result.err
    assert "bad.yml:" in said
    assert "Traceback" not in said
    if text is not None:
        assert f"bad.yml:{line_of(document, text)}" in said, said
    for word in words:
        assert word in said


@pytest.mark.parametrize("case", CASES)
def test_run_starts_nothing(case: str, tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text(CASES[case][0])
    result = sparring("run", "bad.yml", folder=tmp_path)
    assert result.code == 2, result.out + result.err
    assert not list((tmp_path).rglob("*.parquet"))


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.yml")), ids=lambda path: path.name)
def test_every_example_is_fine(example: Path, tmp_path: Path) -> None:
    result = sparring("check", str(example), folder=tmp_path)
    assert result.code == 0, result.out + result.err
