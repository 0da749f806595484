"""The addresses behind a broker's name: every broker of a deployment, found anew now and then."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from sparring.rpc.addresses import Address, parse_address
from sparring.types.errors import InvalidArgumentError


def broker_list(broker: str) -> tuple[str, ...]:
    """Return the addresses that a setting names: one, or several numbers separated by commas.

    Names are resolved by whoever connects, again and again, so that one name may lead to many brokers, which come and
    go. Several names at once are refused: what they lead to could not be followed.

    Raises:
        InvalidArgumentError: BAD_ADDRESS.
    """
    found = tuple(dict.fromkeys(part.strip() for part in broker.split(",")))
    kinds = {_kind(parse_address(part)) for part in found}
    if len(found) > 1 and (len(kinds) > 1 or None in kinds):
        raise InvalidArgumentError(
            "BAD_ADDRESS",
            f"{broker!r} cannot be followed: several brokers are named by their numbers, all IPv4 or all IPv6, with "
            "commas between them, or by one name that leads to all of them.",
            address=broker,
        )
    return found


async def broker_addresses(broker: str) -> frozenset[str]:
    """Return host:port of every address that the broker's name leads to; the name itself where it leads nowhere now.

    Args:
        broker: host:port, unix:path, or several numbers, see `broker_list`.

    Raises:
        InvalidArgumentError: BAD_ADDRESS.
    """
    names = broker_list(broker)
    if len(names) > 1:
        return frozenset(names)
    address = parse_address(broker)
    if not address.port:
        return frozenset({broker})
    host = broker.rpartition(":")[0].strip("[]")
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, address.port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):  # ValueError: no name that can be looked up
        return frozenset({broker})
    plain = {info[4][0] for info in found}
    # A name with an IPv4 and an IPv6 address is one broker twice; IPv4 is what a port on 127.0.0.1 listens at.
    fours = {host for host in plain if ":" not in str(host)}
    return frozenset(
        f"{host}:{address.port}" if ":" not in str(host) else f"[{host}]:{address.port}" for host in fours or plain
    )


def _kind(address: Address) -> int | None:
    """Return 4 or 6 for a number, None for a name or a path."""
    try:
        return ipaddress.ip_address(address.host).version
    except ValueError:
        return None
