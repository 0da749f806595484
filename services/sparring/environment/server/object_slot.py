"""A slot around an object that is there already: sessions and description, in the thread that it belongs to."""

from __future__ import annotations

from typing import Final

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.codec.declaration import encode_declarations
from sparring.codec.environment_frames import EnvironmentFrames
from sparring.codec.version import encode_version
from sparring.environment.environment import Environment
from sparring.environment.instance import EnvironmentInstance
from sparring.host.plugins import Plugins
from sparring.host.session_kind import SessionKind
from sparring.host.session_loop import SessionLoop
from sparring.host.slot_context import SlotContext
from sparring.rpc.step_stream import ServerStream, StepServer, unary
from sparring.types.declaration import Component, Timeouts
from sparring.types.errors import NotFoundError
from sparring.types.frames import (
    EnvironmentRequest,
    EnvironmentResponse,
    EnvironmentStarted,
    Shutdown,
    StartEnvironment,
)

SESSION: Final = "/sparring.api.environment.v1.EnvironmentService/Session"
DESCRIBE: Final = "/sparring.api.environment.v1.EnvironmentService/Describe"
OWN: Final = "sparring.environment"


class ObjectSlot:
    """The server around one object, in the thread that calls `serve`."""

    def __init__(self, context: SlotContext, environment: Environment) -> None:
        self._context = context
        self._environment = environment
        self._resolve = Plugins((OWN, *context.configuration.plugins), "reward")
        self._known: EnvironmentStarted | None = None
        kind: SessionKind[EnvironmentRequest, EnvironmentResponse] = SessionKind(
            EnvironmentFrames,
            StartEnvironment,
            lambda _: _Remembering(self),
            lambda start: (f"{start.uid} ({type(environment).__name__})", start.origin.run),
        )
        self._loop = SessionLoop(context, kind)
        self._server = StepServer(
            {SESSION: self._loop.handle, DESCRIBE: unary(self._describe)},
            context.configuration.address,
            authorize=context.authorize,
            credentials=context.server_credentials(),
        )

    def bind(self) -> int:
        """Listen; return the port."""
        return self._server.bind()

    def serve(self) -> None:
        """Serve in this thread until told to stop."""
        self._server.serve(self._context.stop, newcomer=self._newcomer, grace_s=0.0)

    def instance(self) -> EnvironmentInstance:
        """Put the object behind the session port, for one session."""
        return EnvironmentInstance(self._resolve, self._context.gauge, self._environment)

    def remember(self, started: EnvironmentStarted) -> None:
        """Keep what the object has declared; it declares the same every time."""
        self._known = started

    def _newcomer(self, stream: ServerStream) -> bool:
        if stream.method != DESCRIBE:
            return self._loop.newcomer(stream)
        if self._known is None:
            return True  # when the session that begins just now has ended, or was the first to declare anything
        unary(self._describe)(stream)
        return False

    def _describe(self, request: bytes) -> bytes:
        """Describe the object; begins an episode to learn what it declares, unless that is known."""
        asked = pb.DescribeRequest.FromString(request)
        kind, uid = type(self._environment), self._environment.uid
        own = f"{kind.__module__}:{kind.__qualname__}"
        if asked.environment.name not in ("", uid, own):
            raise NotFoundError(
                "ENVIRONMENT_UNKNOWN",
                f"There is no environment {asked.environment.name!r} here, only {own!r}.",
                name=asked.environment.name,
                offered=own,
            )
        known = self._known
        if known is None:
            instance = self.instance()
            timeouts = Timeouts(start_s=asked.timeout_s or Timeouts().start_s)
            try:
                instance.send(StartEnvironment(Component("", {}), uid, 0, (0,), timeouts=timeouts))
                started = instance.receive(0)
                instance.send(Shutdown())
                instance.receive(0)
            finally:
                instance.close()
            assert isinstance(started, EnvironmentStarted)
            known = self._known = started
        return pb.DescribeResponse(
            version=encode_version(),
            capabilities=["resume", "time"],
            sensors=encode_declarations(known.sensors),
            actuators=encode_declarations(known.actuators),
            rewards=encode_declarations(known.rewards),
            tick_ns=known.tick_ns,
            capacity=1,
            max_lanes=1,
            offered=[own],
        ).SerializeToString()


class _Remembering:
    """An instance that tells what it declares."""

    def __init__(self, slot: ObjectSlot) -> None:
        self._slot = slot
        self._instance = slot.instance()
        self.send = self._instance.send
        self.close = self._instance.close

    def receive(self, timeout_s: float) -> EnvironmentResponse:
        answer = self._instance.receive(timeout_s)
        if isinstance(answer, EnvironmentStarted):
            self._slot.remember(answer)
        return answer
