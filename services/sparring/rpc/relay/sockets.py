"""Plain sockets on an event loop, each wait with a deadline: before two of them are joined."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from http import HTTPStatus
from typing import Final

from sparring.rpc.addresses import parse_address
from sparring.rpc.relay.request import MAX_HEAD_BYTES, Refusal, Request, end_of_head, parse_request, parse_status
from sparring.types.errors import InvalidArgumentError

HEAD_S: Final = 5.0
"""How long a request may take to come in."""
DIAL_S: Final = 5.0
_LINGER_S: Final = 0.5
_LINGER_BYTES: Final = 64 << 10
_KEEPALIVE: Final = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))


def prepare(connection: socket.socket) -> None:
    """Let small messages go out at once, and let the system notice a peer that is gone without a word."""
    connection.setblocking(False)
    with contextlib.suppress(OSError):  # it may be broken already: the next use tells
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for name, value in _KEEPALIVE:
                if hasattr(socket, name):
                    connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def dial(address: str, within_s: float = DIAL_S) -> socket.socket:
    """Connect to host:port or unix:path.

    Raises:
        Refusal: 502, it cannot be reached; 504, it does not answer.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(within_s):
            place = parse_address(address)
            if place.port is None:
                return await _connected(loop, socket.AF_UNIX, place.host)
            failed: OSError = OSError(errno.EHOSTUNREACH, "no address")
            for family, _, _, _, where in await loop.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM):
                try:
                    return await _connected(loop, family, where)
                except OSError as error:
                    failed = error
            raise failed
    except TimeoutError:
        raise Refusal(HTTPStatus.GATEWAY_TIMEOUT, "The worker does not answer.") from None
    except (OSError, ValueError, InvalidArgumentError) as error:  # ValueError: no name that can be looked up
        raise Refusal(HTTPStatus.BAD_GATEWAY, "The worker cannot be reached.") from error


async def read_request(connection: socket.socket, within_s: float | None = HEAD_S, received: bytes = b"") -> Request:
    """Read one request.

    Args:
        connection: Where it comes from.
        within_s: How long it may take; None: as long as it likes.
        received: What was read of it already.

    Raises:
        Refusal: It is not good, or did not come in time.
    """
    try:
        async with asyncio.timeout(within_s):
            head, early = await _read_head(connection, received)
    except TimeoutError:
        raise Refusal(HTTPStatus.REQUEST_TIMEOUT, "The request did not come in time.") from None
    return parse_request(head, early)


async def ask(connection: socket.socket, request: bytes, within_s: float) -> bytes:
    """Send a request, and return what comes behind the answer that accepts it.

    Raises:
        Refusal: 502, it was refused, or is no relay; 504, nothing came in time.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(within_s):
            await loop.sock_sendall(connection, request)
            head, early = await _read_head(connection)
    except TimeoutError:
        raise Refusal(HTTPStatus.GATEWAY_TIMEOUT, "The other side does not answer.") from None
    except (OSError, Refusal) as error:
        raise Refusal(HTTPStatus.BAD_GATEWAY, "The other side has hung up.") from error
    status = parse_status(head)
    if status != HTTPStatus.OK:
        raise Refusal(HTTPStatus.BAD_GATEWAY, f"The other side refuses: {status or 'no answer of HTTP'}.")
    return early


async def say(connection: socket.socket, data: bytes, within_s: float = HEAD_S) -> None:
    """Send something.

    Raises:
        OSError: It is not taken; TimeoutError is one.
    """
    async with asyncio.timeout(within_s):
        await asyncio.get_running_loop().sock_sendall(connection, data)


async def refuse(connection: socket.socket, refusal: Refusal) -> None:
    """Answer with a status, and let the other side read it before the connection goes."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(OSError):
        async with asyncio.timeout(_LINGER_S):
            await loop.sock_sendall(connection, refusal.encode())
            connection.shutdown(socket.SHUT_WR)
            # What is unread when a socket is closed makes the system throw away what was written, too.
            left = _LINGER_BYTES
            while left > 0 and (read := await loop.sock_recv(connection, left)):
                left -= len(read)


async def _connected(loop: asyncio.AbstractEventLoop, family: int, where: object) -> socket.socket:
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        prepare(connection)
        await loop.sock_connect(connection, where)  # type: ignore[arg-type]
    except BaseException:
        connection.close()
        raise
    return connection


async def _read_head(connection: socket.socket, received: bytes = b"") -> tuple[bytes, bytes]:
    loop = asyncio.get_running_loop()
    while not (end := end_of_head(received)):
        try:
            read = await loop.sock_recv(connection, MAX_HEAD_BYTES)
        except OSError as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, "The connection broke.") from error
        if not read:
            raise Refusal(HTTPStatus.BAD_REQUEST, "The request ended in the middle.")
        received += read
    return received[:end], received[end:]
