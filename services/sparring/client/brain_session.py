"""The owner's stream to a brain, for the governor: start, learn, save, shut down."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

import grpc

from sparring.client.access import NO_ACCESS, Access, open_session_channel, session_metadata
from sparring.client.attempts import Attempts
from sparring.client.experience_feed import ExperienceFeed
from sparring.client.session_errors import ended_early, hung, is_broken, session_error
from sparring.codec.brain_frames import BrainFrames, BrainRequest
from sparring.codec.session import Attach, Attached, Refused
from sparring.codec.values import Chunks
from sparring.rpc.channels import Channel
from sparring.rpc.retry import Backoff
from sparring.types.errors import FailedPreconditionError, InternalError, SparringError
from sparring.types.frames import ShutDown, Shutdown
from sparring.types.learning import BrainStarted, Learn, Learned, Save, Saved, StartBrain
from sparring.types.plan import Grant

BRAIN_METHOD: Final = "/sparring.api.agent.v1.BrainService/BrainSession"
RECONNECTING: Final = Backoff(attempts=100, first_s=0.05, most_s=1.0, budget_s=30.0)
"""How long a governor tries to come back; a brain waits 60 s for its owner by default."""
_ATTACH_S: Final = 30.0

Frame = TypeVar("Frame")


class BrainSession:
    """A brain's life. One request at a time; others wait for their turn.

    Every method raises AuthorError (brain, objective or filter raised), HungError (the deadline passed), LostError (the
    brain is gone: load its newest state into another one), FailedPreconditionError (EPOCH_STALE: another governor owns
    the run) or InvalidArgumentError (the request was refused, the brain is unharmed).

    A stream that broke is opened again and attached; what is unanswered is sent again under its number.
    """

    def __init__(self, channel: Channel, grant: Grant, component: str, epoch: int, reconnecting: Backoff) -> None:
        """Prepare.

        Args:
            channel: To where the brain is; closed with the session.
            grant: The brain's session.
            component: Names the brain in errors.
            epoch: The owner's epoch of the run.
            reconnecting: Attempts and budget for coming back after the stream broke.
        """
        self._channel = channel
        self._method = channel.stream_stream(BRAIN_METHOD)
        self._grant = grant
        self._component = component
        self._reconnecting = reconnecting
        self._codec = BrainFrames(epoch)
        self._chunks = Chunks()
        self._stream: Any = None
        self._sequence = 0
        self._started = False
        self._turn = asyncio.Lock()
        self._over: SparringError | None = None

    async def start(self, start: StartBrain, timeout_s: float) -> BrainStarted:
        """Construct the brain; the session's token is stamped on the request."""
        request = replace(start, token=self._grant.token)
        started = _expect(BrainStarted, await self._ask(request, timeout_s))
        self._started = True
        return started

    async def attach(self) -> int:
        """Take over a brain that another governor started; return how many of its requests it has answered."""
        async with self._turn, self._failing("Attach", _ATTACH_S):
            await self._open()
            self._sequence = await self._attach(0)
        self._started = True
        return self._sequence

    async def learn(self, learn: Learn, timeout_s: float) -> Learned:
        """Let the brain learn from the committed episodes of a round."""
        return _expect(Learned, await self._ask(learn, timeout_s))

    def feed(self, run: str, phase: int) -> ExperienceFeed:
        """Prepare to give committed experience once more; whoever asks closes it."""
        return ExperienceFeed(self._channel, self._grant, self._component, self._codec.epoch, run, phase)

    async def save(self, timeout_s: float) -> Saved:
        """Return everything that is needed to go on with equal bits."""
        return _expect(Saved, await self._ask(Save(), timeout_s))

    async def shutdown(self, timeout_s: float) -> None:
        """End the brain in good order."""
        _expect(ShutDown, await self._ask(Shutdown(), timeout_s))
        self._end(FailedPreconditionError("SESSION_CLOSED", f"{self._component} was shut down."))

    async def close(self) -> None:
        """Leave without a farewell; the brain waits for an owner for a while. Never raises; may be called twice."""
        self._end(FailedPreconditionError("SESSION_CLOSED", f"The stream to {self._component} was closed here."))
        await self._channel.close()

    async def _ask(self, request: BrainRequest, timeout_s: float) -> object:
        async with self._turn:
            if self._over is not None:
                raise self._over
            messages = self._codec.encode_request(self._sequence + 1, request)
            async with self._failing(type(request).__name__, timeout_s):
                frame = await self._exchange(messages, type(request).__name__, timeout_s)
            if isinstance(frame, Refused):
                raise frame.error
            return frame

    @contextlib.asynccontextmanager
    async def _failing(self, asked: str, timeout_s: float) -> AsyncIterator[None]:
        """Bound a request, and end the session with what its failure means."""
        try:
            async with asyncio.timeout(timeout_s):
                yield
        except TimeoutError as error:
            raise self._end(hung(self._component, asked, timeout_s)) from error
        except SparringError as error:
            raise self._end(session_error(error, self._component)) from error
        except asyncio.CancelledError:
            # Nobody knows now whether the request was carried out; attaching again tells.
            self._end(session_error(ended_early(self._component, asked), self._component))
            raise

    async def _exchange(self, messages: Sequence[bytes], asked: str, timeout_s: float) -> object:
        """Send a request and return its answer; on another stream, if the first one breaks."""
        number = self._sequence + 1
        attempts = Attempts(self._reconnecting, time.monotonic() + timeout_s)
        reopen = self._stream is None
        while True:
            try:
                if reopen:
                    await self._open()
                    if self._started:
                        await self._attach(self._sequence)
                for message in messages:
                    await self._stream.write(message)
                frame = await self._answer(number, asked)
                self._sequence = number
                return frame
            except SparringError as error:
                if not is_broken(error) or not (self._started or error.reason == "UNAVAILABLE"):
                    raise
                await attempts.begin_soon(error)
                reopen = True

    async def _answer(self, number: int, asked: str) -> object:
        while True:
            data = await self._stream.read()
            if data is grpc.aio.EOF:
                raise ended_early(self._component, asked)
            found, frame = self._codec.decode_response(data, self._chunks)
            if frame is not None and found == number:
                return frame
            if found > number:
                raise InternalError(
                    "SEQUENCE_UNEXPECTED", f"{self._component} answered request {found}; the last one was {number}."
                )

    async def _open(self) -> None:
        if self._stream is not None:
            self._stream.cancel()
        self._chunks = Chunks()
        self._stream = self._method(metadata=(session_metadata(self._grant.token),))

    async def _attach(self, last_sequence: int) -> int:
        (attach,) = self._codec.encode_request(0, Attach(self._grant.token, last_sequence))
        await self._stream.write(attach)
        return _expect(Attached, await self._answer(0, "Attach")).last_sequence

    def _end(self, error: SparringError) -> SparringError:
        self._over = self._over or error
        if self._stream is not None:
            self._stream.cancel()
        return self._over


def open_brain(
    grant: Grant, agent: str, *, epoch: int, access: Access = NO_ACCESS, reconnecting: Backoff = RECONNECTING
) -> BrainSession:
    """Prepare the owner's stream to a brain; `start` or `attach` begins it, `close` releases it.

    Args:
        grant: The brain's session.
        agent: The agent's name in the document.
        epoch: The owner's epoch of the run.
        access: Token and TLS material.
        reconnecting: Attempts and budget for coming back after the stream broke.

    Raises:
        InvalidArgumentError: PLACE_INVALID.
    """
    channel = open_session_channel(grant, access)
    return BrainSession(channel, grant, f"the brain of agent {agent!r}", epoch, reconnecting)


def _expect(kind: type[Frame], frame: object) -> Frame:
    if not isinstance(frame, kind):
        raise InternalError("RESPONSE_UNEXPECTED", f"Expected {kind.__name__}, got {type(frame).__name__}.")
    return frame
