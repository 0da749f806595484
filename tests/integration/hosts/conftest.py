"""Hosts for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.hosts.host_thread import HostThread
from tests.integration.hosts.pools import environment_pool


@pytest.fixture
def host() -> Iterator[HostThread]:
    """One slot."""
    with HostThread(environment_pool) as host:
        yield host


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    """A file that author code writes to."""
    return tmp_path / "diary"
