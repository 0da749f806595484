"""The port of a relay under a flood, and with peers that say nothing."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter

from sparring.rpc.relay.entrance import Bounds, entrance, listen
from sparring.rpc.relay.request import Request, encode_request
from tests.support.eventually import eventually

SOON_S = 10.0


async def closed(request: Request, connection: socket.socket) -> None:
    """Take a connection, and be done with it."""
    await asyncio.get_running_loop().sock_sendall(connection, b"HTTP/1.1 200 OK\r\n\r\n")
    connection.close()


async def test_a_flood_of_connections_leaves_others_their_turn() -> None:
    listener, address = listen("127.0.0.1:0")
    flood = [socket.create_connection(("127.0.0.1", address.port or 0)) for _ in range(40)]
    refused: Counter[int] = Counter()
    turns = 0
    async with entrance(listener, closed, lambda: 0, Bounds(connections=0), refused), asyncio.timeout(SOON_S):
        while refused[503] < len(flood):
            turns += 1
            await asyncio.sleep(0)
    assert turns >= len(flood)
    for connection in flood:
        connection.close()


async def test_who_says_nothing_makes_room_for_who_asks() -> None:
    listener, address = listen("127.0.0.1:0")
    refused: Counter[int] = Counter()
    async with entrance(listener, closed, lambda: 0, Bounds(requests=2, head_s=SOON_S), refused):
        silent = [await asyncio.open_connection("127.0.0.1", address.port) for _ in range(4)]
        await eventually(lambda: refused[503] == 2)
        reader, writer = await asyncio.open_connection("127.0.0.1", address.port)
        writer.write(encode_request("CONNECT", "a" * 32, "session", "a" * 32))
        async with asyncio.timeout(SOON_S):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
            assert (await silent[0][0].readuntil(b"\r\n")).startswith(b"HTTP/1.1 503")
    for _, each in (*silent, (reader, writer)):
        each.close()
