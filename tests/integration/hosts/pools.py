"""Pools as the services make them, without a service around them."""

from typing import Any

from sparring.agent.server import host as agents
from sparring.environment.server import host as environments
from sparring.host.pool import SlotPool
from sparring.host.settings import HostSettings
from tests.support.repository import ROOT

PLUGINS = ("tests.contract", "tests.integration.hosts.authors")
SEARCH = (str(ROOT),)


def settings(slots: int = 1, linger_s: float = 5.0, plugins: tuple[str, ...] = PLUGINS, **more: Any) -> HostSettings:
    return HostSettings(address="127.0.0.1:0", slots=slots, linger_s=linger_s, plugins=plugins, **more)


def environment_pool(slots: int = 1, linger_s: float = 5.0) -> SlotPool:
    return environments.make_pool(settings(slots, linger_s), SEARCH)


def agent_pool(slots: int = 1, linger_s: float = 5.0) -> SlotPool:
    return agents.make_pool(settings(slots, linger_s), SEARCH)
