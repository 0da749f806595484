"""Settings of the environment service."""

from __future__ import annotations

from sparring.host.settings import HostSettings


class Settings(HostSettings, env_prefix="SPARRING_ENVIRONMENT_"):
    """See `HostSettings`."""

    address: str = "127.0.0.1:7002"
