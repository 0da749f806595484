"""Settings of the simulation service."""

from __future__ import annotations

from sparring.host.settings import HostSettings


class Settings(HostSettings, env_prefix="SPARRING_SIMULATION_"):
    """See `HostSettings`. A slot plays one rollout worker at a time."""

    address: str = "127.0.0.1:7001"
    slots: int = 2
