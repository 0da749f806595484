"""A local system: broker, store and governor in this process, author code in its children."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sparring.client.services import GovernorClient
from sparring.embedded.local import LocalSettings, local_system
from sparring.rpc.channels import open_channel

MODULE = """
from sparring.environment import DummyEnvironment


class Broken(DummyEnvironment):
    def update(self, actuators):
        raise RuntimeError("the pump is broken")
"""
COMPONENTS = (
    ("sparring.environment:DummyEnvironment", "environment"),
    ("plants:Broken", "environment"),
    ("sparring.agent:DummyBrain", "brain"),
    ("sparring.agent:DummyMuscle", "muscle"),
    ("sparring.agent:DummyObjective", "objective"),
)


@pytest.fixture
def plants(tmp_path: Path) -> Path:
    (tmp_path / "plants.py").write_text(MODULE)
    return tmp_path


@pytest.fixture
async def governor(plants: Path) -> AsyncIterator[GovernorClient]:
    settings = LocalSettings(
        store=str(plants / "store"),
        modules=("plants", "sparring.environment", "sparring.agent"),
        search_paths=(str(plants),),
        components=COMPONENTS,
        rollout_slots=2,
        agent_slots=3,
    )
    async with local_system(settings) as system, open_channel(system.broker) as channel:
        yield GovernorClient(channel)
