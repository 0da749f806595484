"""The pytest plugin: `pytest --sparring-environment=HOST:PORT[/NAME]` adds a test for each check of the kit.

Loaded in every session of pytest where Sparring is installed: it imports nothing of the kit before it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sparring.conformance.findings import Result


class ConformanceError(Exception):
    """A finding; its text is all there is to say."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("sparring", "conformance of environment servers")
    group.addoption(
        "--sparring-environment",
        metavar="HOST:PORT[/NAME]",
        help="Test this environment server: adds a test for each check of sparring's conformance kit.",
    )
    group.addoption("--sparring-parameters", metavar="JSON", default="", help="Parameters of the environment.")
    group.addoption(
        "--sparring-level",
        metavar="LEVEL",
        action="append",
        default=[],
        help="core, resume, lanes or time; by default all that the server declares.",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the tests, behind all others; -k chooses among them as well."""
    place = config.getoption("--sparring-environment")
    if place:
        collector = Kit.from_parent(session, name="sparring-conformance", nodeid="sparring-conformance")
        items.extend(collector.collect())


class Kit(pytest.Collector):
    """One examination; its tests share it and run in the order of the checks."""

    def collect(self) -> list[pytest.Item]:
        """Return a test for each check of the chosen levels."""
        # Late: see above.
        from sparring.conformance.kit import chosen

        names = [check.name for check in chosen(tuple(self.config.getoption("--sparring-level")))]
        self._results: Iterator[Result] | None = None
        return [CheckItem.from_parent(self, name=name.replace(" ", "_")) for name in names]

    def result(self, name: str) -> Result:
        """Run the checks up to one; return what that says."""
        if self._results is None:
            self._results = self._examine()
        return next(result for result in self._results if result.check.replace(" ", "_") == name)

    def teardown(self) -> None:
        """Close the connection."""
        results: Any = self._results
        if results is not None:
            results.close()

    def _examine(self) -> Iterator[Result]:
        # Late: see above. First what grpc reads when it is imported.
        from sparring.rpc import grpc_environment  # noqa: F401

        # isort: split
        from sparring.conformance.examination import examine
        from sparring.conformance.subject import Options

        option = self.config.getoption
        address, _, name = str(option("--sparring-environment")).partition("/")
        options = Options(name, str(option("--sparring-parameters")), levels=tuple(option("--sparring-level")))
        return examine(address, options)


class CheckItem(pytest.Item):
    """The test of one check."""

    def runtest(self) -> None:
        """Fail with the finding, or skip with the reason."""
        assert isinstance(self.parent, Kit)
        result = self.parent.result(self.name)
        for note in result.notes:
            self.add_report_section("call", "notes", note)
        if result.finding is not None:
            raise ConformanceError(result.finding.text)
        if result.outcome != "passed":
            pytest.skip(f"{result.outcome}: {result.reason}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the finding without a traceback of ours."""
        if isinstance(excinfo.value, ConformanceError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Return the heading of a failure."""
        return self.path, None, f"conformance: {self.name.replace('_', ' ')}"
