"""Errors become status codes and the same errors again; what foreign servers send becomes something sensible."""

import grpc
import pytest
from google.protobuf.any_pb2 import Any
from google.rpc import error_details_pb2, status_pb2
from hypothesis import given
from hypothesis import strategies as st

from sparring.rpc.status import DETAILS_KEY, DOMAIN, from_rpc_error, from_status, to_status
from sparring.types import errors

CODES = {
    errors.InvalidArgumentError: grpc.StatusCode.INVALID_ARGUMENT,
    errors.OutOfSpaceError: grpc.StatusCode.INVALID_ARGUMENT,
    errors.OutOfActionSpaceError: grpc.StatusCode.INVALID_ARGUMENT,
    errors.NotFoundError: grpc.StatusCode.NOT_FOUND,
    errors.AlreadyExistsError: grpc.StatusCode.ALREADY_EXISTS,
    errors.FailedPreconditionError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.ExhaustedError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.AbortedError: grpc.StatusCode.ABORTED,
    errors.LostError: grpc.StatusCode.ABORTED,
    errors.UnavailableError: grpc.StatusCode.UNAVAILABLE,
    errors.DeadlineError: grpc.StatusCode.DEADLINE_EXCEEDED,
    errors.HungError: grpc.StatusCode.DEADLINE_EXCEEDED,
    errors.UnauthenticatedError: grpc.StatusCode.UNAUTHENTICATED,
    errors.PermissionDeniedError: grpc.StatusCode.PERMISSION_DENIED,
    errors.AuthorError: grpc.StatusCode.UNKNOWN,
    errors.InternalError: grpc.StatusCode.INTERNAL,
}


def test_every_class_of_the_tree_has_a_code() -> None:
    classes = {
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.SparringError) and value is not errors.SparringError
    }
    assert classes == set(CODES)


@pytest.mark.parametrize("kind", [kind for kind in CODES if kind is not errors.InternalError])
def test_an_error_comes_back_as_itself(kind: type[errors.SparringError]) -> None:
    status = to_status(kind("RUN_ALREADY_TERMINAL", "Run 2 is already failed.", run="run-2", state="failed"))
    back = from_status(*status)
    assert status.code is CODES[kind]
    assert type(back) is kind
    assert (back.reason, back.message) == ("RUN_ALREADY_TERMINAL", "Run 2 is already failed.")
    assert back.metadata == {"run": "run-2", "state": "failed"}


def test_the_details_are_one_error_info_of_our_domain() -> None:
    status = status_pb2.Status.FromString(to_status(errors.NotFoundError("NO_RUN", "No run 2.", run=2)).details)
    info = error_details_pb2.ErrorInfo()
    assert [detail.Unpack(info) for detail in status.details] == [True]
    assert (info.reason, info.domain, dict(info.metadata)) == ("NO_RUN", DOMAIN, {"run": "2"})
    assert (status.code, status.message) == (grpc.StatusCode.NOT_FOUND.value[0], "No run 2.")


def test_a_full_service_says_when_to_come_back() -> None:
    status = to_status(errors.ExhaustedError("NO_SLOT", "No slot is free.", retry_after_ms=250))
    retry = error_details_pb2.RetryInfo()
    assert any(detail.Unpack(retry) for detail in status_pb2.Status.FromString(status.details).details)
    assert retry.retry_delay.ToMilliseconds() == 250
    assert from_status(*status).metadata == {"retry_after_ms": "250"}


@pytest.mark.parametrize("delay", ["soon", "-1", "1e9", "9" * 5000])
def test_a_senseless_delay_is_no_retry_info(delay: str) -> None:
    status = to_status(errors.ExhaustedError("NO_SLOT", "No slot is free.", retry_after_ms=delay))
    assert len(status_pb2.Status.FromString(status.details).details) == 1


@pytest.mark.parametrize("error", [ValueError("secret"), errors.InternalError("STATE_BROKEN", "secret", key="secret")])
def test_the_text_of_a_bug_does_not_leave_the_process(error: Exception) -> None:
    status = to_status(error, request="ab12")
    assert status.code is grpc.StatusCode.INTERNAL
    assert b"secret" not in status.details
    assert "secret" not in status.message
    assert "ab12" in status.message
    assert from_status(*status).metadata == {"request": "ab12"}


