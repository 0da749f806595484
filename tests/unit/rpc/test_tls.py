"""TLS on a port: with a certificate of the server, and with one of each side; files are read with clear errors."""

from pathlib import Path

import pytest

from sparring.rpc.channels import open_channel
from sparring.rpc.server import running
from sparring.rpc.sync_channels import open_sync_channel
from sparring.rpc.tls import Tls, read_tls
from sparring.types.errors import InvalidArgumentError, UnavailableError
from tests.unit.rpc.echo import echo, path, say, unary

FILES = Path(__file__).parent / "certificates"
AUTHORITY = FILES / "authority.pem"


def tls(name: str | None, authority: Path | None = AUTHORITY) -> Tls:
    certificate, key = (None, None) if name is None else (FILES / f"{name}.pem", FILES / f"{name}.key")
    found = read_tls(certificate, key, authority)
    assert found is not None
    return found


async def test_a_client_that_trusts_the_authority_is_answered() -> None:
    server_tls = tls("server", authority=None)
    async with (
        running("127.0.0.1:0", [echo(Say=unary(say))], name="echo", tls=server_tls) as server,
        open_channel(str(server.address), tls=tls(None)) as channel,
    ):
        assert await channel.unary_unary(path("Say"))(b"hello") == b"hello"


async def test_a_server_with_an_authority_asks_every_client_for_a_certificate() -> None:
    async with (
        running("127.0.0.1:0", [echo(Say=unary(say))], name="echo", tls=tls("server")) as server,
        open_channel(str(server.address), tls=tls("client")) as known,
        open_channel(str(server.address), tls=tls(None), retries=False) as unknown,
        open_channel(str(server.address), retries=False) as plaintext,
    ):
        assert await known.unary_unary(path("Say"))(b"hello") == b"hello"
        for channel in (unknown, plaintext):
            with pytest.raises(UnavailableError):
                await channel.unary_unary(path("Say"))(b"hello")


def test_a_channel_of_a_thread_takes_the_same_material() -> None:
    with open_sync_channel("127.0.0.1:1", tls=tls("client"), retries=False) as channel, pytest.raises(UnavailableError):
        channel.unary_unary(path("Say"))(b"hello")


def test_material_is_complete_or_none() -> None:
    assert read_tls(None, None, None) is None
    for certificate, key in ((FILES / "server.pem", None), (None, FILES / "server.key")):
        with pytest.raises(InvalidArgumentError) as caught:
            read_tls(certificate, key, None)
        assert caught.value.reason == "TLS_INCOMPLETE"
    with pytest.raises(InvalidArgumentError) as caught:
        tls(None).server_credentials()
    assert caught.value.reason == "TLS_INCOMPLETE"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        read_tls(None, None, tmp_path / "none.pem")
    assert caught.value.reason == "TLS_FILE_UNREADABLE"
    assert caught.value.metadata == {"path": str(tmp_path / "none.pem")}


def test_a_key_is_not_shown() -> None:
    assert "PRIVATE" not in repr(tls("server"))
