"""What the governor reads from the environment: SPARRING_GOVERNOR_*."""

from __future__ import annotations

from pydantic import Field

from sparring.rpc.settings import ServiceSettings


class GovernorSettings(ServiceSettings, env_prefix="SPARRING_GOVERNOR_"):
    """Settings of the governor.

    Attributes:
        address: Where its own listener is; clients reach it through the broker.
        runs: How many runs it governs at once.
        look_every_s: How often it looks for submitted and lapsed runs.
    """

    address: str = "127.0.0.1:7005"
    runs: int = Field(64, ge=1, le=10_000)
    look_every_s: float = Field(2.0, gt=0, le=3600)
