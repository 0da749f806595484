"""The session loop of a slot: grammar, numbering, reply cache, linger and attach, around an instance behind a session port."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from sparring.codec.session import Attach, Attached, FrameCodec, Refused
from sparring.codec.values import Chunks
from sparring.host.slot_context import SlotContext
from sparring.rpc.step_stream import ServerStream
from sparring.types.errors import (
    AuthorError,
    ExhaustedError,
    FailedPreconditionError,
    InvalidArgumentError,
    LostError,
    NotFoundError,
    SparringError,
)
from sparring.types.frames import Shutdown

Request = TypeVar("Request")
Response = TypeVar("Response")
RequestIn = TypeVar("RequestIn", contravariant=True)
ResponseOut = TypeVar("ResponseOut", covariant=True)

FIRST_FRAME_S = 10.0
"""How long an opened stream may take to say what it wants."""


class Instance(Protocol[RequestIn, ResponseOut]):
    """What the loop drives: an instance around author code, in this process."""

    def send(self, request: RequestIn) -> None:
        """Carry out a request."""

    def receive(self, timeout_s: float) -> ResponseOut:
        """Return its answer."""

    def close(self) -> None:
        """Let go of everything."""


class Start(Protocol):
    """What every first frame says."""

    @property
    def token(self) -> str:
        """The session's name."""


class _Session(Generic[Request, Response]):
    """One session: its instance, and the last answer."""

    def __init__(self, token: str, instance: Instance[Request, Response]) -> None:
        self.token = token
        self.instance = instance
        self.sequence = 0
        self.answer: Sequence[bytes] = ()


