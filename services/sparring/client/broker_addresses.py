"""The addresses behind a broker's name: every broker of a deployment, found anew now and then."""

from __future__ import annotations

import asyncio
import socket

from sparring.rpc.addresses import parse_address


async def broker_addresses(broker: str) -> frozenset[str]:
    """Return host:port of every address that the broker's name leads to; the name itself where it leads nowhere now.

    Args:
        broker: host:port, or unix:path.
    """
    address = parse_address(broker)
    if not address.port:
        return frozenset({broker})
    host = broker.rpartition(":")[0].strip("[]")
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, address.port, type=socket.SOCK_STREAM)
    except OSError:
        return frozenset({broker})
    plain = {info[4][0] for info in found}
    # A name with an IPv4 and an IPv6 address is one broker twice; IPv4 is what a port on 127.0.0.1 listens at.
    fours = {host for host in plain if ":" not in str(host)}
    return frozenset(
        f"{host}:{address.port}" if ":" not in str(host) else f"[{host}]:{address.port}" for host in fours or plain
    )
