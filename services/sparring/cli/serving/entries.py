"""The services by name, and how flags reach them: as the environment variables that they read anyway."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final


class Service(StrEnum):
    """What `sparring serve` can start."""

    BROKER = "broker"
    STORE = "store"
    GOVERNOR = "governor"
    SIMULATION = "simulation"
    ENVIRONMENT = "environment"
    AGENT = "agent"


_MAIN: Final[Mapping[Service, str]] = {
    Service.BROKER: "sparring.broker.main",
    Service.STORE: "sparring.store.main",
    Service.GOVERNOR: "sparring.governor.main",
    Service.SIMULATION: "sparring.cli.serving.simulation",
    Service.ENVIRONMENT: "sparring.environment.server.main",
    Service.AGENT: "sparring.agent.server.main",
}

_SHARED: Final[Mapping[str, str]] = {
    "broker": "SPARRING_BROKER",
    "plugins": "SPARRING_PLUGINS",
    "token_file": "SPARRING_TOKEN_FILE",
    "insecure": "SPARRING_INSECURE",
}
_HOSTS: Final = (Service.SIMULATION, Service.ENVIRONMENT, Service.AGENT)


def variables(service: Service, given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that say the same as the flags; empty flags say nothing."""
    own = f"SPARRING_{service.value.upper()}_"
    return {_SHARED.get(name, f"{own}{name.upper()}"): value for name, value in given.items() if value}


def has_slots(service: Service) -> bool:
    """Whether a service hosts author code in slots."""
    return service in _HOSTS


def start(service: Service, given: Mapping[str, str]) -> int:
    """Run a service in this process until it is told to stop; returns the exit code."""
    os.environ.update(variables(service, given))
    # Late: one service's libraries are none of the others' business.
    main: Callable[[], int | None] = importlib.import_module(_MAIN[service]).main
    return main() or 0
