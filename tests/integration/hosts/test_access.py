"""Slots ask for the shared token, and speak TLS where their host does: on their own ports and through the host's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from sparring.client.access import NO_ACCESS, Access
from sparring.client.stream_session import open_environment
from sparring.environment.server.host import environment_host, make_pool
from sparring.host.pool import SlotPool
from sparring.rpc.server import Server
from sparring.rpc.tls import read_tls
from sparring.types.errors import LostError, UnauthenticatedError
from sparring.types.frames import EnvironmentStarted
from sparring.types.holding import Admitted
from sparring.types.plan import FixedAddress, Grant, Place
from tests.integration.hosts.pools import SEARCH, settings
from tests.integration.hosts.sessions import QUICK, TROUBLE, shut_down, start, update
from tests.support.repository import ROOT

CERTIFICATES = ROOT / "tests/unit/rpc/certificates"
SOON_S = 20.0


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text("secret\n")
    return file


@pytest.fixture
async def host(token_file: Path) -> AsyncIterator[tuple[SlotPool, Server]]:
    given = settings(
        slots=2,
        broker="127.0.0.1:1",
        token_file=token_file,
        tls_certificate=CERTIFICATES / "server.pem",
        tls_key=CERTIFICATES / "server.key",
        tls_authority=CERTIFICATES / "authority.pem",
    )
    async with (
        make_pool(given, SEARCH).running() as pool,
        environment_host(given, pool=pool, announced=[(TROUBLE, "environment")], search_paths=SEARCH) as server,
    ):
        yield pool, server


def access(token: str | None = "secret") -> Access:
    material = [CERTIFICATES / name for name in ("client.pem", "client.key", "authority.pem")]
    return Access(token, read_tls(*material))


async def granted(pool: SlotPool, token: str) -> Grant:
    answer = await pool.admit(token, "", 0.0, "")
    assert isinstance(answer, Admitted)
    return Grant(token, "worker", "environment", answer.address)


def play(place: Place, shown: Access) -> None:
    with closing(open_environment(place, "grid", access=shown, reconnecting=QUICK)) as session:
        session.send(start())
        assert isinstance(session.receive(SOON_S), EnvironmentStarted)
        assert update(session) == 1
        shut_down(session)


async def test_who_shows_token_and_certificate_is_let_in(host: tuple[SlotPool, Server]) -> None:
    pool, server = host
    await pool.ready(SOON_S)
    await asyncio.to_thread(play, await granted(pool, "one"), access())
    await asyncio.to_thread(play, FixedAddress(str(server.address)), access())


async def test_who_shows_no_token_is_refused(host: tuple[SlotPool, Server]) -> None:
    pool, server = host
    await pool.ready(SOON_S)
    for place in (await granted(pool, "one"), FixedAddress(str(server.address))):
        for shown, reason in ((access(None), "TOKEN_MISSING"), (access("guess"), "TOKEN_WRONG")):
            with pytest.raises(UnauthenticatedError) as caught:
                await asyncio.to_thread(play, place, shown)
            assert caught.value.reason == reason


async def test_who_speaks_no_tls_is_not_heard(host: tuple[SlotPool, Server]) -> None:
    pool, _ = host
    await pool.ready(SOON_S)
    with pytest.raises(LostError):
        await asyncio.to_thread(play, await granted(pool, "one"), NO_ACCESS)
