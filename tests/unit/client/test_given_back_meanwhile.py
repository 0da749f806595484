"""Sessions that are given back while somebody is being joined to them: nobody is left joined to the worker."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest

from sparring.client import spliced_slots as module
from sparring.client.relay_spares import SpareConnections
from sparring.client.spliced_slots import SplicedSlots, spliced_slots
from sparring.rpc.relay.request import ACCEPTED, encode_request
from sparring.rpc.relay.sockets import say
from sparring.rpc.relay.splicer import Splicer
from sparring.rpc.relay.tunnels import Tunnels
from sparring.rpc.tasks import Tasks
from tests.support.eventually import eventually

TOKEN = "ab" * 16
ASKED = encode_request("CONNECT", TOKEN, "session", TOKEN)
SOON_S = 10.0


@pytest.fixture
async def target() -> AsyncIterator[str]:
    """A server that says nothing, and waits for the end."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_behind_a_splice(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def told(connection: socket.socket, data: bytes) -> None:
        await say(connection, data)
        await slots.withdraw(TOKEN)

    monkeypatch.setattr(module, "say", told)
    async with spliced_slots(target) as slots:
        assert isinstance(slots, SplicedSlots)
        slots.capacity = 1
        await slots.admit(TOKEN, "", time.time() + 60, "")
        reader, writer = await asyncio.open_connection(*slots.relay.split(":"))
        writer.write(ASKED)
        async with asyncio.timeout(SOON_S):
            assert await reader.read() == ACCEPTED
        assert len(slots.tunnels) == 0
        writer.close()


async def test_by_a_spare_connection(target: str) -> None:
    places = iter([target])
    said: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ACCEPTED + (b"" if said.done() else ASKED))
        answer = await reader.read()
        if not said.done():
            said.set_result(answer)
        writer.close()

    with Splicer("test") as splicer:
        tunnels = Tunnels(splicer)
        async with await asyncio.start_server(relay, "127.0.0.1", 0) as server, Tasks() as tasks:
            address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
            spares = SpareConnections(address, "lease", "key", lambda token: next(places, None), tunnels, 1)
            tasks.start(spares.run(), "spares")
            async with asyncio.timeout(SOON_S):
                assert await said == ACCEPTED
            assert len(tunnels) == 0


async def test_a_clock_that_is_wrong_keeps_no_slot_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with Splicer("test") as splicer:
        slots = SplicedSlots("127.0.0.1:1", Tunnels(splicer))
        slots.capacity = 1
        await slots.admit(TOKEN, "", time.time() + 10**6, "")
        later = time.monotonic() + module.EXPECT_MOST_S
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: later))
        async with Tasks() as tasks:
            tasks.start(slots.watch(), "watch")
            await eventually(lambda: not slots.sessions())
