"""Workers that only dial out: their spare connections are kept, used once, and dropped when they break."""

import asyncio

from sparring.broker.relay.spares import PER_WORKER
from tests.support.eventually import eventually
from tests.unit.broker.relay.stage import LEASE, SOON_S, STREAM, Connection, Stage, echoed, head, staged


async def answered(spare: Connection) -> bytes:
    """Be the worker: take what the relay asks for, and accept it."""
    async with asyncio.timeout(SOON_S):
        asked = await spare[0].readuntil(b"\r\n\r\n")
    spare[1].write(b"HTTP/1.1 200 OK\r\n\r\n")
    return asked


async def kept(stage: Stage, count: int) -> None:
    await eventually(lambda: stage.relay.connections() == count)


async def test_a_session_is_joined_to_a_spare_connection() -> None:
    async with staged() as stage:
        stage.open(endpoint=None)
        spare = await stage.spare(stage.dial_out())
        await kept(stage, 1)
        joining = asyncio.create_task(stage.joined())
        asked = await answered(spare)
        assert asked.split()[:2] == head().replace(b":443", b"").split()[:2]
        reader, writer = await joining
        writer.write(b"ping")
        async with asyncio.timeout(SOON_S):
            assert await spare[0].readexactly(4) == b"ping"
            spare[1].write(b"pong")
            assert await reader.readexactly(4) == b"pong"


async def test_a_session_waits_for_the_worker_to_dial_another_one() -> None:
    async with staged() as stage:
        stage.open(endpoint=None)
        key = stage.dial_out()
        joining = asyncio.create_task(stage.joined())
        await answered(await stage.spare(key))
        await joining


async def test_a_spare_that_breaks_or_speaks_unasked_is_dropped_and_the_next_is_taken() -> None:
    async with staged() as stage:
        stage.open(endpoint=None)
        key = stage.dial_out()
        spares = [await stage.spare(key) for _ in range(3)]
        await kept(stage, 3)
        spares[0][1].close()
        await kept(stage, 2)
        spares[1][1].write(b"hello?")
        await kept(stage, 1)
        joining = asyncio.create_task(stage.joined())
        await answered(spares[2])
        await joining


async def test_a_worker_that_refuses_or_says_nonsense_leaves_the_client_with_one_status() -> None:
    async with staged() as stage:
        stage.open(endpoint=None)
        key = stage.dial_out()
        for answer in (b"HTTP/1.1 404 Not Found\r\n\r\n", b"what?\r\n\r\n", b"", b"HTTP/1.1 503 Busy\r\n\r\n"):
            spare = await stage.spare(key)
            await kept(stage, 1)
            asking = asyncio.create_task(stage.status(head()))
            async with asyncio.timeout(SOON_S):
                await spare[0].readuntil(b"\r\n\r\n")
            spare[1].write(answer)
            spare[1].close()
            good = await stage.spare(key)
            await answered(good)
            assert await asking == 200
            good[1].close()
            await kept(stage, 0)


async def test_one_worker_keeps_a_bounded_number_of_spares_and_loses_them_with_its_lease() -> None:
    async with staged() as stage:
        key = stage.dial_out()
        spares = [await stage.spare(key) for _ in range(PER_WORKER)]
        await kept(stage, PER_WORKER)
        assert await stage.status(head(LEASE, key, "SPARE", "lease")) == 503
        assert await stage.status(head(LEASE, "0" * 64, "SPARE", "lease")) == 403
        del stage.workers[STREAM]
        stage.news.set()
        await kept(stage, 0)
        async with asyncio.timeout(SOON_S):
            assert await spares[0][0].read() == b""
        assert await stage.status(head(LEASE, key, "SPARE", "lease")) == 403


async def test_bytes_pass_both_ways_at_once_without_loss() -> None:
    async with staged() as stage:
        stage.open()
        data = bytes(range(256)) * 32768
        assert await echoed(await stage.joined(), data) == data
