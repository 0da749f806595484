"""Rules for every test: nothing is left behind, and in CI nothing is skipped."""

import os
from collections.abc import Generator

import pytest

from tests.support import leftovers

# CI sets it: a test that does not run there proves nothing, so a skip is a failure.
REQUIRE_ALL = os.environ.get("SPARRING_REQUIRE_ALL") == "1"
SUITES = frozenset({"repository", "unit", "integration", "e2e"})

BEFORE = pytest.StashKey[leftovers.Presence]()
MARK = pytest.StashKey[str]()
LEFT = pytest.StashKey[list[str]]()


@pytest.fixture(autouse=True)
def _present_before(request: pytest.FixtureRequest) -> None:
    # Set up after the fixtures of wider scope, whose processes may outlive the test.
    request.node.stash[BEFORE] = leftovers.presence()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Fail a test that leaves processes or non-daemon threads behind, once all its fixtures are torn down."""
    yield
    if BEFORE not in item.stash:
        return
    left = leftovers.left_behind(item.stash[BEFORE])
    lines = leftovers.describe(left)
    leftovers.kill(left.processes)
    if lines:
        pytest.fail("The test left behind:\n  " + "\n  ".join(lines), pytrace=False)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Mark the processes that this session will start."""
    session.config.stash[MARK] = leftovers.mark_session()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the session if a process it started is still there, orphans included."""
    left = leftovers.marked(session.config.stash[MARK])
    session.config.stash[LEFT] = leftovers.describe(left)
    leftovers.kill(left.processes)
    if left.processes and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name what the session left behind."""
    if left := config.stash.get(LEFT, []):
        terminalreporter.section("left behind by the session", red=True)
        for line in left:
            terminalreporter.line(line)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failed one where everything is required."""
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn a skipped module into a failed one where everything is required."""
    report = yield
    if REQUIRE_ALL and report.skipped:
        _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"SPARRING_REQUIRE_ALL=1, but this was not run. {reason}"


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse a whole run in which a suite has no test at all."""
    if not REQUIRE_ALL or session.config.args_source != pytest.Config.ArgsSource.TESTPATHS:
        return
    tests = session.config.rootpath / "tests"
    found = {item.path.relative_to(tests).parts[0] for item in session.items if item.path.is_relative_to(tests)}
    if missing := SUITES - found:
        raise pytest.UsageError(f"SPARRING_REQUIRE_ALL=1, but no test was found in: {', '.join(sorted(missing))}")
