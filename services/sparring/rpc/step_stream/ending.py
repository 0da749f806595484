"""How a stream ended, and the error that says so."""

from __future__ import annotations

from typing import Final, NamedTuple

import grpc

from sparring.rpc.status import DETAILS_KEY, from_status
from sparring.rpc.step_stream.stream import Metadata
from sparring.types.errors import DeadlineError, FailedPreconditionError, LostError, SparringError, UnavailableError

OK: Final[int] = grpc.StatusCode.OK.value[0]
CANCELLED: Final[int] = grpc.StatusCode.CANCELLED.value[0]

_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
_BROKEN: Final = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
_BROKEN_IF_RESET: Final = (grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL)
_UNREACHABLE: Final = ("failed to connect", "connections to all", "resolution failed", "Failed to connect")
_RESET: Final = ("Stream removed", "RST_STREAM", "Socket closed", "Connection reset")


class Ending(NamedTuple):
    """The status of a stream, as gRPC gives it to the client."""

    code: int
    message: str
    trailing: Metadata = ()

    def raise_unless_ok(self, method: str) -> None:
        """Raise what the status means.

        Raises:
            SparringError: the server's own, or LostError or UnavailableError where gRPC and not the server speaks.
        """
        if self.code != OK:
            raise self._error(method)

    def _error(self, method: str) -> SparringError:
        code = _CODES.get(self.code, grpc.StatusCode.UNKNOWN)
        details = next((value for key, value in self.trailing if key == DETAILS_KEY), None)
        if isinstance(details, bytes):
            return from_status(code, self.message, details)
        if code is grpc.StatusCode.UNAVAILABLE and any(text in self.message for text in _UNREACHABLE):
            return UnavailableError(
                "SERVER_UNREACHABLE", f"No connection for {method} came about: {self.message}.", method=method
            )
        if code in _BROKEN or (code in _BROKEN_IF_RESET and any(text in self.message for text in _RESET)):
            return LostError(
                "STREAM_BROKEN",
                f"The stream of {method} broke: {self.message or code.name}.",
                method=method,
                code=code.name,
            )
        return from_status(code, self.message)


def cancelled_here(method: str) -> LostError:
    """Say that our own side has broken the stream off."""
    return LostError("STREAM_CANCELLED", f"The stream of {method} was cancelled on this side.", method=method)


def client_gone(method: str) -> LostError:
    """Say that a server's stream has no client any more."""
    return LostError("STREAM_BROKEN", f"The client of {method} is gone or has cancelled the stream.", method=method)


def ended_before(method: str) -> FailedPreconditionError:
    """Say that a message comes too late."""
    return FailedPreconditionError("STREAM_ENDED", f"The stream of {method} has ended; open another.", method=method)


def half_closed(method: str) -> FailedPreconditionError:
    """Say that we ourselves have promised to send no more."""
    return FailedPreconditionError(
        "DONE_SENDING", f"Nothing can be sent to {method} after done_sending.", method=method
    )


def answer_not_taken(method: str) -> FailedPreconditionError:
    """Say that a second question would overtake the first one's answer."""
    return FailedPreconditionError(
        "ANSWER_NOT_TAKEN", f"Receive the answer to the last message of {method} before asking again.", method=method
    )


def receive_timed_out(method: str, timeout_s: float) -> DeadlineError:
    """Say that the other side did not speak in time."""
    return DeadlineError(
        "RECEIVE_TIMED_OUT",
        f"Nothing arrived on the stream of {method} within {timeout_s:g} s.",
        method=method,
        timeout_s=timeout_s,
    )


def send_timed_out(method: str, timeout_s: float) -> DeadlineError:
    """Say that the other side does not take in what it is sent."""
    return DeadlineError(
        "SEND_TIMED_OUT",
        f"The other side of {method} took in nothing for {timeout_s:g} s.",
        method=method,
        timeout_s=timeout_s,
    )


def cannot_open(method: str, why: str) -> FailedPreconditionError:
    """Say that there is no channel to open a stream on."""
    return FailedPreconditionError("CHANNEL_CLOSED", f"No stream of {method} can be opened: {why}", method=method)


def cannot_listen(address: str) -> FailedPreconditionError:
    """Say that the address is taken, or not ours."""
    return FailedPreconditionError(
        "ADDRESS_NOT_FREE", f"Cannot listen at {address}; choose another port, or port 0 for any.", address=address
    )
