"""The one table between our errors and gRPC status codes, in both directions."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from sparring.types import errors
from sparring.types.errors import SparringError

DOMAIN: Final = "sparring"
DETAILS_KEY: Final = "grpc-status-details-bin"
"""Trailing metadata that carries the serialized google.rpc.Status."""

# The first class of a code is what a status without further details becomes. The others travel with their name.
_TABLE: Final[tuple[tuple[type[SparringError], grpc.StatusCode], ...]] = (
    (errors.InvalidArgumentError, grpc.StatusCode.INVALID_ARGUMENT),
    (errors.OutOfSpaceError, grpc.StatusCode.INVALID_ARGUMENT),
    (errors.OutOfActionSpaceError, grpc.StatusCode.INVALID_ARGUMENT),
    (errors.NotFoundError, grpc.StatusCode.NOT_FOUND),
    (errors.AlreadyExistsError, grpc.StatusCode.ALREADY_EXISTS),
    (errors.FailedPreconditionError, grpc.StatusCode.FAILED_PRECONDITION),
    (errors.ExhaustedError, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (errors.AbortedError, grpc.StatusCode.ABORTED),
    (errors.LostError, grpc.StatusCode.ABORTED),
    (errors.UnavailableError, grpc.StatusCode.UNAVAILABLE),
    (errors.DeadlineError, grpc.StatusCode.DEADLINE_EXCEEDED),
    (errors.HungError, grpc.StatusCode.DEADLINE_EXCEEDED),
    (errors.UnauthenticatedError, grpc.StatusCode.UNAUTHENTICATED),
    (errors.PermissionDeniedError, grpc.StatusCode.PERMISSION_DENIED),
    (errors.InternalError, grpc.StatusCode.INTERNAL),
    # UNKNOWN is what gRPC servers of every language answer when the handler, which is author code there, raises.
    (errors.AuthorError, grpc.StatusCode.UNKNOWN),
)

# Codes that we never send, but that others do.
_FOREIGN: Final[dict[grpc.StatusCode, type[SparringError]]] = {
    grpc.StatusCode.CANCELLED: errors.AbortedError,
    grpc.StatusCode.OUT_OF_RANGE: errors.InvalidArgumentError,
    grpc.StatusCode.UNIMPLEMENTED: errors.InvalidArgumentError,
    grpc.StatusCode.DATA_LOSS: errors.InternalError,
}

_CODE_OF: Final = dict(_TABLE)
_CLASS_OF: Final = {**{code: kind for kind, code in reversed(_TABLE)}, **_FOREIGN}
_CLASS_NAMED: Final = {kind.__name__: kind for kind, _ in _TABLE}

_KIND_KEY: Final = "sparring-kind"  # a hyphen: no keyword argument of an error can have this name
_RETRY_KEY: Final = "retry_after_ms"
_MILLISECONDS: Final = re.compile(r"[0-9]{1,9}")
_REASON: Final = re.compile(r"[A-Z][A-Z0-9_]{0,61}[A-Z0-9]")

# All trailing metadata of a call must stay below 8 KiB. The message travels twice, percent-encoded and in the details.
_MAX_MESSAGE_BYTES: Final = 1024
_MAX_KEY_BYTES: Final = 64
_MAX_VALUE_BYTES: Final = 128
_MAX_VALUES: Final = 12


class Status(NamedTuple):
    """How a call ended: what `ServicerContext.abort` and the trailing metadata carry."""

    code: grpc.StatusCode
    message: str
    details: bytes

    @property
    def trailing_metadata(self) -> tuple[tuple[str, bytes], ...]:
        """The metadata that carries the details."""
        return ((DETAILS_KEY, self.details),) if self.details else ()


def to_status(error: BaseException, request: str = "") -> Status:
    """Encode an error for another process.

    Args:
        error: an InternalError, or anything that is not a SparringError, is a bug of ours: its text stays here.
        request: the request id under which the log of this process tells more about a bug.
    """
    shown = error if isinstance(error, SparringError) else errors.InternalError("INTERNAL", "")
    if isinstance(shown, errors.InternalError):
        where = f" under request {request}" if request else ""
        values = {"request": request} if request else {}
        shown = errors.InternalError(
            shown.reason, f"Internal error; the log of the service that answered tells more{where}.", **values
        )
    kind = next(kind for kind in type(shown).__mro__ if kind in _CODE_OF or kind is SparringError)
    code = _CODE_OF.get(kind, grpc.StatusCode.INTERNAL)
    message = _cut(shown.message, _MAX_MESSAGE_BYTES)
    metadata = dict(list(_bounded_values(shown.metadata))[:_MAX_VALUES])
    if kind is not _CLASS_OF[code]:
        metadata[_KIND_KEY] = kind.__name__
    status = status_pb2.Status(code=code.value[0], message=message)
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason=shown.reason, domain=DOMAIN, metadata=metadata))
    delay_ms = shown.metadata.get(_RETRY_KEY, "")
    if isinstance(shown, errors.ExhaustedError) and _MILLISECONDS.fullmatch(delay_ms):
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(int(delay_ms))
        status.details.add().Pack(retry)
    return Status(code, message, status.SerializeToString())


def from_status(code: grpc.StatusCode, message: str | None, details: bytes | None = None) -> SparringError:
    """Decode how a call ended; a foreign server that sends no ErrorInfo gets the name of the code as reason."""
    text = message or f"The server answered {code.name} and said nothing else."
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED and "larger than max" in text:
        return errors.InvalidArgumentError("MESSAGE_TOO_LARGE", f"{text}. Send it in parts, or send less of it.")
    info, retry = _parsed(details)
    kind = _CLASS_OF.get(code, errors.InternalError)
    if info is None:
        metadata: dict[str, str] = {}
        reason = code.name
    else:
        metadata = dict(sorted(info.metadata.items()))  # on the wire they have no order
        reason = info.reason if _REASON.fullmatch(info.reason) else code.name
        named = _CLASS_NAMED.get(metadata.pop(_KIND_KEY, ""), kind)
        kind = named if _CODE_OF[named] is code else kind
    if retry is not None:
        metadata.setdefault(_RETRY_KEY, str(retry.retry_delay.ToMilliseconds()))
    return _made(kind, reason, text, metadata)


def from_rpc_error(error: grpc.RpcError) -> SparringError:
    """Decode what a stub of grpc or grpc.aio raised."""
    if not isinstance(error, (grpc.Call, grpc.aio.AioRpcError)):
        return errors.InternalError("RPC_FAILED", f"The call failed without a status: {error!r}.")
    details = None
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            details = value
    return from_status(error.code(), error.details(), details)


def _parsed(details: bytes | None) -> tuple[error_details_pb2.ErrorInfo | None, error_details_pb2.RetryInfo | None]:
    """Find the parts that we know; bytes that are none of them are as good as absent."""
    info: error_details_pb2.ErrorInfo | None = None
    retry: error_details_pb2.RetryInfo | None = None
    try:
        for packed in status_pb2.Status.FromString(details or b"").details:
            if info is None and packed.TypeName() == "google.rpc.ErrorInfo":
                info = error_details_pb2.ErrorInfo.FromString(packed.value)
            elif retry is None and packed.TypeName() == "google.rpc.RetryInfo":
                retry = error_details_pb2.RetryInfo.FromString(packed.value)
    except DecodeError:
        return None, None
    return info, retry


def _made(kind: type[SparringError], reason: str, message: str, metadata: dict[str, str]) -> SparringError:
    """Build the error; a peer may name its values as it likes, also like our arguments."""
    made = kind(reason, message)
    made.metadata.update(metadata)
    return made


def _bounded_values(metadata: dict[str, str]) -> list[tuple[str, str]]:
    return [(_cut(key, _MAX_KEY_BYTES), _cut(value, _MAX_VALUE_BYTES)) for key, value in metadata.items()]


def _cut(text: str, limit: int) -> str:
    """Shorten to `limit` bytes of UTF-8; what UTF-8 cannot say (lone surrogates) becomes a question mark."""
    data = text.encode("utf-8", "replace")
    if len(data) > limit:
        data = data[: limit - 3]
        return data.decode("utf-8", "ignore") + "..."
    return data.decode("utf-8")
