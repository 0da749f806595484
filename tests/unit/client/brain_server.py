"""A hand-written brain on port 0 that considers experience as each test says, and can push policies at any time."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

from sparring.client.experience_stream import EXPERIENCE_METHOD
from sparring.codec.experience_frames import ExperienceFrames, Join
from sparring.codec.values import Chunks
from sparring.rpc.step_stream import ServerStream, StepServer
from sparring.types.declaration import FreeValue
from sparring.types.errors import DeadlineError
from sparring.types.frames import Policy
from sparring.types.learning import Considered, DiscardEpisode, Joined
from sparring.types.plan import Grant

TOKEN = "5e" * 16
LOOK_EVERY_S = 0.01


def policy(version: int, size: int = 4) -> Policy:
    return Policy(version, FreeValue("application/octet-stream", bytes([version]) * size))


def consider(request: Any) -> Any:
    return Considered((float(request.first_step),) if hasattr(request, "first_step") else ())


class BrainServer:
    """Serves experience streams. Stop it, or use it as a context.

    Attributes:
        heard: Every request, in order.
        pushed: Frames to be sent unasked.
        answers: What to say to a request other than Join; None says nothing.
        joined: What to say to Join; may raise.
        half_closed: Whether the client has left in good order.
    """

    def __init__(
        self,
        answers: Callable[[Any], Any] = consider,
        joined: Callable[[Join], Any] = lambda _: Joined(policy(0), 4),
        address: str = "127.0.0.1:0",
    ) -> None:
        self.heard: list[Any] = []
        self.pushed: queue.Queue[Policy] = queue.Queue()
        self.answers = answers
        self.joined = joined
        self.half_closed = False
        self._codec = ExperienceFrames()
        self._server = StepServer({EXPERIENCE_METHOD: self._serve}, address)
        self.port = self._server.start()

    @property
    def grant(self) -> Grant:
        return Grant(TOKEN, "agent-1", "agent", f"127.0.0.1:{self.port}")

    def stop(self) -> None:
        self._server.stop(0.0)

    def __enter__(self) -> BrainServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _serve(self, stream: ServerStream) -> None:
        chunks = Chunks()
        while True:
            while not self.pushed.empty():
                self._send(stream, 0, self.pushed.get())
            try:
                data = stream.receive(LOOK_EVERY_S)
            except DeadlineError:
                continue
            if data is None:
                self.half_closed = True
                return
            number, frame = self._codec.decode_request(data, chunks)
            if frame is None:
                continue
            self.heard.append(frame)
            if isinstance(frame, DiscardEpisode):
                continue
            answer = self.joined(frame) if isinstance(frame, Join) else self.answers(frame)
            if answer is not None:
                self._send(stream, number, answer)

    def _send(self, stream: ServerStream, number: int, frame: Any) -> None:
        for message in self._codec.encode_response(number, frame):
            stream.send(message)