def test_a_subclass_of_somebody_else_travels_as_the_class_that_the_table_knows() -> None:
    class NoRunError(errors.NotFoundError):
        pass

    assert type(from_status(*to_status(NoRunError("NO_RUN", "No run 2.")))) is errors.NotFoundError
    assert type(from_status(*to_status(errors.SparringError("ODD", "Odd.")))) is errors.InternalError


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (grpc.StatusCode.UNAVAILABLE, errors.UnavailableError),
        (grpc.StatusCode.ABORTED, errors.AbortedError),
        (grpc.StatusCode.CANCELLED, errors.AbortedError),
        (grpc.StatusCode.DEADLINE_EXCEEDED, errors.DeadlineError),
        (grpc.StatusCode.UNKNOWN, errors.AuthorError),
        (grpc.StatusCode.UNIMPLEMENTED, errors.InvalidArgumentError),
        (grpc.StatusCode.OUT_OF_RANGE, errors.InvalidArgumentError),
        (grpc.StatusCode.DATA_LOSS, errors.InternalError),
    ],
)
def test_a_status_without_details_takes_its_reason_from_the_code(
    code: grpc.StatusCode, kind: type[errors.SparringError]
) -> None:
    error = from_status(code, "went wrong")
    assert type(error) is kind
    assert (error.reason, error.message, error.metadata) == (code.name, "went wrong", {})
    assert code.name in from_status(code, "").message


def test_a_message_over_the_limit_of_a_foreign_peer_has_its_own_reason() -> None:
    error = from_status(grpc.StatusCode.RESOURCE_EXHAUSTED, "CLIENT: Sent message larger than max (5 vs. 4)")
    assert isinstance(error, errors.InvalidArgumentError)
    assert error.reason == "MESSAGE_TOO_LARGE"


@pytest.mark.parametrize("reason", ["not upper snake", "", "X"])
def test_a_reason_that_is_none_is_replaced_by_the_code(reason: str) -> None:
    assert from_status(grpc.StatusCode.NOT_FOUND, "no", details_with(reason)).reason == "NOT_FOUND"


def test_values_may_be_named_like_our_arguments() -> None:
    details = details_with("NO_RUN", {"reason": "a", "message": "b", "self": "c"})
    assert from_status(grpc.StatusCode.NOT_FOUND, "no", details).metadata == {
        "reason": "a",
        "message": "b",
        "self": "c",
    }


def test_a_kind_that_does_not_fit_the_code_is_ignored() -> None:
    details = details_with("NO_RUN", {"sparring-kind": "HungError"})
    assert type(from_status(grpc.StatusCode.NOT_FOUND, "no", details)) is errors.NotFoundError


def test_trailing_metadata_stays_below_what_every_peer_accepts() -> None:
    values = {f"key{number}": "é" * 5000 for number in range(100)}
    status = to_status(errors.AuthorError("UPDATE_RAISED", "é" * 50_000, **values))
    percent_encoded = len(status.message.encode()) * 3
    base64_encoded = len(status.details) * 4 / 3
    assert percent_encoded + base64_encoded < 8192
    assert from_status(*status).message.endswith("...")


def test_what_utf8_cannot_say_is_replaced() -> None:
    assert from_status(*to_status(errors.NotFoundError("NO_FILE", "No \udcff.", file="\udcff"))).message == "No ?."


@given(st.sampled_from(list(grpc.StatusCode)), st.text() | st.none(), st.binary())
def test_no_peer_can_break_the_decoder(code: grpc.StatusCode, message: str | None, details: bytes) -> None:
    packed = status_pb2.Status(details=[Any(type_url="type.googleapis.com/google.rpc.ErrorInfo", value=details)])
    for sent in (details, packed.SerializeToString()):
        assert isinstance(from_status(code, message, sent), errors.SparringError)


def test_an_rpc_error_without_a_status_is_an_internal_error() -> None:
    assert from_rpc_error(grpc.RpcError()).reason == "RPC_FAILED"


def test_an_rpc_error_brings_its_details() -> None:
    status = to_status(errors.LostError("WORKER_GONE", "The worker is gone.", worker="w1"))
    trailing = grpc.aio.Metadata((DETAILS_KEY, status.details))
    raised = grpc.aio.AioRpcError(status.code, grpc.aio.Metadata(), trailing, status.message)
    assert repr(from_rpc_error(raised)) == "LostError('WORKER_GONE', 'The worker is gone.', worker='w1')"


def details_with(reason: str, metadata: dict[str, str] | None = None) -> bytes:
    status = status_pb2.Status()
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason=reason, domain="example.org", metadata=metadata))
    return status.SerializeToString()
