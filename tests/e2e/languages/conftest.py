"""What the tests of other languages share: servers that are built once per session."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.e2e.languages.building import build


@cache
def _built(language: str) -> tuple[str, ...]:
    return tuple(build(language))


@pytest.fixture
def cpp() -> list[str]:
    """Return the command that starts the two-area power system in C++."""
    return list(_built("cpp"))


@pytest.fixture
def node() -> list[str]:
    """Return the command that starts the microgrid in JavaScript."""
    return list(_built("node"))


@pytest.fixture
def server(request: pytest.FixtureRequest) -> list[str]:
    """Return the command that starts the example in the language that the test is parametrised with."""
    return list(_built(request.param))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder that a test plays in."""
    return tmp_path
