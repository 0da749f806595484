"""The port of a relay: takes connections in, reads what each asks for, and answers; nothing lasts without a bound."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeAlias

from sparring.rpc.addresses import Address, parse_address, why_not_bindable
from sparring.rpc.relay.request import Refusal, Request
from sparring.rpc.relay.sockets import HEAD_S, prepare, read_request, refuse
from sparring.rpc.tasks import Tasks
from sparring.types.errors import FailedPreconditionError

BACKLOG: Final = 512
_PAUSE_S: Final = 0.05
_BUSY: Final = Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "The relay has no room for another connection now.")

Serve: TypeAlias = Callable[[Request, socket.socket], Awaitable[None]]
"""Answers a request and takes the connection over; raises Refusal where it is refused, and has not taken it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bounds:
    """What an entrance allows.

    Attributes:
        requests: Connections at once whose request is being read or answered.
        connections: Connections at once, those included that were joined or are kept.
        head_s: How long a request may take to come in.
    """

    requests: int = 256
    connections: int = 2048
    head_s: float = HEAD_S


def listen(address: str) -> tuple[socket.socket, Address]:
    """Listen at host:port; port 0 lets the system choose.

    Returns:
        The socket, and the address that was bound.

    Raises:
        FailedPreconditionError: ADDRESS_NOT_BINDABLE.
        InvalidArgumentError: BAD_ADDRESS.
    """
    wanted = parse_address(address)
    family = socket.AF_INET6 if ":" in wanted.host else socket.AF_INET
    try:
        listener = socket.create_server((wanted.host, wanted.port or 0), family=family, backlog=BACKLOG)
    except OSError as error:
        why = why_not_bindable(wanted)
        raise FailedPreconditionError(
            "ADDRESS_NOT_BINDABLE", f"The relay cannot listen at {wanted}: {why}.", address=wanted
        ) from error
    listener.setblocking(False)
    return listener, wanted.with_port(listener.getsockname()[1])


@contextlib.asynccontextmanager
async def entrance(
    listener: socket.socket,
    serve: Serve,
    connections: Callable[[], int],
    bounds: Bounds,
    refused: Counter[int] | None = None,
) -> AsyncIterator[None]:
    """Serve for the length of the block; the listener is closed with it.

    Args:
        listener: See `listen`.
        serve: Answers a request.
        connections: How many connections there are besides those that are being answered.
        bounds: What is allowed.
        refused: Counts refusals by their status.
    """
    refused = Counter() if refused is None else refused
    async with Tasks() as tasks:
        tasks.start(_accept(listener, serve, connections, bounds, refused), "relay")
        try:
            yield
        finally:
            listener.close()


async def _accept(
    listener: socket.socket, serve: Serve, connections: Callable[[], int], bounds: Bounds, refused: Counter[int]
) -> None:
    loop = asyncio.get_running_loop()
    unread: set[socket.socket] = set()
    reading: dict[socket.socket, asyncio.Task[None]] = {}
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(_close, unread)
        answering = await stack.enter_async_context(Tasks())
        while True:
            await asyncio.sleep(0)  # taking in what waits already does not: others have their turn in a flood
            try:
                connection, _ = await loop.sock_accept(listener)
            except OSError as error:  # no descriptors left, or the peer is gone already
                if listener.fileno() < 0:
                    return
                _log.warning("the relay cannot take in a connection: %s", error)
                await asyncio.sleep(_PAUSE_S)
                continue
            prepare(connection)
            if len(answering) >= bounds.requests or len(answering) + connections() >= bounds.connections:
                refused[_BUSY.status] += 1
                if not reading:
                    _say_busy(connection)
                    connection.close()
                    continue
                # Who has not asked for anything yet makes room, so that silence keeps nobody out.
                silent, task = next(iter(reading.items()))
                del reading[silent]
                _say_busy(silent)
                task.cancel()
            unread.add(connection)
            answering.start(_answer(connection, serve, bounds, unread, reading, refused), "relay request")


def _say_busy(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.send(_BUSY.encode())


def _close(connections: set[socket.socket]) -> None:
    for connection in connections:
        connection.close()


async def _answer(
    connection: socket.socket,
    serve: Serve,
    bounds: Bounds,
    unread: set[socket.socket],
    reading: dict[socket.socket, asyncio.Task[None]],
    refused: Counter[int],
) -> None:
    taken = False
    unread.discard(connection)
    task = asyncio.current_task()
    assert task is not None
    reading[connection] = task
    try:
        request = await read_request(connection, bounds.head_s)
        reading.pop(connection, None)
        await serve(request, connection)
        taken = True
    except Refusal as refusal:
        refused[refusal.status] += 1
        await refuse(connection, refusal)
    except OSError:
        pass  # the peer went away meanwhile
    finally:
        reading.pop(connection, None)
        if not taken:
            connection.close()
