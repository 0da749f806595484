"""Whatever bytes come to the relay's port: their sender gets one status, and everybody else is served."""

from __future__ import annotations

import asyncio
import random
import socket

import pytest

from sparring.rpc.relay.entrance import Bounds
from sparring.rpc.relay.request import MAX_HEAD_BYTES, SPARE
from tests.support.eventually import eventually
from tests.unit.broker.relay.stage import LEASE, SOON_S, TOKEN, echoed, head, staged

SEEDS = 4
CASES = 10_000
SENDERS = 4
STATUSES = {400, 403, 404, 405, 407, 431}

_BREAKS = (b"\r\n", b"\n", b"\r", b"\0", b":", b" ", b"\t", b"\xff", b"\r\n\r\n")


def case(chance: random.Random) -> bytes:
    """Make up what somebody sends; never the request of a session that there is."""
    kind = chance.randrange(8)
    if kind == 0:
        return chance.randbytes(chance.randrange(64))
    if kind == 1:
        return chance.randbytes(chance.randrange(4 * MAX_HEAD_BYTES)) + b"\r\n\r\n"
    if kind == 2:
        return b"CONNECT " + b"a" * chance.randrange(2 * MAX_HEAD_BYTES) + chance.choice(_BREAKS) * 2
    if kind == 3:
        return head(f"{chance.getrandbits(128):032x}", *((TOKEN,) if chance.random() < 0.5 else ()))
    if kind == 4:
        return head(LEASE, f"{chance.getrandbits(256):064x}", SPARE, "lease")
    if kind == 5:
        method = chance.choice((b"GET", b"POST", b"PRI", b"OPTIONS", b"connect", b"CONNECTX"))
        return method + b" " + chance.choice((b"/", b"*", b"http://127.0.0.1/", TOKEN.encode())) + b" HTTP/1.1\r\n\r\n"
    if kind == 6:
        return head()[: chance.randrange(len(head()) - 1)]
    mutated = bytearray(head(f"{chance.getrandbits(128):032x}"))
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(mutated))
        mutated[at : at + chance.randrange(3)] = chance.choice((chance.randbytes(1), chance.choice(_BREAKS), b""))
    return bytes(mutated)


def answers(port: int, seed: int, cases: int) -> list[tuple[bytes, bytes]]:
    """Send all cases of a seed, each over a connection of its own; return those whose answer is not one status."""
    chance = random.Random(seed)
    wrong = []
    for _ in range(cases):
        sent = case(chance)
        with socket.create_connection(("127.0.0.1", port), SOON_S) as connection:
            answer = b""
            try:
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
                while read := connection.recv(4096):
                    answer += read
            except ConnectionError:
                pass  # refused before all was read: then the status may be all there was time for
        lines = answer.split(b"\r\n")
        status = int(lines[0].split()[1]) if lines[0].startswith(b"HTTP/1.1 ") else 0
        if status not in STATUSES or answer.count(b"HTTP/1.1 ") != 1:
            wrong.append((sent, answer))
    return wrong


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_any_bytes_get_one_status_and_harm_nobody(seed: int) -> None:
    async with staged(Bounds(head_s=SOON_S)) as stage:
        stage.open()
        stage.dial_out()
        bystander = await stage.joined()
        each = CASES // SENDERS
        sending = [asyncio.to_thread(answers, stage.port, SENDERS * seed + sender, each) for sender in range(SENDERS)]
        for wrong in await asyncio.gather(*sending):
            assert wrong == []
        assert await echoed(bystander, b"unharmed") == b"unharmed"
        assert await echoed(await stage.joined(), b"served") == b"served"
        await eventually(lambda: stage.relay.connections() == 2)


async def test_any_bytes_over_a_joined_connection_reach_the_worker_as_they_are() -> None:
    chance = random.Random(1)
    async with staged() as stage:
        stage.open()
        bystander = await stage.joined()
        for _ in range(60):
            reader, writer = await stage.joined()
            sent = chance.randbytes(chance.choice((1, 100, 70_000, 600_000)))
            if chance.random() < 0.5:
                assert await echoed((reader, writer), sent) == sent
                writer.close()
            else:
                writer.write(sent)
                writer.transport.abort()  # gone in the middle
            await eventually(lambda: stage.relay.connections() == 1)
        assert await echoed(bystander, b"unharmed") == b"unharmed"
