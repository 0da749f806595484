"""The host of one environment's configuration; what `EnvironmentConductor` runs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from pydantic import Field

from sparring.environment.server.defaults import Defaults
from sparring.environment.server.host import environment_host
from sparring.environment.server.settings import Settings
from sparring.host.conducting import Conducting, broker_of, component, modules
from sparring.host.plugin_modules import allowed
from sparring.rpc.settings import load
from sparring.types.errors import InvalidArgumentError

_OURS: Final = "sparring.environment"


class ConductorSettings(Settings, env_prefix="SPARRING_ENVIRONMENT_"):
    """As of the environment service; but several may run on one machine, and one environment needs one slot."""

    address: str = "127.0.0.1:0"
    slots: int = Field(1, ge=1, le=1024)


def conducting(configuration: Mapping[str, Any], uid: str) -> Conducting:
    """Prepare a host.

    Args:
        configuration: As of `EnvironmentConductor`.
        uid: Name of the conductor.

    Raises:
        InvalidArgumentError: CONFIGURATION_INVALID.
    """
    own = configuration.get("environment", configuration)
    if not isinstance(own, Mapping) or not own.get("uid"):
        raise InvalidArgumentError("CONFIGURATION_INVALID", "The configuration of an environment needs a `uid`.")
    environment = component(own, _OURS)
    reward = component(configuration["reward"], _OURS) if configuration.get("reward") else None
    settings = load(ConductorSettings, broker=broker_of(configuration), slots=configuration.get("slots"))
    plugins = allowed((*settings.plugins, *modules(environment, reward)))
    host = partial(
        environment_host,
        settings.model_copy(update={"plugins": plugins}),
        announced=[(environment.name, "environment"), *([(reward.name, "reward")] if reward else [])],
        name=(service := f"environment/{own['uid']}"),
        defaults=Defaults(environment, reward),
        uid=uid,
    )
    return Conducting(service, lambda stop: host(stop=stop))
