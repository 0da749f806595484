"""Runs the command line as a user does: a process of its own, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[2] / "examples"
LIMIT_S = 120


@dataclass(frozen=True)
class Result:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of `--json`, one per line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def summary(self) -> dict[str, Any]:
        """The last event."""
        return self.events[-1]


def command(*arguments: str) -> list[str]:
    """Return the command line of `sparring` with arguments."""
    return [sys.executable, "-m", "sparring", *arguments]


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of a command: modules of `folder` can be imported."""
    return {**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1", "COLUMNS": "160", **more}


def sparring(
    *arguments: str, folder: Path, variables: Mapping[str, str] | None = None, limit_s: float = LIMIT_S
) -> Result:
    """Run a command to its end."""
    done = subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(folder, **(variables or {})),
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def played(*arguments: str, folder: Path, limit_s: float = LIMIT_S) -> dict[str, Any]:
    """Run a document that must finish; return its summary."""
    result = sparring("run", "--json", *arguments, folder=folder, limit_s=limit_s)
    assert result.code == 0, result.err + result.out[-2000:]
    return result.summary
