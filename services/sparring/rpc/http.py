"""The second, plaintext port of a service: `/healthz`, `/readyz` and `/metrics` for probes and Prometheus."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Final, NamedTuple

from sparring.rpc.addresses import Address, why_not_bindable
from sparring.rpc.health import Health
from sparring.rpc.metrics import Metrics
from sparring.rpc.tasks import Tasks
from sparring.types.errors import FailedPreconditionError

_MAX_REQUEST_BYTES: Final = 8192
_MAX_CONNECTIONS: Final = 64
_WITHIN_S: Final = 5.0
_TEXT: Final = "text/plain; charset=utf-8"
_PROMETHEUS: Final = "text/plain; version=0.0.4; charset=utf-8"


class _Answer(NamedTuple):
    status: HTTPStatus
    body: bytes
    content_type: str = _TEXT


@contextlib.asynccontextmanager
async def serving(address: Address, health: Health, metrics: Metrics) -> AsyncIterator[int]:
    """Serve the three pages for the length of the block; yields the port.

    Every answer closes its connection. A request has 5 s and 8 KiB; at most 64 are answered at once.

    Raises:
        FailedPreconditionError: ADDRESS_NOT_BINDABLE.
    """
    async with Tasks() as connections:

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if len(connections) >= _MAX_CONNECTIONS:
                writer.close()
            else:
                connections.start(_converse(reader, writer, health, metrics), f"http {address}")

        try:
            listener = await asyncio.start_server(connected, address.host, address.port, limit=_MAX_REQUEST_BYTES)
        except OSError as error:
            raise FailedPreconditionError(
                "ADDRESS_NOT_BINDABLE",
                f"Cannot serve HTTP at {address}: {why_not_bindable(address)}. Choose another address, or 0 as port.",
                address=address,
            ) from error
        try:
            yield int(listener.sockets[0].getsockname()[1])
        finally:
            listener.close()


async def _converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, health: Health, metrics: Metrics
) -> None:
    """Answer one request; whatever a peer sends or leaves out ends in a closed connection."""
    try:
        async with asyncio.timeout(_WITHIN_S):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.LimitOverrunError:
                head = b""
            method, answer = _answer(head, health, metrics)
            writer.write(_encode_head(answer) + (b"" if method == b"HEAD" else answer.body))
            await writer.drain()
    except (TimeoutError, OSError, asyncio.IncompleteReadError):
        return
    finally:
        writer.close()


def _answer(head: bytes, health: Health, metrics: Metrics) -> tuple[bytes, _Answer]:
    words = head.split(b"\r\n", 1)[0].split(b" ")
    if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
        return b"GET", _Answer(HTTPStatus.BAD_REQUEST, b"not an HTTP/1 request, or longer than 8 KiB\n")
    method, target, _ = words
    if method not in (b"GET", b"HEAD"):
        return method, _Answer(HTTPStatus.METHOD_NOT_ALLOWED, b"only GET and HEAD\n")
    match target.partition(b"?")[0]:
        case b"/healthz":
            return method, _healthz(health)
        case b"/readyz":
            return method, _readyz(health)
        case b"/metrics":
            return method, _Answer(HTTPStatus.OK, metrics.text(), _PROMETHEUS)
        case _:
            return method, _Answer(HTTPStatus.NOT_FOUND, b"there are /healthz, /readyz and /metrics\n")


def _healthz(health: Health) -> _Answer:
    if health.serving:
        return _Answer(HTTPStatus.OK, b"SERVING\n")
    return _Answer(HTTPStatus.SERVICE_UNAVAILABLE, b"NOT_SERVING\n")


def _readyz(health: Health) -> _Answer:
    missing = health.not_serving if health.serving else ("everything", *health.not_serving)
    if not missing:
        return _Answer(HTTPStatus.OK, b"SERVING\n")
    return _Answer(HTTPStatus.SERVICE_UNAVAILABLE, "".join(f"NOT_SERVING {name}\n" for name in missing).encode())


def _encode_head(answer: _Answer) -> bytes:
    return (
        f"HTTP/1.1 {answer.status.value} {answer.status.phrase}\r\n"
        f"Content-Type: {answer.content_type}\r\n"
        f"Content-Length: {len(answer.body)}\r\n"
        "Cache-Control: no-store\r\n"
        "Connection: close\r\n\r\n"
    ).encode("ascii")
