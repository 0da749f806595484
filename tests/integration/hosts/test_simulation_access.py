"""A slot of the simulation service asks for the shared token and speaks TLS, like those of environments and agents."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sparring.client.access import NO_ACCESS, Access
from sparring.client.rollout_stream import RolloutStream
from sparring.host.pool import SlotPool
from sparring.rpc.retry import Backoff
from sparring.rpc.tls import read_tls
from sparring.simulation.server.host import OWN_SLOTS, make_pool
from sparring.types.errors import LostError, UnauthenticatedError
from sparring.types.holding import Admitted
from sparring.types.plan import Grant
from tests.integration.hosts.pools import settings
from tests.support.repository import ROOT

CERTIFICATES = ROOT / "tests/unit/rpc/certificates"
SOON_S = 20.0
ONCE = Backoff(attempts=1, first_s=0.01, most_s=0.01, budget_s=5.0)


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[SlotPool]:
    file = tmp_path / "token"
    file.write_text("secret\n")
    given = settings(
        plugins=(),
        token_file=file,
        tls_certificate=CERTIFICATES / "server.pem",
        tls_key=CERTIFICATES / "server.key",
        tls_authority=CERTIFICATES / "authority.pem",
    )
    async with make_pool(given, OWN_SLOTS).running() as running:
        await running.ready(SOON_S)
        yield running


def access(token: str | None) -> Access:
    return Access(token, read_tls(*(CERTIFICATES / name for name in ("client.pem", "client.key", "authority.pem"))))


async def asked(pool: SlotPool, shown: Access) -> None:
    """Ask for a rollout worker that is not there, and wait for the answer."""
    admitted = await pool.admit("one", "", 0.0, "")
    assert isinstance(admitted, Admitted)
    stream = RolloutStream(
        Grant("another", "worker", "simulation", admitted.address), 1, access=shown, reconnecting=ONCE
    )
    try:
        await stream.attach()
        async for _ in stream.frames():
            raise AssertionError("there is no such rollout worker")
    finally:
        await stream.close()


async def test_who_shows_token_and_certificate_is_answered(pool: SlotPool) -> None:
    with pytest.raises(LostError) as caught:
        await asked(pool, access("secret"))
    assert caught.value.reason == "SESSION_UNKNOWN"


@pytest.mark.parametrize(("token", "reason"), [(None, "TOKEN_MISSING"), ("guess", "TOKEN_WRONG")])
async def test_who_does_not_show_the_token_is_refused(pool: SlotPool, token: str | None, reason: str) -> None:
    with pytest.raises(UnauthenticatedError) as caught:
        await asked(pool, access(token))
    assert caught.value.reason == reason


async def test_who_speaks_no_tls_is_not_heard(pool: SlotPool) -> None:
    with pytest.raises(LostError) as caught:
        await asked(pool, NO_ACCESS)
    assert caught.value.reason != "SESSION_UNKNOWN"
