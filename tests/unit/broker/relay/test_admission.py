"""Who is let through to a session, and what everybody else is told."""

import asyncio
import socket

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from sparring.broker.majordomo.messages import Endpoint, SessionState
from sparring.broker.relay import relay as module
from sparring.broker.relay.metrics import RelayCollector
from sparring.rpc.relay.entrance import Bounds
from sparring.rpc.relay.request import MAX_HEAD_BYTES
from sparring.rpc.relay.sockets import dial, say
from sparring.rpc.relay.tunnels import PER_SESSION
from tests.support.eventually import eventually
from tests.unit.broker.relay.stage import SOON_S, TOKEN, echoed, head, staged

OTHER = "cd" * 16


async def test_whoever_shows_the_token_of_a_session_is_joined_to_its_worker() -> None:
    async with staged() as stage:
        stage.open()
        connection = await stage.joined()
        assert await echoed(connection, b"PRI * HTTP/2.0\r\n\r\n") == b"PRI * HTTP/2.0\r\n\r\n"
        connection[1].close()
        await eventually(lambda: stage.relay.connections() == 0)


async def test_what_comes_behind_the_request_at_once_is_not_lost() -> None:
    async with staged() as stage:
        stage.open()
        reader, writer = await stage.connect()
        writer.write(head() + b"early")
        async with asyncio.timeout(SOON_S):
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(5) == b"early"
        writer.close()


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (head(OTHER), 404),
        (head(TOKEN, OTHER), 403),
        (head(OTHER, TOKEN), 403),
        (b"CONNECT %s:443 HTTP/1.1\r\n\r\n" % TOKEN.encode(), 407),
        (b"CONNECT %s HTTP/1.1\r\nProxy-Authorization: Bearer abc\r\n\r\n" % TOKEN.encode(), 407),
        (b"CONNECT %s HTTP/1.1\r\nProxy-Authorization: Basic !!!\r\n\r\n" % TOKEN.encode(), 400),
        (b"CONNECT %s HTTP/1.1\r\nProxy-Authorization: Basic YWJj\r\n\r\n" % TOKEN.encode(), 400),
        (head() [:-2] + b"Proxy-Authorization: Basic YTpi\r\n\r\n", 400),
        (b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nProxy-Authorization: Basic YTpi\r\n\r\n", 400),
        (b"CONNECT example.org:443 HTTP/1.1\r\nProxy-Authorization: Basic YTpi\r\n\r\n", 400),
        (b"CONNECT [::1]:443 HTTP/1.1\r\nProxy-Authorization: Basic YTpi\r\n\r\n", 400),
        (b"CONNECT %s:22 HTTP/1.1\r\n\r\n" % TOKEN.encode(), 400),
        (b"GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n", 405),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"CONNECT " + b"a" * MAX_HEAD_BYTES, 431),
        (b"CONNECT\r\n\r\n", 400),
        (b"CONNECT \xff HTTP/1.1\r\n\r\n", 400),
        (b"CONNECT a HTTP/1.1\r\nno header\r\n\r\n", 400),
        (head("b1-7", "ab" * 32, "SPARE", "lease"), 403),
        (head("b2-7", "ab" * 32, "SPARE", "lease"), 403),
    ],
)  # fmt: skip
async def test_everybody_else_is_told_why_once(asked: bytes, status: int) -> None:
    async with staged() as stage:
        stage.open()
        assert await stage.status(asked) == status
        assert stage.relay.connections() == 0
        assert stage.relay.refused == {status: 1}


async def test_a_request_that_ends_in_the_middle_and_one_that_takes_too_long_are_refused() -> None:
    async with staged(Bounds(head_s=0.05)) as stage:
        assert await stage.status(head()[:-5], end=True) == 400
        assert await stage.status(head()[:-5]) == 408
        assert await stage.status(b"") == 408


@pytest.mark.parametrize(
    "how",
    [
        {"bundle": 3},
        {"released": True},
        {"expires": 0.001},
    ],
    ids=["not granted yet", "released", "not started in time"],
)
async def test_a_session_that_is_not_to_be_started_is_not_found(how: dict[str, object]) -> None:
    async with staged() as stage:
        stage.open(**how)
        assert await stage.status(head()) == 404


