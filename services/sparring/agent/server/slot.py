"""A slot of the agent service: one muscle or one brain."""

from __future__ import annotations

from sparring.agent.brain_instance import BrainInstance
from sparring.agent.muscle_instance import MuscleInstance
from sparring.agent.server.brain import Brain
from sparring.codec.brain_frames import BrainFrames, BrainRequest, BrainResponse
from sparring.codec.muscle_frames import MuscleFrames
from sparring.host.plugins import Plugins
from sparring.host.session_loop import SessionLoop
from sparring.host.slot_context import SlotContext
from sparring.rpc.step_stream import ServerStream, StepServer
from sparring.types.frames import MuscleRequest, MuscleResponse, StartMuscle
from sparring.types.learning import StartBrain

MUSCLE = "/sparring.api.agent.v1.MuscleService/MuscleSession"
BRAIN = "/sparring.api.agent.v1.BrainService/BrainSession"
EXPERIENCE = "/sparring.api.agent.v1.BrainService/Experience"
OWN = ("sparring.agent", "sparring.experiment")
"""What every host has, plugins or not."""


class AgentSlot:
    """The server of a slot's process. Muscles, and the owner's stream of a brain, run in the main thread."""

    def __init__(self, context: SlotContext) -> None:
        self._context = context
        plugins = Plugins((*OWN, *context.configuration.plugins), "part of an agent")
        brain = Brain(lambda: BrainInstance(plugins, context.gauge))
        self._muscles: SessionLoop[MuscleRequest, MuscleResponse] = SessionLoop(
            context,
            MuscleFrames(),
            StartMuscle,
            lambda _: MuscleInstance(plugins, context.gauge),
            lambda start: (f"muscle of {start.agent} ({start.muscle.name})", start.origin.run),
        )
        self._brains: SessionLoop[BrainRequest, BrainResponse] = SessionLoop(
            context,
            BrainFrames(),
            StartBrain,
            lambda _: brain,
            lambda start: (f"brain of {start.agent} ({start.brain.name})", start.origin.run),
            lambda: brain.orphan_s,
        )
        self._server = StepServer(
            {MUSCLE: self._muscles.handle, BRAIN: self._brains.handle},
            context.configuration.address,
            beside={EXPERIENCE: brain.experience},
            authorize=context.authorize,
        )

    def bind(self) -> int:
        """Listen; return the port."""
        return self._server.bind()

    def serve(self) -> None:
        """Serve in this thread until told to stop."""
        self._server.serve(self._context.stop, newcomer=self._newcomer)

    def _newcomer(self, stream: ServerStream) -> bool:
        return (self._muscles if stream.method == MUSCLE else self._brains).newcomer(stream)


def make_slot(context: SlotContext) -> AgentSlot:
    """Make the server of a slot; the entry that the host names."""
    return AgentSlot(context)
