"""An environment in a slot's process, over a step stream, keeps the contract of environment sessions."""

from collections.abc import Iterator

import pytest

from sparring.client.stream_session import open_environment
from tests.contract.environment_session import EnvironmentSessionContract, OpenSession
from tests.integration.hosts.host_thread import HostThread
from tests.integration.hosts.pools import environment_pool


@pytest.fixture(scope="module")
def host() -> Iterator[HostThread]:
    with HostThread(lambda: environment_pool(slots=4, linger_s=0.0)) as host:
        yield host


class TestEnvironmentInASlot(EnvironmentSessionContract):
    @pytest.fixture
    def open_session(self, host: HostThread) -> OpenSession:
        return lambda: open_environment(host.admit(), "hill")
