"""What the governor reads from the environment: SPARRING_GOVERNOR_*."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from sparring.governor.limits import DEFAULT_LIMITS, Limits
from sparring.rpc.settings import ServiceSettings


class GovernorSettings(ServiceSettings, env_prefix="SPARRING_GOVERNOR_"):
    """Settings of the governor.

    Attributes:
        address: Where its own listener is; clients reach it through the broker.
        runs: How many runs it governs at once.
        look_every_s: How often it looks for submitted and lapsed runs.
        lease_s: How long it is believed alive when nothing is heard of it; then another one takes its runs over.
    """

    address: str = "127.0.0.1:7005"
    runs: int = Field(64, ge=1, le=10_000)
    look_every_s: float = Field(2.0, gt=0, le=3600)
    lease_s: float = Field(DEFAULT_LIMITS.lease_s, ge=1, le=3600)

    @property
    def limits(self) -> Limits:
        """How long to wait for what."""
        return replace(DEFAULT_LIMITS, lease_s=self.lease_s, renew_s=self.lease_s / 3)
