"""The simulation service with plugins: it announces their classes, for it can run them itself."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.cli.access.connection import Connection, connected
from sparring.cli.serving.simulation import open_host
from sparring.simulation.server.settings import Settings
from tests.support.eventually import eventually

MODULE = """
from sparring.agent import RandomMuscle
from sparring.environment import DummyEnvironment

class World(DummyEnvironment):
    pass

class Hand(RandomMuscle):
    pass
"""


@pytest.fixture
async def broker() -> AsyncIterator[str]:
    async with running_broker(BrokerSettings(address="127.0.0.1:0", drain_s=0)) as served:
        yield str(served.address)


async def announced(connection: Connection) -> set[tuple[str, str]]:
    return {
        (each.name, each.role)
        for service in await connection.services()
        for worker in service.workers
        for each in worker.announcements
    }


def settings(broker: str, *plugins: str) -> Settings:
    return Settings(address="127.0.0.1:0", broker=broker, plugins=plugins, slots=1, drain_s=1)


async def test_what_plugins_have_is_announced(broker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    async with open_host(settings(broker, "mine")), connected(broker) as connection:
        found = await eventually(lambda: announced(connection))
    assert {("mine:World", "environment"), ("mine:Hand", "muscle")} <= found


async def test_without_plugins_there_are_only_controllers(broker: str) -> None:
    async with open_host(settings(broker)), connected(broker) as connection:
        found = await eventually(lambda: announced(connection))
    assert {role for _, role in found} == {"controller"}
