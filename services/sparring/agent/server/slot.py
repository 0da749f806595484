"""A slot of the agent service: one muscle or one brain."""

from __future__ import annotations

from typing import Final

from sparring.agent.brain_instance import BrainInstance
from sparring.agent.muscle_instance import MuscleInstance
from sparring.agent.server.brain import Brain
from sparring.agent.server.defaults import Defaults
from sparring.codec.brain_frames import BrainFrames, BrainRequest, BrainResponse
from sparring.codec.muscle_frames import MuscleFrames
from sparring.host.plugins import Plugins
from sparring.host.session_kind import SessionKind
from sparring.host.session_loop import SessionLoop
from sparring.host.slot_context import SlotContext
from sparring.rpc.step_stream import ServerStream, StepServer
from sparring.types.frames import MuscleRequest, MuscleResponse, StartMuscle
from sparring.types.learning import StartBrain

MUSCLE: Final = "/sparring.api.agent.v1.MuscleService/MuscleSession"
BRAIN: Final = "/sparring.api.agent.v1.BrainService/BrainSession"
EXPERIENCE: Final = "/sparring.api.agent.v1.BrainService/Experience"
OWN: Final = ("sparring.agent", "sparring.experiment")
"""What every host has, plugins or not; the second one has the termination conditions that look into a brain."""
MAX_STREAMS: Final = 1024
"""Rollout workers that one brain can learn from at the same time, and a few more."""


class AgentSlot:
    """The server of a slot's process. Muscles, and the owner's stream of a brain, run in the main thread."""

    def __init__(self, context: SlotContext) -> None:
        self._context = context
        configuration = context.configuration
        plugins = Plugins((*OWN, *configuration.plugins), "part of an agent")
        defaults = Defaults.of(configuration.options)
        brain = Brain(lambda: BrainInstance(plugins, context.gauge))
        muscles: SessionKind[MuscleRequest, MuscleResponse] = SessionKind(
            MuscleFrames,
            StartMuscle,
            lambda _: MuscleInstance(plugins, context.gauge),
            lambda start: (f"muscle of {start.agent} ({start.muscle.name})", start.origin.run),
            complete=defaults.complete_muscle,
        )
        brains: SessionKind[BrainRequest, BrainResponse] = SessionKind(
            BrainFrames,
            StartBrain,
            brain.begin,
            lambda start: (f"brain of {start.agent} ({start.brain.name})", start.origin.run),
            linger_s=lambda: brain.orphan_s,
            fence=lambda codec: brain.fence(codec.epoch),
            complete=defaults.complete_brain,
        )
        self._muscles = SessionLoop(context, muscles)
        self._brains = SessionLoop(context, brains)
        self._server = StepServer(
            {MUSCLE: self._muscles.handle, BRAIN: self._brains.handle},
            configuration.address,
            beside={EXPERIENCE: brain.experience},
            authorize=context.authorize,
            credentials=context.server_credentials(),
            max_streams=MAX_STREAMS,
        )

    def bind(self) -> int:
        """Listen; return the port."""
        return self._server.bind()

    def serve(self) -> None:
        """Serve in this thread until told to stop."""
        self._server.serve(self._context.stop, newcomer=self._newcomer, grace_s=0.0)

    def _newcomer(self, stream: ServerStream) -> bool:
        return (self._muscles if stream.method == MUSCLE else self._brains).newcomer(stream)


def make_slot(context: SlotContext) -> AgentSlot:
    """Make the server of a slot; the entry that the host names."""
    return AgentSlot(context)
