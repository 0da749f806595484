"""A pytest plugin: runs the tests of the obligations and no others, and prints row, test, result (`make obligations`).

pytest -p tests.unit.broker.obligations_report tests
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from tests.unit.broker.obligations import ROWS, lacking, place

_tests: dict[int, dict[str, list[str]]] = defaultdict(dict)
_results: dict[str, list[str]] = defaultdict(list)
_rows_of: dict[str, set[int]] = {}
_lacking: list[str] = []


def rows_of(item: pytest.Item) -> set[int]:
    """Return the rows whose mark a test carries."""
    return {int(mark.args[0]) for mark in item.iter_markers("obligation")}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave only what proves a row."""
    found: dict[int, set[str]] = defaultdict(set)
    for item in items:
        name = item.nodeid.partition("[")[0]
        for row in rows_of(item):
            _tests[row].setdefault(name, [])
            found[row].add(place(str(item.path)))
    _lacking.extend(lacking(found))
    config.hook.pytest_deselected(items=[item for item in items if not rows_of(item)])
    items[:] = [item for item in items if rows_of(item)]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note how a test ended."""
    if report.when == "call" or report.outcome != "passed":
        _results[report.nodeid.partition("[")[0]].append(report.outcome)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail if a row has no test."""
    if _lacking and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table."""
    write = terminalreporter.write_line
    terminalreporter.section("obligations")
    for number, row in ROWS.items():
        write(f"{number:>2}  {row.text}", bold=True)
        if row.noticed:
            write(f"      a design; noticed by {row.noticed}")
        for name in sorted(_tests[number]):
            outcomes = _results[name]
            bad = sorted({outcome for outcome in outcomes if outcome != "passed"})
            result = ", ".join(bad) or ("passed" if outcomes else "not run")
            count = f" ({len(outcomes)})" if len(outcomes) > 1 else ""
            write(f"      {result + count:<12} {name}", red=bool(bad) or not outcomes)
    for line in _lacking:
        write(line, red=True)
    proven = sum(
        bool(_tests[number]) and all(set(_results[name]) == {"passed"} for name in _tests[number]) for number in ROWS
    )
    write(f"{proven} of {len(ROWS)} rows are kept")
