"""One examination of a server: reach it, run the checks, and say how it went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sparring.conformance.findings import Result
from sparring.conformance.kit import run_checks
from sparring.conformance.rules import LEVELS
from sparring.conformance.subject import Options
from sparring.conformance.wire import Wire, reachable
from sparring.rpc.addresses import parse_address
from sparring.rpc.tls import Tls
from sparring.rpc.tokens import token_metadata
from sparring.types.errors import InvalidArgumentError, UnavailableError

REACH_S = 10.0


@dataclass(slots=True)
class Verdict:
    """What an examination comes to.

    Attributes:
        address: Of the server.
        results: One per check, in order.
    """

    address: str
    results: list[Result] = field(default_factory=list)

    @property
    def findings(self) -> list[Result]:
        """What is wrong."""
        return [result for result in self.results if result.finding is not None]

    @property
    def conformant(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def count(self, outcome: str) -> int:
        """Return how many checks ended so."""
        return sum(result.outcome == outcome for result in self.results)


def examine(address: str, options: Options, token: str | None = None, tls: Tls | None = None) -> Iterator[Result]:
    """Run the kit against a server; yields each result as soon as it is there.

    Args:
        address: host:port.
        options: What is tested.
        token: Shown to the server; None shows none.
        tls: None speaks plaintext.

    Raises:
        InvalidArgumentError: BAD_ADDRESS, LEVEL_UNKNOWN.
        UnavailableError: SERVER_UNREACHABLE.
        FailedPreconditionError: LEVEL_NOT_DECLARED.
    """
    unknown = [level for level in options.levels if level not in LEVELS]
    if unknown:
        raise InvalidArgumentError(
            "LEVEL_UNKNOWN",
            f"There is no level {unknown[0]!r}; the levels are {', '.join(LEVELS)}.",
            level=unknown[0],
        )
    target = str(parse_address(address))
    metadata = () if token is None else (token_metadata(token),)
    wire = Wire(target, metadata, None if tls is None else tls.channel_credentials())
    try:
        if not reachable(wire, REACH_S):
            raise UnavailableError(
                "SERVER_UNREACHABLE",
                f"No connection to {target} within {REACH_S:g} s. Is the server running, and listening there?",
                target=target,
            )
        yield from run_checks(wire, options)
    finally:
        wire.close()


def verdict(address: str, results: Iterable[Result]) -> Verdict:
    """Collect results."""
    return Verdict(address, list(results))
