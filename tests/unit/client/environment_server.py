"""A hand-written environment server on port 0, whose behaviour each test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from sparring.client.stream_session import ENVIRONMENT_METHOD
from sparring.codec.environment_frames import EnvironmentFrames
from sparring.codec.session import Attach, Attached
from sparring.codec.values import Chunks
from sparring.rpc.step_stream import ServerStream, StepServer
from sparring.types.declaration import Component, Declaration, FreeValue
from sparring.types.errors import NotFoundError
from sparring.types.frames import (
    EnvironmentStarted,
    Reset,
    ResetDone,
    ShutDown,
    Shutdown,
    StartEnvironment,
    Update,
    Updated,
)
from sparring.types.plan import FixedAddress
from sparring.types.space import Box
from sparring.types.values import Values

READINGS = Values(bytes(range(8)))
SOON_S = 10.0


def started(*capabilities: str, model: FreeValue | None = None) -> EnvironmentStarted:
    field = Declaration("x", Box(-1.0, 1.0, (2,)))
    return EnvironmentStarted(
        (field,), (field,), (), ResetDone(READINGS), capabilities=frozenset(capabilities), static_world_model=model
    )


def start(uid: str = "grid") -> StartEnvironment:
    return StartEnvironment(Component("", {}), uid, session_seed=1, episode_seeds=(2,))


def answer(request: Any) -> Any:
    """Answer as an environment that can resume does."""
    match request:
        case StartEnvironment():
            return started("resume")
        case Update(setpoints=setpoints):
            return Updated(setpoints, Values(b""))
        case Reset():
            return ResetDone(READINGS)
        case Shutdown():
            return ShutDown()
    raise AssertionError(request)


class EnvironmentServer:
    """Serves sessions. Stop it, or use it as a context.

    Attributes:
        applied: Every request that was carried out, in order.
        metadata: Of the last stream.
        attached: How often a session was attached.
        breaks: Numbers of requests whose answer is lost with the stream, once each.
        cuts: Numbers of requests before which the stream is lost, once each.
        hold: Held-up streams wait for it (`hang`).
    """

    def __init__(self, answer: Callable[[Any], Any] = answer, address: str = "127.0.0.1:0") -> None:
        self.applied: list[Any] = []
        self.metadata: dict[str, str | bytes] = {}
        self.attached = 0
        self.breaks: set[int] = set()
        self.cuts: set[int] = set()
        self.hold = threading.Event()
        self._answer = answer
        self._codec = EnvironmentFrames()
        self._cache: dict[str, tuple[int, Sequence[bytes]]] = {}
        self._server = StepServer({ENVIRONMENT_METHOD: self._serve}, address)
        self.port = self._server.start()

    @property
    def place(self) -> FixedAddress:
        return FixedAddress(f"127.0.0.1:{self.port}")

    def hang(self) -> None:
        """Keep a request waiting until the server is stopped."""
        self.hold.wait(SOON_S)

    def stop(self) -> None:
        self.hold.set()
        self._server.stop(0.0)

    def __enter__(self) -> EnvironmentServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _serve(self, stream: ServerStream) -> None:
        self.metadata = dict(stream.metadata)
        token, chunks = "", Chunks()
        while (data := stream.receive(SOON_S)) is not None:
            sequence, frame = self._codec.decode_request(data, chunks)
            if frame is None:
                continue
            if sequence in self.cuts:
                self.cuts.remove(sequence)
                stream.cancel()
                return
            if isinstance(frame, StartEnvironment):
                token = frame.token
            if isinstance(frame, Attach):
                token, messages = frame.token, self._attach(frame)
            elif self._cache.get(token, (0, ()))[0] == sequence:
                messages = self._cache[token][1]
            else:
                self.applied.append(frame)
                messages = self._codec.encode_response(sequence, self._answer(frame))
                self._cache[token] = sequence, messages
            if sequence in self.breaks:
                self.breaks.remove(sequence)
                stream.cancel()
                return
            for message in messages:
                stream.send(message)
            if isinstance(frame, Shutdown):
                return

    def _attach(self, frame: Attach) -> Sequence[bytes]:
        if frame.token not in self._cache:
            raise NotFoundError("SESSION_UNKNOWN", "There is no such session here.")
        self.attached += 1
        return self._codec.encode_response(0, Attached(self._cache[frame.token][0]))
