"""The session ports of environments and muscles over step streams: numbered requests, errors, and coming back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, Generic, TypeVar, cast

from sparring.client.access import NO_ACCESS, Access, connect, session_token
from sparring.client.attempts import Attempts
from sparring.client.session_errors import ended_early, hung, session_error
from sparring.client.session_line import SessionLine
from sparring.codec.environment_frames import EnvironmentFrames
from sparring.codec.muscle_frames import MuscleFrames
from sparring.codec.session import FrameCodec, Refused
from sparring.rpc.retry import Backoff
from sparring.rpc.step_stream import StepChannel
from sparring.types.errors import (
    FailedPreconditionError,
    InvalidArgumentError,
    LostError,
    SparringError,
    UnavailableError,
)
from sparring.types.frames import (
    EnvironmentRequest,
    EnvironmentResponse,
    EnvironmentStarted,
    MuscleRequest,
    MuscleResponse,
    MuscleStarted,
    StartEnvironment,
    StartMuscle,
)
from sparring.types.plan import Place

Request = TypeVar("Request")
Response = TypeVar("Response")

ENVIRONMENT_METHOD: Final = "/sparring.api.environment.v1.EnvironmentService/Session"
MUSCLE_METHOD: Final = "/sparring.api.agent.v1.MuscleService/MuscleSession"

RESUME: Final = "resume"
"""The capability of servers that take Attach."""

_BROKEN: Final = "STREAM_BROKEN"
_UNREACHABLE: Final = "SERVER_UNREACHABLE"

RECONNECTING: Final = Backoff(attempts=40, first_s=0.05, most_s=0.5, budget_s=8.0)
"""How long a session tries to come back; a host keeps it for 10 s by default."""


class StreamSession(Generic[Request, Response]):
    """A conversation over a stream: an `EnvironmentSession` or a `MuscleSession`, whose docstrings hold here.

    Thread rule: one thread, but for `end`, which any thread may call.

    Attributes:
        token: The session's name.
    """

    def __init__(
        self,
        channel: StepChannel,
        method: str,
        codec: FrameCodec[Request, Response],
        *,
        token: str,
        component: str,
        reconnecting: Backoff = RECONNECTING,
    ) -> None:
        """Prepare; nothing is sent before the first request, and the connection is made with it.

        Args:
            channel: To where the session is; closed with it.
            method: Full name of the stream's method.
            codec: Frames to bytes and back.
            token: The session's name, stamped on its Start.
            component: Names the other end in errors, such as "environment 'grid'".
            reconnecting: Attempts and budget for coming back after the stream broke.
        """
        self.token = token
        self._line = SessionLine(channel, method, codec)
        self._encode = codec.encode_request
        self._component = component
        self._reconnecting = reconnecting
        self._sequence = 0
        self._asked: Request | None = None
        self._unanswered: Sequence[bytes] = ()
        self._started = self._resumable = self._closed = False
        self._failed: SparringError | None = None  # noticed while sending; the next `receive` says or mends it
        self._over: SparringError | None = None

    def send(self, request: Request) -> None:
        """Send one request. That the stream is broken is said, or mended, by `receive`."""
        if self._over is not None:
            raise self._over
        if self._asked is not None:
            raise FailedPreconditionError(
                "ANSWER_NOT_TAKEN", f"{self._component} has yet to answer {_name(self._asked)}; receive that first."
            )
        if not self._sequence and isinstance(request, StartEnvironment | StartMuscle):
            request = cast(Request, replace(request, token=self.token))
        messages = self._encode(self._sequence + 1, request)
        try:
            self._line.transmit(messages)
        except InvalidArgumentError:  # too large: nothing was sent
            raise
        except SparringError as error:
            self._failed = error
        self._sequence += 1
        self._asked, self._unanswered = request, messages

    def receive(self, timeout_s: float) -> Response:
        """Wait for the answer to the last request, `timeout_s` seconds at most."""
        if self._over is not None:
            raise self._over
        if self._asked is None:
            raise FailedPreconditionError("NOTHING_ASKED", f"Nothing was asked of {self._component}; send first.")
        until = time.monotonic() + timeout_s
        attempts: Attempts | None = None
        frame = None
        while frame is None:
            try:
                frame = self._answer(until)
            except SparringError as error:
                attempts = attempts or Attempts(self._reconnecting, until)
                self._mend(error, until, timeout_s, attempts)
        self._asked, self._unanswered = None, ()
        if type(frame) is Refused:
            raise frame.error
        if not self._started:
            self._begin(frame)
        return cast(Response, frame)

    def end(self, error: SparringError) -> None:
        """End the session from another thread: a `receive` that waits, and every later call, raises `error`."""
        self._over = self._over or error
        self._line.cut()

    def lose_frame(self) -> None:
        """Lose what was sent last, and the stream with it: a fault on purpose, which `receive` mends."""
        self._line.break_off()
        self._failed = LostError(_BROKEN, f"The stream of {self._component} was broken by a fault of the document.")

    def close(self) -> None:
        """Release everything, without a farewell. Never raises; may be called twice."""
        if not self._closed:
            self._closed = True
            self._over = self._over or FailedPreconditionError(
                "SESSION_CLOSED", f"The session with {self._component} was closed on this side."
            )
            self._line.close()

    def _begin(self, frame: object) -> None:
        self._started = True
        self._resumable = isinstance(frame, EnvironmentStarted | MuscleStarted) and RESUME in frame.capabilities

    def _answer(self, until: float) -> Any:
        if self._failed is not None:
            failed, self._failed = self._failed, None
            raise failed
        answer = self._line.receive(until)
        # A smaller number is that of an answer which came before the stream broke, and was sent once more.
        while answer is not None and answer[0] < self._sequence:
            answer = self._line.receive(until)
        if answer is None:
            raise ended_early(self._component, _name(self._asked))
        sequence, frame = answer
        if sequence > self._sequence:
            raise FailedPreconditionError(
                "SEQUENCE_UNEXPECTED",
                f"{self._component} answered request {sequence}; the last one was {self._sequence}.",
            )
        return frame

    def _mend(self, error: SparringError, until: float, timeout_s: float, attempts: Attempts) -> None:
        """Bring the session back where that can be done, or end it with what the error means."""
        try:
            if self._over is not None or not self._can_come_back(error):
                raise error
            self._come_back(error, until, attempts)
        except SparringError as found:
            self._line.hang_up()
            if self._over is None:
                late = found.reason in ("RECEIVE_TIMED_OUT", "SEND_TIMED_OUT")
                asked = _name(self._asked)
                self._over = hung(self._component, asked, timeout_s) if late else session_error(found, self._component)
            raise self._over from (None if found is self._over else found)

    def _can_come_back(self, error: SparringError) -> bool:
        """Tell whether another stream may help: an unstarted session only where nothing reached the other side."""
        if not self._started:
            return error.reason == _UNREACHABLE
        return self._resumable and error.reason in (_BROKEN, _UNREACHABLE)

    def _come_back(self, error: SparringError, until: float, attempts: Attempts) -> None:
        """Send what is unanswered under its number on another stream; a started session is attached first."""
        while True:
            attempts.begin(error)
            try:
                self._line.open()
                if self._started:
                    self._line.attach(self.token, self._sequence - 1, until)
                self._line.transmit(self._unanswered)
                return
            except (UnavailableError, LostError) as again:
                if self._over is not None or again.reason not in (_BROKEN, _UNREACHABLE):
                    raise
                error = again


def open_environment(
    place: Place, uid: str, *, access: Access = NO_ACCESS, reconnecting: Backoff = RECONNECTING
) -> StreamSession[EnvironmentRequest, EnvironmentResponse]:
    """Prepare a session with an environment; its first request is Start.

    Args:
        place: A grant, or a fixed address.
        uid: The environment's name in the document.
        access: Token and TLS material.
        reconnecting: Attempts and budget for coming back after the stream broke.

    Raises:
        InvalidArgumentError: PLACE_INVALID.
    """
    token, component = session_token(place), f"environment {uid!r}"
    channel = connect(place, token, access)
    return StreamSession(
        channel, ENVIRONMENT_METHOD, EnvironmentFrames(), token=token, component=component, reconnecting=reconnecting
    )


def open_muscle(
    place: Place, agent: str, *, access: Access = NO_ACCESS, reconnecting: Backoff = RECONNECTING
) -> StreamSession[MuscleRequest, MuscleResponse]:
    """Prepare a session with the muscle of an agent; see `open_environment`."""
    token, component = session_token(place), f"the muscle of agent {agent!r}"
    channel = connect(place, token, access)
    return StreamSession(
        channel, MUSCLE_METHOD, MuscleFrames(), token=token, component=component, reconnecting=reconnecting
    )


def _name(request: object) -> str:
    return type(request).__name__
