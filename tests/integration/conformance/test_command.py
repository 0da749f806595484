"""`sparring conformance`: exit codes, text, JSON, JUnit."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from sparring.cli.main import app
from sparring.conformance import assert_conformant, examination
from sparring.conformance.kit import CHECKS
from sparring.types.errors import InvalidArgumentError, UnavailableError
from tests.conformance_faults.server import NAME, serving


def test_a_good_server_is_zero_and_the_reports_agree(tmp_path: Path) -> None:
    file = tmp_path / "report.xml"
    with serving(capabilities=("time",)) as address:
        result = CliRunner().invoke(app, ["conformance", address, "--environment", NAME, "--junit", str(file)])
    assert result.exit_code == 0, result.output
    assert "Conformant: 36 passed, 11 not applicable" in result.stdout
    assert "✓ equal seeds give equal episodes" in result.stdout
    suite = ElementTree.parse(file).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == (str(len(CHECKS)), "0", "11")
    assert len(suite.findall("testcase")) == len(CHECKS)


def test_a_finding_is_one_and_says_what_was_sent_came_and_is_required(tmp_path: Path) -> None:
    file = tmp_path / "report.xml"
    with serving("over_taken", ()) as address:
        result = CliRunner().invoke(app, ["conformance", address, "--level", "core", "--junit", str(file)])
        lines = CliRunner().invoke(app, ["conformance", address, "--level", "core", "--json"])
    assert result.exit_code == lines.exit_code == 1
    for part in ("ENV-END-1", "sent", "came", "required", "environment-protocol.md#env-end-1", "1 finding(s)"):
        assert part in result.stdout
    failure = ElementTree.parse(file).getroot().find(".//failure")
    assert failure is not None
    assert failure.get("type") == "ENV-END-1"
    events = [json.loads(line) for line in lines.stdout.splitlines()]
    findings = [event["finding"] for event in events if "finding" in event]
    assert [finding["rule"] for finding in findings] == ["ENV-END-1"]
    assert {"sent", "came", "required", "written"} < findings[0].keys()
    assert events[-1]["event"] == "summary"
    assert (events[-1]["conformant"], events[-1]["findings"]) == (False, 1)
    assert {event["level"] for event in events[:-1]} == {"core"}


def test_a_server_that_is_not_there_is_one_and_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "REACH_S", 0.2)
    result = CliRunner().invoke(app, ["conformance", "127.0.0.1:1"])
    assert result.exit_code == 1
    assert "No connection to 127.0.0.1:1 within 0.2 s" in result.stderr
    with pytest.raises(UnavailableError):
        assert_conformant("127.0.0.1:1")


@pytest.mark.parametrize(
    "arguments",
    [
        ["conformance"],
        ["conformance", "127.0.0.1:1", "--parameters", "[1]"],
        ["conformance", "127.0.0.1:1", "--parameters", "{no"],
        ["conformance", "127.0.0.1:1", "--level", "master"],
        ["conformance", "nowhere"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_two(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_the_assertion_shows_every_finding() -> None:
    with serving("health_missing", ()) as address, pytest.raises(AssertionError, match="ENV-HLT-1"):
        assert_conformant(address, levels=["core"])


def test_a_level_that_the_server_does_not_declare_is_not_said_to_be_well() -> None:
    with serving(capabilities=("time",)) as address:
        result = CliRunner().invoke(app, ["conformance", address, "--level", "time", "--level", "lanes"])
    assert result.exit_code == 1
    assert "The server does not declare lanes; it declares time." in " ".join(result.stderr.split())


def test_a_level_that_nobody_knows_is_refused() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        assert_conformant("127.0.0.1:1", levels=["master"])
    assert caught.value.reason == "LEVEL_UNKNOWN"
