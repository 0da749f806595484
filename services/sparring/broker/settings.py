"""What the broker reads from the environment: SPARRING_BROKER_*."""

from __future__ import annotations

from pydantic import Field

from sparring.broker.majordomo.rules import Rules
from sparring.rpc.settings import ServiceSettings


class BrokerSettings(ServiceSettings, env_prefix="SPARRING_BROKER_"):
    """Settings of the broker; everything else about its behaviour is fixed in `Rules`.

    Attributes:
        address: where it is reached by everybody.
        heartbeat_s: how often workers are heard at least.
        liveness: after so many silent intervals a worker is lost.
        service_wait_s: how long a call waits for a service without a worker.
        max_queued_calls: per service.
        scaler_address: where KEDA is answered without a token, in plaintext: it cannot show one; empty for nowhere but
            at `address`.
    """

    address: str = "127.0.0.1:7000"
    heartbeat_s: float = Field(2.5, ge=0.05, le=60)
    liveness: int = Field(3, ge=2, le=100)
    service_wait_s: float = Field(30.0, gt=0, le=3600)
    max_queued_calls: int = Field(2048, ge=1, le=1_000_000)
    scaler_address: str = ""

    @property
    def rules(self) -> Rules:
        """The rules that these settings make."""
        return Rules(
            heartbeat_s=self.heartbeat_s,
            liveness=self.liveness,
            service_wait_s=self.service_wait_s,
            max_queued_calls=self.max_queued_calls,
        )
