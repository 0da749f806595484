"""A muscle in a slot's process, over a step stream, keeps the contract of muscle sessions."""

from collections.abc import Iterator

import pytest

from sparring.client.stream_session import open_muscle
from tests.contract.muscle_session import MuscleSessionContract, OpenSession
from tests.integration.hosts.host_thread import HostThread
from tests.integration.hosts.pools import agent_pool


@pytest.fixture(scope="module")
def host() -> Iterator[HostThread]:
    with HostThread(lambda: agent_pool(slots=4, linger_s=0.0)) as host:
        yield host


class TestMuscleInASlot(MuscleSessionContract):
    @pytest.fixture
    def open_session(self, host: HostThread) -> OpenSession:
        return lambda: open_muscle(host.admit(service="agent"), "defender")
