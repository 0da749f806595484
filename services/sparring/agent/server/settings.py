"""Settings of the agent service."""

from __future__ import annotations

from sparring.host.settings import HostSettings


class Settings(HostSettings, env_prefix="SPARRING_AGENT_"):
    """See `HostSettings`. A muscle takes a slot, a brain takes a slot."""

    address: str = "127.0.0.1:7003"
