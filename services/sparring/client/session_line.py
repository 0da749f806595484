"""The line of a session: one stream at a time, opened when needed, opened and attached again when it broke."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sparring.codec.session import Attach, Attached, FrameCodec
from sparring.codec.values import Chunks
from sparring.rpc.step_stream import ClientStream, StepChannel
from sparring.types.errors import FailedPreconditionError


class SessionLine:
    """Moves messages; knows nothing of what they ask for. One thread, but for `cut`.

    Args:
        channel: To where the session is; closed with the line.
        method: Full name of the stream's method.
        codec: Frames to bytes and back.
    """

    def __init__(self, channel: StepChannel, method: str, codec: FrameCodec[Any, Any]) -> None:
        self._channel = channel
        self._method = method
        self._codec = codec
        self._decode = codec.decode_response
        self._stream: ClientStream | None = None
        self._chunks = Chunks()
        self._cut = False

    def transmit(self, messages: Sequence[bytes]) -> None:
        """Send the messages of one request and begin to receive its answer. Opens the stream if there is none.

        Raises:
            SparringError: See `ClientStream.ask` and `ClientStream.send`.
        """
        stream = self._stream or self.open()
        for message in messages[:-1]:
            stream.send(message)
        stream.ask(messages[-1])

    def receive(self, until: float) -> tuple[int, Any] | None:
        """Wait for the next frame, behind its chunks.

        Args:
            until: The deadline, on `time.monotonic`.

        Returns:
            The frame with its number; None when the stream ended well.

        Raises:
            SparringError: See `ClientStream.receive`.
        """
        stream, decode, chunks = self._stream, self._decode, self._chunks
        if stream is None:
            return None
        while True:
            data = stream.receive(max(0.0, until - time.monotonic()))
            if data is None:
                return None
            sequence, frame = decode(data, chunks)
            if frame is not None:
                return sequence, frame

    def open(self) -> ClientStream:
        """Open a stream in the place of the one before."""
        if self._stream is not None:
            self._stream.close()
        self._chunks = Chunks()
        stream = self._stream = self._channel.open_stream(self._method)
        if self._cut:  # `cut` may have met the stream before this one
            stream.cancel()
        return stream

    def attach(self, token: str, last_sequence: int, until: float) -> None:
        """Resume the session on the stream just opened.

        Raises:
            FailedPreconditionError: RESPONSE_UNEXPECTED.
            SparringError: The other side refuses, or the stream broke once more.
        """
        self.transmit(self._codec.encode_request(0, Attach(token, last_sequence)))
        answer = self.receive(until)
        if answer is None or not isinstance(answer[1], Attached):
            found = "the end of the stream" if answer is None else type(answer[1]).__name__
            raise FailedPreconditionError("RESPONSE_UNEXPECTED", f"Attach was answered with {found}.")

    def cut(self) -> None:
        """Break off, from any thread: a blocked `receive` raises at once, and so does every later one."""
        self._cut = True
        stream = self._stream
        if stream is not None:
            stream.cancel()

    def break_off(self) -> None:
        """Break the stream, as a network may; another one may be opened."""
        if self._stream is not None:
            self._stream.cancel()

    def hang_up(self) -> None:
        """Close the stream; the session may live on at the other end."""
        if self._stream is not None:
            self._stream.close()

    def close(self) -> None:
        """Give everything back."""
        self.hang_up()
        self._channel.close()
