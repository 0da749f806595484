"""The muscle instance in this process keeps the contract of muscle sessions."""

import pytest

from sparring.agent.muscle_instance import MuscleInstance
from tests.contract.muscle_session import MuscleSessionContract, OpenSession
from tests.support.classes import resolve


class TestMuscleInstance(MuscleSessionContract):
    @pytest.fixture
    def open_session(self) -> OpenSession:
        return lambda: MuscleInstance(resolve)
