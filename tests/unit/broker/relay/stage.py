"""A relay without a broker: books written by hand, a worker that echoes, and raw connections."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sparring.broker.majordomo.messages import Endpoint, Ready, SessionState
from sparring.broker.majordomo.rules import Rules
from sparring.broker.majordomo.session import Session
from sparring.broker.majordomo.worker import Worker
from sparring.broker.relay.relay import Books, Relay
from sparring.rpc.relay.entrance import Bounds, entrance, listen
from sparring.rpc.relay.splicer import Splicer
from sparring.rpc.tasks import Tasks

TOKEN = "ab" * 16
BROKER = "b1"
STREAM = 7
LEASE = f"{BROKER}-{STREAM}"
SOON_S = 10.0

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def head(target: str = TOKEN, password: str | None = None, method: str = "CONNECT", user: str = "session") -> bytes:
    """Write a request as gRPC does."""
    credential = base64.b64encode(f"{user}:{target if password is None else password}".encode()).decode()
    lines = (f"{method} {target}:443 HTTP/1.1", f"Host: {target}:443", f"Proxy-Authorization: Basic {credential}")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


class Stage:
    """What the relay knows, and what happened to it."""

    def __init__(self, echo: str) -> None:
        self.sessions: dict[str, Session] = {}
        self.workers: dict[int, Worker] = {}
        self.news = asyncio.Event()
        self.echo = echo
        self.port = 0
        self.opened: list[asyncio.StreamWriter] = []
        self.relay: Relay

    def open(self, token: str = TOKEN, **more: object) -> Session:
        """Let a session be open, at the worker that echoes unless told otherwise."""
        given: dict[str, object] = {"state": SessionState.EXPECTED, "endpoint": Endpoint(self.echo), **more}
        session = self.sessions[token] = Session(token, "environment", "w1", STREAM, "", "", **given)  # type: ignore[arg-type]
        return session

    def dial_out(self) -> str:
        """Let the worker be one that only dials out; return the key of its lease."""
        ready = Ready("w1", 1, "environment", slots=1, dial_out=True)
        self.workers[STREAM] = Worker(STREAM, ready, heard=0.0, told=0.0)
        return self.relay.invite(LEASE).key

    def end(self, token: str = TOKEN) -> None:
        """Let a session be over."""
        del self.sessions[token]
        self.news.set()

    async def connect(self) -> Connection:
        """Open a connection to the relay."""
        connection = await asyncio.open_connection("127.0.0.1", self.port)
        self.opened.append(connection[1])
        return connection

    async def joined(self, token: str = TOKEN) -> Connection:
        """Open a connection that leads to a session."""
        reader, writer = await self.connect()
        writer.write(head(token))
        async with asyncio.timeout(SOON_S):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        return reader, writer

    async def spare(self, key: str) -> Connection:
        """Open a spare connection."""
        reader, writer = await self.connect()
        writer.write(head(LEASE, key, "SPARE", "lease"))
        async with asyncio.timeout(SOON_S):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        return reader, writer

    async def status(self, data: bytes, *, end: bool = False) -> int:
        """Send anything, and return the status that it gets; 0 for none."""
        reader, writer = await self.connect()
        try:
            writer.write(data)
            if end:
                writer.write_eof()
            async with asyncio.timeout(SOON_S):
                answer = await reader.read(65536)
            return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else 0
        finally:
            writer.close()


@asynccontextmanager
async def staged(
    bounds: Bounds | None = None, patience_s: float = 0.0, rules: Rules | None = None
) -> AsyncIterator[Stage]:
    """Serve a relay for the length of the block."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    stage = Stage(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
    listener, address = listen("127.0.0.1:0")
    stage.port = address.port or 0
    books = Books(rules or Rules(), stage.sessions.get, stage.workers.get, lambda name: None)
    with Splicer("test") as splicer:
        relay = stage.relay = Relay(books, splicer, BROKER, stage.port, stage.news, patience_s)
        async with (
            Tasks() as beside,
            entrance(listener, relay.serve, relay.connections, bounds or Bounds(head_s=SOON_S), relay.refused),
        ):
            beside.start(relay.sweep(), "sweep")
            try:
                yield stage
            finally:
                relay.close()
    for writer in stage.opened:
        writer.close()
    for writer in stage.opened:
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    server.close()
    await server.wait_closed()


async def echoed(connection: Connection, data: bytes) -> bytes:
    """Send something through, and return what comes back."""
    reader, writer = connection
    writer.write(data)
    async with asyncio.timeout(SOON_S):
        await writer.drain()
        return await reader.readexactly(len(data))