class SessionLoop(Generic[Request, Response]):
    """Drives one session after the other, in the thread that calls it: author code stays in one thread for its life.

    Args:
        context: The slot.
        codec: Frames to bytes and back.
        start: The class of the first frame.
        make: Makes an instance for a start; given again for every session.
        describe: Component and run of a start, for people.
        linger_s: How long a session is kept without a stream; by default as the slot is configured.
    """

    def __init__(
        self,
        context: SlotContext,
        codec: FrameCodec[Request, Response],
        start: type[Any],
        make: Callable[[Any], Instance[Request, Response]],
        describe: Callable[[Any], tuple[str, str]],
        linger_s: Callable[[], float] | None = None,
    ) -> None:
        self._context = context
        self._codec = codec
        self._start = start
        self._make = make
        self._describe = describe
        self._linger_s = linger_s or (lambda: context.configuration.linger_s)
        self._session: _Session[Request, Response] | None = None
        self._stream: ServerStream | None = None
        self._attaching = threading.Event()
        self._withdrawn = threading.Event()
        context.on_withdraw(self._withdraw)

    def handle(self, stream: ServerStream) -> None:
        """Serve one stream: a new session, or an old one that comes back. Waits out the linger when the stream breaks."""
        self._stream = stream
        self._attaching.clear()
        try:
            self._serve(stream)
        except LostError:
            self._linger()
        except BaseException as error:
            self._end(error)
            raise
        finally:
            self._stream = None

    def newcomer(self, stream: ServerStream) -> bool:
        """Meet a stream while another is served: only the session's own client may take over. Runs in a thread of its own."""
        session = self._session
        data = stream.peek(FIRST_FRAME_S)
        frame = None if data is None else self._codec.decode_request(data, Chunks())[1]
        if session is None or not isinstance(frame, Attach) or frame.token != session.token:
            raise ExhaustedError("SLOT_TAKEN", "This slot holds another session.")
        current = self._stream
        if current is not None:
            current.cancel()
        self._attaching.set()
        return True

    def _serve(self, stream: ServerStream) -> None:
        chunks = Chunks()
        data = stream.receive(FIRST_FRAME_S)
        while data is not None:
            sequence, frame = self._codec.decode_request(data, chunks)
            if frame is None:
                data = stream.receive()
                continue
            answer = self._answer(sequence, frame)
            for message in answer[:-1]:
                stream.send(message)
            if isinstance(frame, Shutdown):
                stream.send(answer[-1])
                return
            data = stream.answer_and_receive(answer[-1])
        self._end(LostError("STREAM_CLOSED", "The client closed the stream without Shutdown."))

    def _answer(self, sequence: int, frame: Request | Attach) -> Sequence[bytes]:
        if isinstance(frame, Attach):
            return self._attach(frame)
        session = self._session
        if session is None:
            return self._begin(sequence, frame)
        if sequence == session.sequence and session.answer:
            return session.answer
        if sequence != session.sequence + 1:
            raise FailedPreconditionError(
                "SEQUENCE_UNEXPECTED",
                f"Request {sequence} came after request {session.sequence}; expected {session.sequence + 1}.",
                found=sequence,
                expected=session.sequence + 1,
            )
        if isinstance(frame, self._start):
            raise FailedPreconditionError("GRAMMAR_VIOLATED", "Start came a second time; a session starts once.")
        response = self._carry_out(session.instance, frame)
        session.answer = self._codec.encode_response(sequence, response)
        session.sequence = sequence
        if isinstance(frame, Shutdown):
            self._close(session)
            self._context.ended(session.token)
        return session.answer

    def _begin(self, sequence: int, frame: Request) -> Sequence[bytes]:
        if not isinstance(frame, self._start) or sequence != 1:
            raise FailedPreconditionError(
                "GRAMMAR_VIOLATED",
                f"A session begins with Start, numbered 1, or with Attach; found {type(frame).__name__} {sequence}.",
            )
        token: str = frame.token
        self._context.admit(token)
        component, run = self._describe(frame)
        self._withdrawn.clear()
        session = self._session = _Session(token, self._make(frame))
        self._context.opened(token, component, run)
        session.instance.send(frame)
        response = session.instance.receive(0)
        session.answer = self._codec.encode_response(sequence, response)
        session.sequence = sequence
        return session.answer

    def _carry_out(self, instance: Instance[Request, Response], frame: Request) -> Response | Refused:
        """Ask the instance; what it refuses without harm becomes an error frame."""
        try:
            instance.send(frame)
            return instance.receive(0)
        except (InvalidArgumentError, FailedPreconditionError) as error:
            return Refused(error)

    def _attach(self, attach: Attach) -> Sequence[bytes]:
        session = self._session
        if session is None or session.token != attach.token:
            raise NotFoundError(
                "SESSION_UNKNOWN", "There is no such session here: it has ended, or its linger time is over."
            )
        self._context.resumed(session.token)
        return self._codec.encode_response(0, Attached(session.sequence))

    def _linger(self) -> None:
        """Keep the session until somebody attaches, it is withdrawn, or the time is over."""
        session = self._session
        if session is None:
            return
        self._context.suspended(session.token)
        waited, step_s, linger_s = 0.0, 0.05, self._linger_s()
        while not self._attaching.wait(step_s):
            waited += step_s
            if self._withdrawn.is_set() or self._context.stop.is_set():
                break
            if waited >= linger_s:
                self._end(LostError("LINGER_OVER", "Nobody came back to the session within its linger time."))
                return
        if self._attaching.is_set():
            self._attaching.clear()
            return
        self._end(None)

    def _end(self, error: BaseException | None) -> None:
        """End the session, if there is one, and tell the parent how."""
        session = self._session
        if session is None:
            return
        if not isinstance(error, AuthorError):
            self._farewell(session.instance)
        self._close(session)
        if error is None:
            self._context.ended(session.token)
        elif isinstance(error, SparringError):
            self._context.ended(session.token, error.reason, error.message)
        else:
            self._context.ended(session.token, "INTERNAL", "internal error, see the log of the host")

    def _close(self, session: _Session[Request, Response]) -> None:
        self._session = None
        session.instance.close()

    def _farewell(self, instance: Instance[Request, Response]) -> None:
        """Shut the instance down, if it has not been; author code that complains now has nobody left to hear it."""
        try:
            instance.send(Shutdown())  # type: ignore[arg-type]
            instance.receive(0)
        except SparringError:
            return

    def _withdraw(self, token: str) -> None:
        session = self._session
        if session is None or session.token != token:
            return
        self._withdrawn.set()
        current = self._stream
        if current is not None:
            current.cancel()
