"""The session loop of a slot: whose stream is served, from Start or Attach to Shutdown or the end of linger."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from typing import Final, Generic, TypeVar

from sparring.codec.session import Attach, Attached, FrameCodec
from sparring.codec.values import Chunks
from sparring.host.session import Session
from sparring.host.session_kind import SessionKind
from sparring.host.slot_context import SlotContext
from sparring.host.visit import Visit
from sparring.rpc.step_stream import ServerStream
from sparring.types.errors import (
    ExhaustedError,
    FailedPreconditionError,
    LostError,
    NotFoundError,
    SparringError,
)
from sparring.types.frames import Shutdown

Request = TypeVar("Request")
Response = TypeVar("Response")

FIRST_FRAME_S: Final = 10.0
"""How long an opened stream may take to say what it wants."""
SESSION_KEY: Final = "sparring-session"
"""Metadata that names the session, for streams whose first frame is a long one."""
_LOOK_S: Final = 0.1

_log = logging.getLogger(__name__)


class SessionLoop(Generic[Request, Response]):
    """Drives one session after the other, in the thread that calls it: author code stays in one thread for its life.

    Args:
        context: The slot.
        kind: What its sessions have of their own.
    """

    def __init__(self, context: SlotContext, kind: SessionKind[Request, Response]) -> None:
        self._context = context
        self._kind = kind
        self._codec = kind.codec()
        self._changed = threading.Condition()
        self._session: Session[Request, Response] | None = None
        self._stream: ServerStream | None = None  # the one that is served
        self._visit: Visit | None = None  # the one that is to be served next
        self._taken_up = False  # whether the stream that is served is the session's
        self._withdrawn = False
        context.on_withdraw(self._withdraw)

    def handle(self, stream: ServerStream) -> None:
        """Serve a session from its first stream to its end, with whatever streams its client comes back on."""
        error = self._serve_safely(stream)
        while self._session is not None:
            visit = self._linger()
            if visit is not None:
                visit.end(self._serve_safely(visit.stream))
        with self._changed:
            late, self._visit = self._visit, None
            self._withdrawn = False
        if late is not None:
            late.end(_unknown())
        if error is not None:
            raise error

    def newcomer(self, stream: ServerStream) -> bool:
        """Meet a stream while another is served; runs in a thread of its own. See `StepServer.serve`.

        The session's own client takes over. The client of the next session, if this slot expects it, waits.
        """
        codec = self._kind.codec()
        data = stream.peek(FIRST_FRAME_S)
        frame = None if data is None else codec.decode_request(data, Chunks())[1]
        if isinstance(frame, Attach):
            self._take_over(codec, frame, stream)
            return False
        named = str(dict(stream.metadata).get(SESSION_KEY, ""))
        if not self._context.expects(frame.token if isinstance(frame, self._kind.start) else named):
            raise ExhaustedError("SLOT_TAKEN", "This slot holds, or expects, another session.")
        with self._changed:
            silent = self._stream if self._session is None else None
        if silent is not None:
            silent.cancel()  # has never said what it wants
        return True

    def _take_over(self, codec: FrameCodec[Request, Response], attach: Attach, stream: ServerStream) -> None:
        """Hand a stream to the serving thread, and wait until that has done with it."""
        visit = Visit(stream)
        with self._changed:
            session = self._session
            if session is None or session.token != attach.token:
                raise _unknown()
            self._kind.fence(codec)
            before, self._visit = self._visit, visit
            current = self._stream
            self._changed.notify_all()
        if before is not None:
            before.end(LostError("STREAM_REPLACED", "The client of the session has opened another stream."))
        if current is not None:
            current.cancel()
        visit.wait()

    def _serve_safely(self, stream: ServerStream) -> Exception | None:
        """Serve one stream to its end; return what it ends with. A session ends with it, unless it only broke."""
        with self._changed:
            if self._withdrawn or self._visit is not None:
                return LostError("STREAM_REPLACED", "The session was withdrawn, or its client has another stream.")
            self._stream, self._taken_up = stream, False
        try:
            self._serve(stream)
            return None
        except LostError as error:
            return error
        except Exception as error:
            if not isinstance(error, SparringError):
                _log.exception("a stream of %s failed", stream.method)
            if self._taken_up:
                self._end(error)
            return error
        finally:
            with self._changed:
                self._stream = None

    def _serve(self, stream: ServerStream) -> None:
        codec, chunks = self._codec, Chunks()
        data = stream.receive(FIRST_FRAME_S)
        while data is not None:
            sequence, frame = codec.decode_request(data, chunks)
            if frame is None:
                data = stream.receive(FIRST_FRAME_S)
                continue
            answer = self._answer(sequence, frame) if self._taken_up else self._open(sequence, frame)
            for message in answer[:-1]:
                stream.send(message)
            if isinstance(frame, Shutdown):
                stream.send(answer[-1])
                return
            data = stream.answer_and_receive(answer[-1])
        if self._taken_up:
            self._end(LostError("STREAM_CLOSED", "The client closed the stream without Shutdown."))

    def _open(self, sequence: int, frame: Request | Attach) -> Sequence[bytes]:
        """Begin a session, or take it up again, with a stream's first frame."""
        session = self._session
        if isinstance(frame, Attach):
            if session is None or session.token != frame.token:
                raise _unknown()
            self._kind.fence(self._codec)
            self._taken_up = True
            self._context.resumed(session.token)
            return self._codec.encode_response(0, Attached(session.sequence))
        if session is not None or not isinstance(frame, self._kind.start) or sequence != 1:
            raise _violated(
                f"A session begins with Start, numbered 1, or with Attach; found {_name(frame)}, numbered {sequence}."
            )
        self._context.admit(frame.token)
        session = Session(self._context, frame.token, self._kind.make(frame), self._codec, self._kind.start)
        self._taken_up = True
        with self._changed:
            self._session = session
        self._context.opened(session.token, *self._kind.describe(frame))
        self._kind.fence(self._codec)
        return session.begin(self._kind.complete(frame))

    def _answer(self, sequence: int, frame: Request | Attach) -> Sequence[bytes]:
        session = self._session
        if session is None or isinstance(frame, Attach):
            raise _violated(f"{_name(frame)} is not allowed here.")
        self._kind.fence(self._codec)
        answer = session.answer(sequence, frame)
        if isinstance(frame, Shutdown):
            self._end(None, farewell=False)
        return answer

    def _linger(self) -> Visit | None:
        """Keep the session until its client comes back; None when it did not, and the session has ended."""
        session = self._session
        assert session is not None
        self._context.suspended(session.token)
        linger_s = self._kind.linger_s
        until = time.monotonic() + (linger_s() if linger_s is not None else self._context.configuration.linger_s)
        with self._changed:
            while not (self._withdrawn or self._context.stop.is_set() or time.monotonic() >= until):
                visit, self._visit = self._visit, None
                if visit is not None:
                    return visit
                self._changed.wait(_LOOK_S)
        if self._withdrawn:
            self._end(None)
        elif self._context.stop.is_set():
            self._end(LostError("HOST_STOPPING", "The host of the session is stopping."))
        else:
            self._end(LostError("LINGER_OVER", "Nobody came back to the session within its linger time."))
        return None

    def _end(self, error: Exception | None, *, farewell: bool = True) -> None:
        """End the session, if there is one."""
        with self._changed:
            session, self._session = self._session, None
        if session is not None:
            session.end(error, farewell=farewell)

    def _withdraw(self, token: str) -> None:
        with self._changed:
            if self._session is None or self._session.token != token:
                return
            self._withdrawn = True
            current = self._stream
            self._changed.notify_all()
        if current is not None:
            current.cancel()


def _name(frame: object) -> str:
    return type(frame).__name__


def _unknown() -> NotFoundError:
    return NotFoundError("SESSION_UNKNOWN", "There is no such session here: it has ended, or its linger time is over.")


def _violated(problem: str) -> FailedPreconditionError:
    return FailedPreconditionError("GRAMMAR_VIOLATED", problem)
