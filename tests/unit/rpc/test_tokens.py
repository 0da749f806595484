"""The shared token: wrong ones are refused with a reason, health needs none, files are read with clear errors."""

from pathlib import Path

import pytest
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2_grpc

from sparring.rpc.channels import open_channel
from sparring.rpc.tokens import check_token, read_token, token_metadata
from sparring.types.errors import InvalidArgumentError, UnauthenticatedError
from tests.support.eventually import eventually
from tests.unit.rpc.echo import both_streams, health_of, path, say, served, unary


async def test_a_call_with_the_right_token_is_answered() -> None:
    async with served(token="secret-1", Say=unary(say)) as (_, channel):
        assert await channel.unary_unary(path("Say"))(b"hello") == b"hello"


@pytest.mark.parametrize(("token", "reason"), [(None, "TOKEN_MISSING"), ("secret-2", "TOKEN_WRONG")])
async def test_a_call_without_the_right_token_never_reaches_its_handler(token: str | None, reason: str) -> None:
    async def never(request: object, context: object) -> bytes:
        raise AssertionError("reached")

    async with (
        served(token="secret-1", Say=unary(never), Talk=both_streams(never)) as (server, _),
        open_channel(str(server.address), token=token) as channel,
    ):
        with pytest.raises(UnauthenticatedError) as caught:
            await channel.unary_unary(path("Say"))(b"hello")
        assert caught.value.reason == reason
        assert "secret" not in repr(caught.value)
        with pytest.raises(UnauthenticatedError):
            await channel.stream_stream(path("Talk"))().read()
        await eventually(lambda: b'code="UNAUTHENTICATED",method="/test.Echo/Say"} 1.0' in server.metrics.text())


async def test_health_needs_no_token_and_reflection_does() -> None:
    async with served(token="secret-1") as (server, _), open_channel(str(server.address)) as channel:
        assert await health_of(channel) == health_pb2.HealthCheckResponse.SERVING
        with pytest.raises(UnauthenticatedError):
            await reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo().read()


@pytest.mark.parametrize(
    "shown",
    [
        "secret-1",
        "bearer secret-1",
        "Bearer  secret-1",
        "Bearer secret-1 ",
        "Bearer \udcff",
        "Bearer é",
        b"Bearer \xff",
    ],
)
def test_only_the_exact_token_is_right(shown: str | bytes) -> None:
    with pytest.raises(UnauthenticatedError):
        check_token([("authorization", shown)], "secret-1")
    with pytest.raises(UnauthenticatedError):
        check_token([token_metadata("secret-1"), ("authorization", shown)], "secret-1")
    check_token([("other", "x"), token_metadata("secret-1")], "secret-1")


def test_a_token_is_read_without_the_newline_that_editors_add(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("secret-1\n")
    assert read_token(file) == "secret-1"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "TOKEN_FILE_UNREADABLE"),
        (b"", "TOKEN_FILE_EMPTY"),
        (b" \n", "TOKEN_FILE_EMPTY"),
        (b"two words", "TOKEN_FILE_MALFORMED"),
        (b"tok\xc3\xa9n", "TOKEN_FILE_MALFORMED"),
        (b"a" * 5000, "TOKEN_FILE_MALFORMED"),
    ],
)
def test_a_token_file_that_holds_none_is_a_clear_error(tmp_path: Path, content: bytes | None, reason: str) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InvalidArgumentError) as caught:
        read_token(file)
    assert caught.value.reason == reason
    assert caught.value.metadata == {"path": str(file)}
    assert str(file) in caught.value.message