async def test_a_session_that_runs_is_reached_again_long_after_its_grant_has_lapsed() -> None:
    async with staged() as stage:
        stage.open(expires=0.001, state=SessionState.SUSPENDED)
        assert await echoed(await stage.joined(), b"again") == b"again"


@pytest.mark.parametrize(
    ("endpoint", "status"),
    [
        (None, 502),
        (Endpoint("127.0.0.1:1"), 502),
        (Endpoint("nonsense"), 502),
        (Endpoint("", "127.0.0.1:1"), 502),
        (Endpoint(f"{'a' * 64}.example:80"), 502),
        (Endpoint("nul\0:80"), 502),
        (Endpoint("unix:/run/some.sock"), 502),
    ],
)
async def test_a_worker_that_cannot_be_reached_is_told(endpoint: Endpoint | None, status: int) -> None:
    async with staged() as stage:
        stage.open(endpoint=endpoint)
        assert await stage.status(head()) == status


async def test_a_restarted_broker_waits_a_moment_for_workers_to_tell_of_their_sessions() -> None:
    async with staged(patience_s=SOON_S) as stage:
        joining = asyncio.create_task(stage.joined())
        await eventually(lambda: len(asyncio.all_tasks()) > 1)
        stage.open()
        assert await echoed(await joining, b"known") == b"known"


async def test_the_connections_of_a_session_and_of_all_have_a_bound() -> None:
    async with staged() as stage:
        stage.open()
        held = [await stage.joined() for _ in range(PER_SESSION)]
        assert await stage.status(head()) == 503
        held.pop()[1].close()
        await eventually(lambda: stage.relay.connections() == PER_SESSION - 1)
        assert await echoed(await stage.joined(), b"room") == b"room"


async def test_where_there_is_no_room_for_another_connection_that_one_is_told_and_the_others_go_on() -> None:
    async with staged(Bounds(requests=2, connections=3, head_s=SOON_S)) as stage:
        stage.open()
        first = await stage.joined()
        waiting = [await stage.connect() for _ in range(3)]  # nobody says a word

        async def told() -> bytes:
            return await next(asyncio.as_completed([reader.readuntil(b"\r\n") for reader, _ in waiting]))

        async with asyncio.timeout(SOON_S):
            assert b" 503 " in await told()
        assert await echoed(first, b"unharmed") == b"unharmed"


async def test_a_session_that_ends_while_its_worker_is_reached_is_not_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    async with staged() as stage:
        session = stage.open()

        async def reached(address: str) -> socket.socket:
            session.released = True
            return await dial(address)

        monkeypatch.setattr(module, "dial", reached)
        assert await stage.status(head()) == 404
        assert stage.relay.connections() == 0


async def test_a_session_that_ends_while_its_client_is_told_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    async with staged() as stage:
        stage.open()

        async def told(connection: socket.socket, data: bytes) -> None:
            del stage.sessions[TOKEN]  # and the news of it were dealt with already
            await say(connection, data)

        monkeypatch.setattr(module, "say", told)
        reader, _ = await stage.joined()
        async with asyncio.timeout(SOON_S):
            assert await reader.read() == b""


async def test_connections_end_with_their_session() -> None:
    async with staged() as stage:
        stage.open()
        stage.open(OTHER)
        reader, _ = await stage.joined()
        other = await stage.joined(OTHER)
        stage.end()
        async with asyncio.timeout(SOON_S):
            assert await reader.read() == b""
        assert await echoed(other, b"goes on") == b"goes on"
        assert await stage.status(head()) == 404


async def test_what_goes_through_and_what_was_refused_is_counted() -> None:
    async with staged() as stage:
        stage.open()
        await stage.spare(stage.dial_out())
        await stage.joined()
        await stage.status(head(OTHER))
        registry = CollectorRegistry()
        registry.register(RelayCollector(stage.relay))
        shown = generate_latest(registry).decode()
    assert 'sparring_broker_relay_connections{kind="session"} 1.0' in shown
    assert 'sparring_broker_relay_connections{kind="spare"} 1.0' in shown
    assert 'sparring_broker_relay_refused_total{status="404"} 1.0' in shown
