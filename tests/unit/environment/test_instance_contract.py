"""The instance in this process keeps the contract of environment sessions."""

import pytest

from sparring.environment.instance import EnvironmentInstance
from tests.contract.environment_session import EnvironmentSessionContract, OpenSession
from tests.support.classes import resolve


class TestEnvironmentInstance(EnvironmentSessionContract):
    @pytest.fixture
    def open_session(self) -> OpenSession:
        return lambda: EnvironmentInstance(resolve)
