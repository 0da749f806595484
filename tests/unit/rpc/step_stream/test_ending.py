"""What a status means that has no details: who speaks, the server or gRPC itself."""

import pytest

from sparring.rpc.status import DETAILS_KEY, to_status
from sparring.rpc.step_stream.ending import Ending
from sparring.types.errors import (
    AbortedError,
    AuthorError,
    ExhaustedError,
    InternalError,
    InvalidArgumentError,
    LostError,
    SparringError,
    UnavailableError,
)
from tests.unit.rpc.step_stream.pairs import METHOD


@pytest.mark.parametrize(
    ("code", "message", "kind", "reason"),
    [
        (14, "failed to connect to all addresses", UnavailableError, "SERVER_UNREACHABLE"),
        (14, "DNS resolution failed for nowhere:1", UnavailableError, "SERVER_UNREACHABLE"),
        (14, "Socket closed", LostError, "STREAM_BROKEN"),
        (14, "recvmsg:Connection reset by peer", LostError, "STREAM_BROKEN"),
        (1, "CANCELLED", LostError, "STREAM_BROKEN"),
        (2, "Stream removed", LostError, "STREAM_BROKEN"),
        (13, "Received RST_STREAM with error code 2", LostError, "STREAM_BROKEN"),
        (2, "Unexpected <class 'ValueError'>: far", AuthorError, "UNKNOWN"),
        (13, "division by zero", InternalError, "INTERNAL"),
        (10, "Stream removed by its owner", AbortedError, "ABORTED"),
        (8, "no slot", ExhaustedError, "RESOURCE_EXHAUSTED"),
        (
            8,
            "Stream removed (CLIENT: Received message larger than max (2 vs. 1))",
            InvalidArgumentError,
            "MESSAGE_TOO_LARGE",
        ),
        (12, "Method not found!", InvalidArgumentError, "UNIMPLEMENTED"),
        (99, "a code from the future", AuthorError, "UNKNOWN"),
    ],
)
def test_a_status_without_details_says_what_it_can(code: int, message: str, kind: type, reason: str) -> None:
    with pytest.raises(kind) as caught:
        Ending(code, message).raise_unless_ok(METHOD)
    assert isinstance(caught.value, SparringError)
    assert caught.value.reason == reason
    assert message in str(caught.value)


def test_details_speak_for_the_server_whatever_the_code() -> None:
    status = to_status(UnavailableError("SERVER_STOPPING", "The server is stopping."))
    with pytest.raises(UnavailableError) as caught:
        Ending(14, status.message, ((DETAILS_KEY, status.details),)).raise_unless_ok(METHOD)
    assert caught.value.reason == "SERVER_STOPPING"


def test_ok_raises_nothing() -> None:
    Ending(0, "").raise_unless_ok(METHOD)
