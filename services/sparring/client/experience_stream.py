"""The stream below an experience session: numbered frames to one brain, and whatever frames come back."""

from __future__ import annotations

import contextlib
import time
from typing import Final, TypeAlias

from sparring.client.attempts import Attempts
from sparring.client.session_errors import ended_early, hung, session_error
from sparring.codec.experience_frames import ExperienceFrames, ExperienceRequest, ExperienceResponse, Join
from sparring.codec.values import Chunks
from sparring.rpc.retry import Backoff
from sparring.rpc.step_stream import ClientStream, StepChannel
from sparring.rpc.step_stream.stream import SEND_TIMEOUT_S
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError, SparringError

Numbered: TypeAlias = tuple[int, ExperienceResponse]
"""A frame and the number of the request that it answers; 0 for a bare policy."""

EXPERIENCE_METHOD: Final = "/sparring.api.agent.v1.BrainService/Experience"
CONNECTING: Final = Backoff(attempts=20, first_s=0.05, most_s=0.5, budget_s=5.0)
_FAREWELL_S: Final = 1.0
_TIMED_OUT: Final = ("RECEIVE_TIMED_OUT", "SEND_TIMED_OUT")


class ExperienceStream:
    """Moves frames, and says once and for all how the stream ended. One thread.

    Attributes:
        sequence: Number of the last request.
        over: Why nothing more can be done; None while it can.
    """

    def __init__(self, channel: StepChannel, component: str) -> None:
        """Prepare; `join` opens the stream. The channel is closed with it; `component` names the brain in errors."""
        self.sequence = 0
        self.over: SparringError | None = None
        self._channel = channel
        self._component = component
        self._codec = ExperienceFrames()
        self._chunks = Chunks()
        self._stream: ClientStream | None = None

    def join(self, join: Join, timeout_s: float) -> Numbered:
        """Open the stream and return the answer to Join. Tried again while no connection comes about.

        Raises:
            SparringError: As `receive`.
        """
        attempts = Attempts(CONNECTING, time.monotonic() + timeout_s)
        while True:
            self._stream = self._channel.open_stream(EXPERIENCE_METHOD)
            try:
                self.send(join)
                return self.receive("Join", timeout_s)
            except SparringError as error:
                if not isinstance(error.__cause__, SparringError) or error.__cause__.reason != "SERVER_UNREACHABLE":
                    raise
                attempts.begin(error)
                self._stream.close()
                self.sequence, self.over = 0, None

    def send(self, request: ExperienceRequest) -> None:
        """Send a request under the next number.

        Raises:
            InvalidArgumentError: MESSAGE_TOO_LARGE; nothing was sent.
            SparringError: As `receive`.
        """
        stream = self._live()
        try:
            for message in self._codec.encode_request(self.sequence + 1, request):
                stream.send(message)
        except InvalidArgumentError:
            raise
        except SparringError as error:
            raise self._end(error, type(request).__name__, SEND_TIMEOUT_S) from error
        self.sequence += 1

    def receive(self, what: str, timeout_s: float, until: float | None = None) -> Numbered:
        """Wait for the next frame.

        Args:
            what: Names in errors what is waited for.
            timeout_s: How long.
            until: The deadline on `time.monotonic`, where the wait began earlier.

        Raises:
            AuthorError: Objective, filter or brain raised.
            HungError: Nothing came in time.
            LostError: The brain is gone.
        """
        try:
            return self._next(what, time.monotonic() + timeout_s if until is None else until)
        except SparringError as error:
            raise self._end(error, what, timeout_s) from error

    def poll(self) -> Numbered | None:
        """Return a frame that has come already, or None. That the stream is over is said by the next call."""
        if self.over is not None:
            return None
        try:
            return self._next("nothing", time.monotonic())
        except SparringError as error:
            if error.reason not in _TIMED_OUT:
                self._end(error, "nothing", 0.0)
            return None

    def fail(self, error: SparringError) -> SparringError:
        """End the stream from this side, with what every later call raises; returns it."""
        self.over = self.over or error
        if self._stream is not None:
            self._stream.close()
        return self.over

    def close(self) -> None:
        """Half-close, wait a moment for the other side to end, and give everything back."""
        if self.over is None and self._stream is not None:
            with contextlib.suppress(SparringError):
                self._stream.done_sending()
                until = time.monotonic() + _FAREWELL_S
                while self._stream.receive(max(0.0, until - time.monotonic())) is not None:
                    continue
        self.fail(FailedPreconditionError("SESSION_CLOSED", f"The stream to {self._component} was closed here."))
        self._channel.close()

    def _next(self, what: str, until: float) -> Numbered:
        stream = self._live()
        while True:
            data = stream.receive(max(0.0, until - time.monotonic()))
            if data is None:
                raise ended_early(self._component, what)
            number, frame = self._codec.decode_response(data, self._chunks)
            if frame is not None:
                return number, frame

    def _live(self) -> ClientStream:
        if self.over is not None:
            raise self.over
        if self._stream is None:
            raise FailedPreconditionError("NOT_JOINED", f"The stream to {self._component} begins with `join`.")
        return self._stream

    def _end(self, error: SparringError, what: str, timeout_s: float) -> SparringError:
        late = error.reason in _TIMED_OUT
        return self.fail(hung(self._component, what, timeout_s) if late else session_error(error, self._component))
