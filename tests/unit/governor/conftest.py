"""A stage for every test."""

import pytest

from tests.unit.governor.stage import Stage


@pytest.fixture
async def stage() -> Stage:
    return Stage()
