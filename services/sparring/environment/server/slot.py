"""A slot of the environment service: one session with one instance, in the main thread of its process."""

from __future__ import annotations

from typing import Final

from sparring.codec.environment_frames import EnvironmentFrames
from sparring.environment.instance import EnvironmentInstance
from sparring.environment.server.defaults import Defaults
from sparring.host.plugins import Plugins
from sparring.host.session_kind import SessionKind
from sparring.host.session_loop import SessionLoop
from sparring.host.slot_context import SlotContext
from sparring.rpc.step_stream import StepServer
from sparring.types.frames import EnvironmentRequest, EnvironmentResponse, StartEnvironment

SESSION: Final = "/sparring.api.environment.v1.EnvironmentService/Session"
OWN: Final = "sparring.environment"
"""What every host has, plugins or not."""


class EnvironmentSlot:
    """The server of a slot's process."""

    def __init__(self, context: SlotContext) -> None:
        self._context = context
        configuration = context.configuration
        plugins = Plugins((OWN, *configuration.plugins), "environment", "ENVIRONMENT_UNKNOWN")
        defaults = Defaults.of(configuration.options)
        kind: SessionKind[EnvironmentRequest, EnvironmentResponse] = SessionKind(
            EnvironmentFrames,
            StartEnvironment,
            lambda _: EnvironmentInstance(plugins, context.gauge),
            lambda start: (f"{start.uid} ({start.environment.name or 'the only one'})", start.origin.run),
            complete=defaults.start,
        )
        self._loop = SessionLoop(context, kind)
        self._server = StepServer(
            {SESSION: self._loop.handle},
            configuration.address,
            authorize=context.authorize,
            credentials=context.server_credentials(),
        )

    def bind(self) -> int:
        """Listen; return the port."""
        return self._server.bind()

    def serve(self) -> None:
        """Serve in this thread until told to stop."""
        self._server.serve(self._context.stop, newcomer=self._loop.newcomer, grace_s=0.0)


def make_slot(context: SlotContext) -> EnvironmentSlot:
    """Make the server of a slot; the entry that the host names."""
    return EnvironmentSlot(context)
