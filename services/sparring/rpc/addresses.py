"""Addresses that services listen at: `host:port`, `[ipv6]:port` or `unix:path`."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

from sparring.types.errors import InvalidArgumentError


@dataclass(frozen=True)
class Address:
    """A parsed address; `str()` gives what gRPC takes.

    Attributes:
        host: name or number, without brackets; a path for a Unix socket.
        port: 0 lets the system choose; None for a Unix socket.
    """

    host: str
    port: int | None

    def __str__(self) -> str:
        if self.port is None:
            return f"unix:{self.host}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether only processes of this machine can reach it."""
        if self.port is None or self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def with_port(self, port: int) -> Address:
        """Return the address with the port that was bound in the end."""
        return Address(self.host, None if self.port is None else port)


def parse_address(text: str) -> Address:
    """Parse an address.

    Raises:
        InvalidArgumentError: BAD_ADDRESS.
    """
    if text.startswith("unix:") and len(text) > len("unix:"):
        return Address(text.removeprefix("unix:"), None)
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    right = colon and host and port.isascii() and port.isdecimal() and len(port) <= 5 and int(port) <= 65535
    if not right or (":" in host and not bracketed) or any(character.isspace() for character in host):
        raise InvalidArgumentError(
            "BAD_ADDRESS", f"{text!r} is not an address; write host:port, [ipv6]:port or unix:path.", address=text
        )
    return Address(host, int(port))


def why_not_bindable(address: Address) -> str:
    """Say in words why an address could not be bound, by trying it once more with a plain socket."""
    if address.port is None:
        return "the path of the socket is taken, or its folder cannot be written"
    try:
        with socket.create_server((address.host, address.port), family=_family(address.host), reuse_port=False):
            return "it was taken a moment ago"
    except OSError as error:
        return (error.strerror or str(error)).lower()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
