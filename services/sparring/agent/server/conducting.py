"""The host of one agent's configuration; what `AgentConductor` runs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from pydantic import Field

from sparring.agent.server.defaults import Defaults
from sparring.agent.server.host import agent_host
from sparring.agent.server.settings import Settings
from sparring.host.conducting import Conducting, broker_of, component, modules
from sparring.host.plugin_modules import allowed
from sparring.rpc.settings import load
from sparring.types.errors import InvalidArgumentError

_OURS: Final = "sparring.agent"
_ROLES: Final = ("muscle", "brain", "objective")


class ConductorSettings(Settings, env_prefix="SPARRING_AGENT_"):
    """As of the agent service; but several may run on one machine, and one agent needs a slot for each half."""

    address: str = "127.0.0.1:0"
    slots: int = Field(2, ge=1, le=1024)


def conducting(configuration: Mapping[str, Any], uid: str) -> Conducting:
    """Prepare a host.

    Args:
        configuration: As of `AgentConductor`.
        uid: Name of the conductor.

    Raises:
        InvalidArgumentError: CONFIGURATION_INVALID.
    """
    if not configuration.get("name"):
        raise InvalidArgumentError("CONFIGURATION_INVALID", "The configuration of an agent needs a `name`.")
    parts = {role: component(configuration[role], _OURS) for role in _ROLES if role in configuration}
    if not parts:
        raise InvalidArgumentError("CONFIGURATION_INVALID", "An agent has a `muscle`, a `brain` and an `objective`.")
    settings = load(ConductorSettings, broker=broker_of(configuration), slots=configuration.get("slots"))
    plugins = allowed((*settings.plugins, *modules(*parts.values())))
    host = partial(
        agent_host,
        settings.model_copy(update={"plugins": plugins}),
        announced=[(one.name, role) for role, one in parts.items()],
        name=(service := f"agent/{configuration['name']}"),
        defaults=Defaults(**parts),
        uid=uid,
    )
    return Conducting(service, lambda stop: host(stop=stop))
