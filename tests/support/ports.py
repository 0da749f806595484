"""Ports for servers that are ended and begun again at the same address."""

from __future__ import annotations

import random
import socket
from typing import Final

_RANGE: Final = range(20_000, 32_000)
_ATTEMPTS: Final = 100


def lasting_port(host: str = "127.0.0.1") -> int:
    """Return a port that nobody listens at, and that stays free while its server is away.

    It lies below the ports that the system gives to outgoing connections: one of those may be taken by the very client
    that tries to reach the server that was killed, and then the new server cannot have it.
    """
    for _ in range(_ATTEMPTS):
        port = random.choice(_RANGE)
        with socket.socket() as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"{_ATTEMPTS} ports in {_RANGE} are taken")
