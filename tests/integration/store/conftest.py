"""A served store for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.store.served import ServedStore, serving


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ServedStore]:
    async with serving(tmp_path / "data") as served:
        yield served
