"""What every service that hosts author code reads from the environment, and what its slots are told of it."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from sparring.host.slot_context import SlotConfiguration
from sparring.rpc.addresses import parse_address
from sparring.rpc.settings import ServiceSettings
from sparring.types.errors import InvalidArgumentError

_ANY = ("0.0.0.0", "::")


class HostSettings(ServiceSettings):
    """Settings of a service that hosts author code.

    Attributes:
        slots: How many sessions it holds at once, each in a process of its own.
        slot_address: Where the slots listen, host:port. Port 0 takes any; another is that of the first slot, and the
            next take the next.
        advertised: Host name or number that others reach the slots by; empty means the host of `slot_address`, or,
            where that is any, the number that this machine's name stands for.
        dial_out: Nobody can reach the slots: they are told to nobody, and sessions come by connections that this host
            opens to the broker's relay.
        linger_s: How long a session is kept without a stream.
        calls: How many control calls are handled at once.
    """

    slots: int = Field(4, ge=1, le=1024)
    slot_address: str = "127.0.0.1:0"
    advertised: str = ""
    dial_out: bool = False
    linger_s: float = Field(10.0, ge=0, le=3600)
    calls: int = Field(4, ge=1, le=1024)

    @field_validator("slot_address")
    @classmethod
    def _check_slot_address(cls, value: str) -> str:
        parse_address(value)
        return value

    @model_validator(mode="after")
    def _check_slot_exposure(self) -> Self:
        address = parse_address(self.slot_address)
        if not address.loopback and self.token_file is None and not self.insecure:
            raise InvalidArgumentError(
                "TOKEN_NEEDED",
                f"Slots that listen at {address} let other machines in. Name a file with a token in "
                "SPARRING_TOKEN_FILE, or say --insecure (SPARRING_INSECURE=true) if nobody else reaches this network.",
                address=address,
            )
        return self

    @property
    def slot_host(self) -> str:
        """The host by which others reach the slots."""
        host = self.advertised or parse_address(self.slot_address).host
        return socket.gethostbyname(socket.gethostname()) if host in _ANY else host

    def slot_configuration(
        self, entry: str, search_paths: Sequence[str] = (), options: Mapping[str, Any] | None = None
    ) -> SlotConfiguration:
        """Say what the slots are told.

        Args:
            entry: `module:function` that makes their servers.
            search_paths: Folders put in front of the import path of author code.
            options: What else the entry wants to know.
        """
        files = (self.tls_certificate, self.tls_key, self.tls_authority)
        return SlotConfiguration(
            entry=entry,
            address=self.slot_address,
            plugins=self.plugins,
            search_paths=tuple(search_paths),
            linger_s=self.linger_s,
            token=self.token,
            tls_files=tuple("" if file is None else str(file) for file in files) if any(files) else (),
            options=dict(options or {}),
        )
