"""The conformance kit: tests an environment server of any language from outside, rule by rule.

```python
from sparring.conformance import assert_conformant

def test_my_simulator() -> None:
    assert_conformant("127.0.0.1:7000", environment="grid", parameters={"areas": 2})
```
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def assert_conformant(
    address: str,
    environment: str = "",
    parameters: dict[str, Any] | None = None,
    *,
    levels: Sequence[str] = (),
    seed: int = 1,
    steps: int = 60,
    recreate: bool = False,
    timeout_s: float = 10.0,
) -> None:
    """Run all checks against a server, and fail with everything that they find.

    Args:
        address: host:port.
        environment: Its name; empty is the server's only one.
        parameters: Of the environment.
        levels: Those to be tested; none is all that the server declares.
        seed: Of everything that is drawn.
        steps: Updates of one trajectory.
        recreate: Ask for a new instance at every reset (`recreate: episode` in documents).
        timeout_s: Deadline of every answer.

    Raises:
        AssertionError: Something is wrong; the text names each finding, what is required and where it is written.
        SparringError: The server cannot be reached, or the arguments are wrong.
    """
    # Late: pytest loads this package in every session, and grpc must not be loaded before its settings are made.
    import json

    from sparring.conformance.examination import examine, verdict
    from sparring.conformance.subject import Options

    given = json.dumps(parameters) if parameters else ""
    options = Options(environment, given, seed, timeout_s, steps, recreate, levels=tuple(levels))
    found = verdict(address, examine(address, options))
    texts = [f"{result.check}\n{result.finding.text}" for result in found.findings if result.finding is not None]
    if texts:
        raise AssertionError(f"{address} does not keep {len(texts)} rule(s):\n\n" + "\n\n".join(texts))
