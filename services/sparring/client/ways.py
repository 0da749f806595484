"""Which granted sessions are reached directly, and which through a relay: tried by connecting, once in a while."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from sparring.rpc.addresses import Address, parse_address
from sparring.types.errors import InvalidArgumentError
from sparring.types.plan import Grant

CONNECT_S: Final = 1.0
"""How long a worker may take to be reached directly."""
_KNOWN_S: Final = 30.0
_KNOWN_MOST: Final = 1024


class Ways:
    """What is known of addresses; any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[float, bool]] = OrderedDict()

    def chosen(self, grant: Grant) -> Grant:
        """Return a grant with one way only: its address where that is reached, its relay otherwise.

        Tries to connect, for a second at most, where there is a choice and nothing is known.
        """
        if not (grant.address and grant.relay):
            return grant
        reached = self._recall(grant.address)
        if reached is None:
            reached = reachable(grant.address)
            self._note(grant.address, reached)
        if reached:
            return replace(grant, relay="")
        return replace(grant, address="", authority=grant.authority or _host(grant.address))

    async def learn(self, grants: Iterable[Grant]) -> None:
        """Find out what `chosen` has to know of some grants, so that it need not wait on the event loop."""
        addresses = {grant.address for grant in grants if grant.address and grant.relay}
        unknown = [address for address in addresses if self._recall(address) is None]
        found = await asyncio.gather(*(asyncio.to_thread(reachable, address) for address in unknown))
        for address, reached in zip(unknown, found, strict=True):
            self._note(address, reached)

    def _recall(self, address: str) -> bool | None:
        with self._lock:
            until, reached = self._known.get(address, (0.0, False))
        return reached if time.monotonic() < until else None

    def _note(self, address: str, reached: bool) -> None:
        with self._lock:
            self._known[address] = time.monotonic() + _KNOWN_S, reached
            while len(self._known) > _KNOWN_MOST:
                self._known.popitem(last=False)


def reachable(address: str, within_s: float = CONNECT_S) -> bool:
    """Try to connect."""
    try:
        parsed = parse_address(address)
    except InvalidArgumentError:
        return True  # a name that gRPC resolves by itself
    if parsed.port is None:
        return True
    try:
        with socket.create_connection((parsed.host, parsed.port), within_s):
            return True
    except (OSError, ValueError):  # ValueError: no name that can be looked up
        return False


def proxy_name(relays: Sequence[str]) -> str:
    """Name relays, the first one first, so that gRPC goes on to the next when one is gone.

    Several have to be numbers: gRPC resolves one name only.
    """
    if len(relays) == 1:
        return relays[0]
    numbers = list(dict.fromkeys(number for relay in relays for number in _numbers(relay)))
    fours = [number for number in numbers if not number.startswith("[")]
    if not numbers:
        return relays[0]
    return f"ipv4:{','.join(fours)}" if fours else f"ipv6:{','.join(numbers)}"


def _numbers(relay: str) -> list[str]:
    try:
        parsed = parse_address(relay)
        found = socket.getaddrinfo(parsed.host, parsed.port, type=socket.SOCK_STREAM)
    except (OSError, ValueError, InvalidArgumentError):
        return []
    return [str(Address(str(where[0]), parsed.port)) for *_, where in found]


def _host(address: str) -> str:
    return address.rpartition(":")[0].strip("[]")


WAYS: Final = Ways()
"""What this process knows."""
