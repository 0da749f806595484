"""One session in a slot: numbered requests to an instance, each carried out once, and the last answer kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, Generic, Protocol, TypeVar

from sparring.codec.session import FrameCodec, Refused
from sparring.host.slot_context import SlotContext
from sparring.types.errors import (
    AuthorError,
    FailedPreconditionError,
    InternalError,
    InvalidArgumentError,
    LostError,
    SparringError,
)
from sparring.types.frames import EnvironmentStarted, MuscleStarted, Shutdown

Request = TypeVar("Request")
Response = TypeVar("Response")
RequestIn = TypeVar("RequestIn", contravariant=True)
ResponseOut = TypeVar("ResponseOut", covariant=True)

RESUME: Final = "resume"
"""What a slot adds to the capabilities of an instance: Attach, and the reply cache."""


class Instance(Protocol[RequestIn, ResponseOut]):
    """An instance around author code, in this process."""

    def send(self, request: RequestIn) -> None:
        """Carry out a request."""

    def receive(self, timeout_s: float) -> ResponseOut:
        """Return its answer."""

    def close(self) -> None:
        """Let go of everything."""


class Session(Generic[Request, Response]):
    """Used by the one thread that author code runs in.

    Args:
        context: The slot; told when the session is over.
        token: The session's name.
        instance: What answers.
        codec: Frames to bytes.
        start: The class of the first request.

    Attributes:
        token: As given.
        sequence: Number of the last request that was carried out.
    """

    def __init__(
        self,
        context: SlotContext,
        token: str,
        instance: Instance[Request, Response],
        codec: FrameCodec[Request, Response],
        start: type[Any],
    ) -> None:
        self.token = token
        self.sequence = 0
        self._context = context
        self._instance = instance
        self._codec = codec
        self._start = start
        self._last: Sequence[bytes] = ()

    def begin(self, start: Request) -> Sequence[bytes]:
        """Carry out the first request; return the messages of its answer.

        Raises:
            SparringError: Whatever is wrong; the session is over.
        """
        self._instance.send(start)
        return self._answered(1, _resumable(self._instance.receive(0)))

    def answer(self, sequence: int, request: Request) -> Sequence[bytes]:
        """Carry out a request, or say once more how the last one was answered; return the messages of the answer.

        Raises:
            FailedPreconditionError: SEQUENCE_UNEXPECTED, GRAMMAR_VIOLATED.
            SparringError: What ends a session.
        """
        if sequence == self.sequence:
            return self._last
        if sequence != self.sequence + 1:
            raise FailedPreconditionError(
                "SEQUENCE_UNEXPECTED",
                f"Request {sequence} came after request {self.sequence}; expected {self.sequence + 1}.",
                found=sequence,
                expected=self.sequence + 1,
            )
        if isinstance(request, self._start):
            raise FailedPreconditionError("GRAMMAR_VIOLATED", "Start came a second time; a session starts once.")
        response: Response | Refused
        try:
            self._instance.send(request)
            response = self._instance.receive(0)
        except (InvalidArgumentError, FailedPreconditionError) as error:
            response = Refused(error)  # refused without harm: the session goes on
        return self._answered(sequence, response)

    def end(self, error: Exception | None, *, farewell: bool = True) -> None:
        """Release the instance, and tell the parent.

        Args:
            error: Why the session ends; None is in good order.
            farewell: Whether the instance has yet to be shut down. What has failed is not asked again.
        """
        if farewell and not isinstance(error, AuthorError):
            self._shut_down()
        self._instance.close()
        said = error if error is None or isinstance(error, SparringError) else internal()
        if said is None:
            self._context.ended(self.token)
        else:
            self._context.ended(self.token, said.reason, said.message, lost=isinstance(said, LostError))

    def _shut_down(self) -> None:
        try:
            self._instance.send(Shutdown())  # type: ignore[arg-type]
            self._instance.receive(0)
        except SparringError:
            return  # author code that complains now has nobody left to hear it

    def _answered(self, sequence: int, response: Response | Refused) -> Sequence[bytes]:
        self._last = self._codec.encode_response(sequence, response)
        self.sequence = sequence
        return self._last


def _resumable(response: Any) -> Any:
    """Add what a slot can do to what an instance says it can."""
    if isinstance(response, EnvironmentStarted | MuscleStarted):
        return replace(response, capabilities=response.capabilities | {RESUME})
    return response


def internal() -> InternalError:
    """Say that a bug of ours ends a session."""
    return InternalError("INTERNAL", "Internal error; the log of the host tells more.")
