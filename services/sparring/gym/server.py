"""The server that is named by `grpc://HOST:PORT/NAME`, and how it is reached."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.api.environment.v1 import environment_service_pb2_grpc as pb_grpc
from sparring.client.access import Access
from sparring.client.stream_session import RECONNECTING, StreamSession, open_environment
from sparring.codec.declaration import encode_component
from sparring.rpc.addresses import parse_address
from sparring.rpc.sync_channels import open_sync_channel
from sparring.rpc.tls import read_tls
from sparring.rpc.tokens import read_token
from sparring.types.declaration import Component, Timeouts
from sparring.types.errors import InvalidArgumentError
from sparring.types.frames import EnvironmentRequest, EnvironmentResponse
from sparring.types.mode import Mode
from sparring.types.plan import FixedAddress

SCHEME: Final = "grpc://"


@dataclass(frozen=True)
class Options:
    """What is not the environment's own business.

    Attributes:
        timeouts: Deadlines of starting, of a reset and of a step.
        mode: What the environment is told that the agents are here for.
        session_seed: Of what lives as long as the environment object; episodes have the seeds of `reset`.
        recreate_each_episode: For environments whose reset leaves traces.
        connect_s: How long a server may take to be there.
        access: Token and TLS; None takes SPARRING_TOKEN_FILE and SPARRING_TLS_AUTHORITY, _CERTIFICATE, _KEY.
    """

    timeouts: Timeouts = field(default_factory=Timeouts)
    mode: Mode = Mode.TRAIN
    session_seed: int = 0
    recreate_each_episode: bool = False
    connect_s: float = 8.0
    access: Access | None = None


@dataclass(frozen=True)
class Server:
    """One environment of one server.

    Attributes:
        address: host:port.
        component: Name and parameters of the environment.
        options: As given.
        access: Token and TLS.
    """

    address: str
    component: Component
    options: Options
    access: Access

    @classmethod
    def of(cls, place: str, parameters: dict[str, Any], options: Options) -> Self:
        """Read a place.

        Raises:
            InvalidArgumentError: BAD_ADDRESS, or a token or TLS file cannot be read.
        """
        if not place.startswith(SCHEME):
            raise InvalidArgumentError(
                "BAD_ADDRESS",
                f"{place!r} does not say where the server is; write grpc://HOST:PORT/NAME.",
                address=place,
            )
        address, _, name = place.removeprefix(SCHEME).partition("/")
        access = _access_from_environment() if options.access is None else options.access
        return cls(str(parse_address(address)), Component(name, parameters), options, access)

    @property
    def uid(self) -> str:
        """Names the environment in errors."""
        return f"{self.component.name or 'the only one'} at {self.address}"

    def describe(self) -> pb.DescribeResponse:
        """Ask what is offered.

        Raises:
            SparringError: The server cannot be reached, or does not offer this.
        """
        start_s = self.options.timeouts.start_s
        request = pb.DescribeRequest(environment=encode_component(self.component), timeout_s=max(1, round(start_s)))
        with open_sync_channel(self.address, token=self.access.token, tls=self.access.tls) as channel:
            stub: Any = pb_grpc.EnvironmentServiceStub(channel)
            response: pb.DescribeResponse = stub.Describe(request, timeout=start_s)
            return response

    def session(self) -> StreamSession[EnvironmentRequest, EnvironmentResponse]:
        """Prepare a session."""
        return open_environment(
            FixedAddress(self.address),
            self.uid,
            access=self.access,
            reconnecting=replace(RECONNECTING, budget_s=self.options.connect_s),
        )


def _access_from_environment() -> Access:
    token = _file("SPARRING_TOKEN_FILE")
    tls = read_tls(_file("SPARRING_TLS_CERTIFICATE"), _file("SPARRING_TLS_KEY"), _file("SPARRING_TLS_AUTHORITY"))
    return Access(None if token is None else read_token(token), tls)


def _file(variable: str) -> Path | None:
    found = os.environ.get(variable)
    return Path(found) if found else None
