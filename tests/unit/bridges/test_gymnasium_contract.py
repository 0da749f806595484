"""An environment of gymnasium keeps the contract of environment sessions."""

from collections.abc import Callable
from typing import Any

import pytest

from sparring.environment.instance import EnvironmentInstance
from tests.contract.environment_session import ARRAYS, EnvironmentSessionContract, OpenSession
from tests.support.classes import resolve

BRIDGED = "tests.unit.bridges.environments:BridgedWanderer"


def resolve_bridged(name: str) -> Callable[..., Any]:
    """Return the wanderer of gymnasium in place of the array environment."""
    return resolve(BRIDGED if name == ARRAYS else name)


class TestGymnasiumEnvironment(EnvironmentSessionContract):
    @pytest.fixture
    def open_session(self) -> OpenSession:
        return lambda: EnvironmentInstance(resolve_bridged)
