"""What the broker reads from the environment: SPARRING_BROKER_*."""

from __future__ import annotations

import socket
from typing import Literal, Self

from pydantic import Field, model_validator

from sparring.broker.majordomo.rules import Rules
from sparring.rpc.addresses import Address, parse_address
from sparring.rpc.settings import ServiceSettings
from sparring.types.errors import InvalidArgumentError

_ANY = ("0.0.0.0", "::")
_RELAY_BEHIND = 10


class BrokerSettings(ServiceSettings, env_prefix="SPARRING_BROKER_"):
    """Settings of the broker; everything else about its behaviour is fixed in `Rules`.

    Attributes:
        address: where it is reached by everybody.
        heartbeat_s: how often workers are heard at least.
        liveness: after so many silent intervals a worker is lost.
        service_wait_s: how long a call waits for a service without a worker.
        max_queued_calls: per service.
        relay: `auto` offers the relay to who cannot reach a worker, `always` leads every session of a slot through it,
            `never` has none.
        relay_address: host:port where the relay listens; empty means the host of `address`, ten ports further, or any
            free port where that one is taken.
        relay_advertised: host name or number by which others reach the relay; empty means the one it listens at, or,
            where that is any, the number that this machine's name stands for.
        scaler_address: where KEDA is answered without a token, in plaintext: it cannot show one; empty for nowhere but
            at `address`.
    """

    address: str = "127.0.0.1:7000"
    heartbeat_s: float = Field(2.5, ge=0.05, le=60)
    liveness: int = Field(3, ge=2, le=100)
    service_wait_s: float = Field(30.0, gt=0, le=3600)
    max_queued_calls: int = Field(2048, ge=1, le=1_000_000)
    relay: Literal["auto", "always", "never"] = "auto"
    relay_address: str = ""
    relay_advertised: str = ""
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

    @property
    def relay_wanted(self) -> Address:
        """Where the relay is to listen."""
        if self.relay_address:
            return parse_address(self.relay_address)
        own = parse_address(self.address)
        if own.port is None:
            return Address("127.0.0.1", 0)
        port = own.port and own.port + _RELAY_BEHIND
        return Address(own.host, port if port <= 65535 else 0)

    def relay_name(self, bound: Address) -> str:
        """Return host:port by which others reach the relay that listens at `bound`."""
        host = self.relay_advertised or bound.host
        host = socket.gethostbyname(socket.gethostname()) if host in _ANY else host
        return str(Address(host, bound.port))

    @model_validator(mode="after")
    def _check_relay_exposure(self) -> Self:
        address = self.relay_wanted
        if address.port is None:
            raise InvalidArgumentError("BAD_ADDRESS", f"The relay listens at host:port, not at {address}.")
        if self.relay != "never" and not address.loopback and self.token_file is None and not self.insecure:
            raise InvalidArgumentError(
                "TOKEN_NEEDED",
                f"A relay at {address} lets other machines in. Name a file with a token in SPARRING_TOKEN_FILE, or say "
                "--insecure (SPARRING_INSECURE=true) if nobody else can reach this network.",
                address=address,
            )
        return self
