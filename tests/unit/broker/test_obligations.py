"""Every row of the obligations has its tests, and for each there is a mutation of the rules under which one fails."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pytest

from tests.support.repository import ROOT
from tests.unit.broker.mutations import MUTATIONS
from tests.unit.broker.obligations import ROWS, lacking, place

SUITES = ("tests/unit/broker", "tests/unit/client", "tests/unit/host", "tests/integration/broker")
FIXTURES = "tests.integration.broker.conftest"


class Recorder:
    """Notes which rows each test carries, and how it ended."""

    def __init__(self) -> None:
        self.rows: dict[str, set[int]] = {}
        self.paths: dict[str, str] = {}
        self.outcomes: dict[str, set[str]] = defaultdict(set)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            name = item.nodeid.partition("[")[0]
            self.rows[name] = {mark.args[0] for mark in item.iter_markers("obligation")}
            self.paths[name] = str(item.path)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            name = report.nodeid.partition("[")[0]
            self.outcomes[name].add(report.outcome if report.when == "call" else f"{report.outcome} in {report.when}")


def run(*arguments: str) -> Recorder:
    """Run pytest within this process, without the rules for whole sessions."""
    recorder = Recorder()
    quiet = ("--rootdir", str(ROOT), "--noconftest", "-p", FIXTURES, "-p", "no:cacheprovider", "-q", "--tb=no", "-rN")
    pytest.main([*quiet, *arguments], plugins=[recorder])
    return recorder


def paths(tests: Iterable[str]) -> list[str]:
    return [str(ROOT / test) for test in tests]


def test_every_row_has_a_test_on_the_machine_and_over_the_wire() -> None:
    collected = run("--collect-only", *paths(SUITES))
    found: dict[int, set[str]] = defaultdict(set)
    for name, rows in collected.rows.items():
        for row in rows:
            found[row].add(place(collected.paths[name]))
    assert sorted(ROWS) == list(range(1, 35))
    assert lacking(found) == []
    for row in ROWS.values():
        for name in filter(None, row.noticed.split(", ")):
            assert any(test.endswith(f"::{name}") for test in collected.rows), f"no test {name}"
    for number, mutation in MUTATIONS.items():
        assert number in collected.rows[mutation.test], f"{mutation.test} is none of row {number}"


def test_a_row_without_a_test_is_named() -> None:
    shown = {row: {"machine", "wire"} for row in ROWS}
    assert lacking(shown) == []
    assert lacking({**shown, 5: {"machine"}, 33: set(), 99: {"wire"}}) == [
        "row 33: no test on the wire",
        "row 5: no test on the wire",
        "row 99 is not in the table",
    ]


def test_without_a_mutation_the_tests_pass() -> None:
    tests = {mutation.test for mutation in MUTATIONS.values()}
    assert run(*paths(sorted(tests))).outcomes == {test: {"passed"} for test in tests}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row}: {MUTATIONS[row].name}")
def test_the_row_is_noticed_to_be_broken(row: int, monkeypatch: pytest.MonkeyPatch) -> None:
    mutation = MUTATIONS[row]
    mutation.patch(monkeypatch)
    outcomes = run(*paths([mutation.test])).outcomes
    assert "failed" in outcomes[mutation.test], outcomes
