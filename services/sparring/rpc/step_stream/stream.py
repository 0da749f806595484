"""The two ends of a step stream, as author-facing code sees them, whatever drives them underneath."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final, Self, TypeAlias

Metadata: TypeAlias = tuple[tuple[str, str | bytes], ...]
Arguments: TypeAlias = tuple[tuple[str, str | int], ...]
"""gRPC's channel arguments."""

SEND_TIMEOUT_S: Final = 60.0
"""How long a message may wait for the one before it, which the other side does not take in."""

SIGNALS_EVERY_S: Final = 0.2
"""How often a wait comes up for air. A signal that arrives just before the main thread blocks on a lock is not handled
until that thread runs again; gRPC's own waits do the same."""


class ClientStream(ABC):
    """The calling end of one bidirectional stream of raw bytes.

    No thread works in the background: what is sent on a new stream leaves with the first `receive` at the latest, for
    it is the waiting that makes the connection.

    Thread rule: one thread at a time; `cancel` alone may be called from any thread. Close it, or use it as a context.

    Attributes:
        method: full name, such as `/sparring.api.environment.v1.EnvironmentService/Run`.
    """

    method: str

    @abstractmethod
    def ask(self, message: bytes) -> None:
        """Send one message and begin to receive its one answer, which `receive` gives.

        The fast way of a lock-step stream, because both are one operation. Ask several streams, then receive from each,
        and the other sides work at the same time.

        Raises:
            InvalidArgumentError: MESSAGE_TOO_LARGE. Nothing was sent.
            FailedPreconditionError: ANSWER_NOT_TAKEN: a message is due that has not been received.
            SparringError: as the stream ended, see `receive`.
        """

    @abstractmethod
    def send(self, message: bytes) -> None:
        """Send one message that needs no answer of its own; at most one waits to be taken in by the other side.

        Raises:
            InvalidArgumentError: MESSAGE_TOO_LARGE. Nothing was sent.
            FailedPreconditionError: ANSWER_NOT_TAKEN: the answer to the last `ask` has not been received.
            DeadlineError: SEND_TIMED_OUT: the message before was not taken in within `SEND_TIMEOUT_S`; nor was this.
            SparringError: as the stream ended, see `receive`.
        """

    @abstractmethod
    def receive(self, timeout_s: float | None) -> bytes | None:
        """Wait for the next message.

        Args:
            timeout_s: for this one wait; None waits as long as the stream lives.

        Returns:
            The message, or None when the server ended the stream with OK.

        Raises:
            DeadlineError: RECEIVE_TIMED_OUT: nothing arrived in time. The stream is unharmed: receive again, or cancel.
            UnavailableError: SERVER_UNREACHABLE: no connection came about.
            LostError: STREAM_BROKEN when the connection or the server went away; STREAM_CANCELLED after `cancel`.
            SparringError: any other, as the server ended the stream with it.
        """

    def exchange(self, message: bytes, timeout_s: float | None) -> bytes | None:
        """Send one message and wait for its answer: `ask`, then `receive`."""
        self.ask(message)
        return self.receive(timeout_s)

    @abstractmethod
    def done_sending(self) -> None:
        """Half-close: tell the server that no further message comes. Answers can still be received."""

    @abstractmethod
    def cancel(self) -> None:
        """Break the stream off, from any thread: a blocked `receive` raises at once."""

    @abstractmethod
    def close(self) -> None:
        """Give everything back; breaks the stream off unless the server has ended it. May be repeated."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ServerStream(ABC):
    """The answering end of one bidirectional stream of raw bytes.

    Thread rule: one thread at a time; `cancel` alone may be called from any thread.

    Attributes:
        method: full name of the method that was called.
        metadata: what the client sent along with the call.
        peer: where the client is, for logs.
    """

    method: str
    metadata: Metadata
    peer: str

    @abstractmethod
    def receive(self, timeout_s: float | None = None) -> bytes | None:
        """Wait for the next message.

        Returns:
            The message, or None when the client has half-closed: it wants no more than the answers still due.

        Raises:
            DeadlineError: RECEIVE_TIMED_OUT: nothing arrived in time. The stream is unharmed.
            LostError: STREAM_BROKEN: the client is gone, or has cancelled, or the server is stopping.
        """

    @abstractmethod
    def peek(self, timeout_s: float | None = None) -> bytes | None:
        """Like `receive`, but the next `receive` gives the same message again."""

    @abstractmethod
    def send(self, message: bytes) -> None:
        """Send one message; at most one waits to be taken in by the other side.

        Raises:
            InvalidArgumentError: MESSAGE_TOO_LARGE. Nothing was sent.
            DeadlineError: SEND_TIMED_OUT: the message before was not taken in within `SEND_TIMEOUT_S`.
            LostError: STREAM_BROKEN, if that is known by now; otherwise the next `receive` says it.
        """

    @abstractmethod
    def answer_and_receive(self, message: bytes, timeout_s: float | None = None) -> bytes | None:
        """Send one message and wait for the next: `send`, then `receive`; as one operation when there is no timeout."""

    @property
    @abstractmethod
    def alive(self) -> bool:
        """Whether the client is still there, as far as is known now. Only for the thread that uses the stream."""

    @abstractmethod
    def cancel(self) -> None:
        """Break the stream off, from any thread: a blocked `receive` raises at once."""

    @abstractmethod
    def finish(self, code: int, message: str, trailing: Metadata) -> None:
        """End the stream with a gRPC status and give everything back. Called by the server after the handler."""


StreamHandler: TypeAlias = Callable[[ServerStream], None]
"""Author code around one stream: receives and answers until None, returns (status OK), or raises a SparringError."""


def unary(answer: Callable[[bytes], bytes]) -> StreamHandler:
    """Make a handler for a unary method: on the wire a unary call is a stream of one message each way."""

    def handle(stream: ServerStream) -> None:
        request = stream.receive(timeout_s=SEND_TIMEOUT_S)
        if request is not None:
            stream.send(answer(request))

    return handle
