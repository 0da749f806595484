"""MuscleService and BrainService on the host's own listener: descriptions, and sessions handed on to a free slot."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from sparring.agent.server.defaults import Defaults, completed
from sparring.api.agent.v1 import brain_service_pb2 as brain_pb
from sparring.api.agent.v1 import brain_service_pb2_grpc as brain_grpc
from sparring.api.agent.v1 import muscle_service_pb2 as pb
from sparring.api.agent.v1 import muscle_service_pb2_grpc as pb_grpc
from sparring.codec.declaration import decode_component, decode_components
from sparring.host.handing_on import HandingOn
from sparring.host.inquiry import Inquiry
from sparring.host.pool import SlotPool
from sparring.host.settings import HostSettings
from sparring.types.declaration import Component
from sparring.types.errors import FailedPreconditionError

MUSCLE: Final = "/sparring.api.agent.v1.MuscleService/MuscleSession"


def muscle_sessions(pool: SlotPool, settings: HostSettings) -> HandingOn[pb.MuscleSessionResponse]:
    """Say how the sessions of a client that knows only the host's own address reach a slot."""
    return HandingOn(
        pool,
        MUSCLE,
        pb.MuscleSessionRequest,
        pb.MuscleSessionResponse,
        lambda start: (f"muscle of {start.agent} ({start.muscle.name})", start.origin.run),
        settings.token,
        settings.tls,
    )


class MuscleServicer(pb_grpc.MuscleServiceServicer):
    """Decode, ask, encode. Sessions that the broker grants go to the slot directly.

    Args:
        pool: The slots.
        sessions: Hands sessions on.
        inquiry: Asks about parts of agents.
        offered: Names of the muscles that there are.
        defaults: What a request leaves open.
    """

    def __init__(
        self,
        pool: SlotPool,
        sessions: HandingOn[pb.MuscleSessionResponse],
        inquiry: Inquiry,
        offered: Sequence[str],
        defaults: Defaults,
    ) -> None:
        self._pool = pool
        self._sessions = sessions
        self._inquiry = inquiry
        self._offered = offered
        self._defaults = defaults

    async def DescribeMuscle(self, request: pb.DescribeMuscleRequest, context: Any) -> pb.DescribeMuscleResponse:
        """Describe a muscle in a process of its own."""
        muscle = completed(self._defaults.muscle, decode_component(request.muscle))
        question = {
            "ask": "muscle",
            "name": muscle.name,
            "parameters": muscle.parameters,
            "filters": [_pair(one) for one in decode_components(request.filters)],
        }
        answer = await self._inquiry.ask(question, request.timeout_s, self._offered)
        response = pb.DescribeMuscleResponse.FromString(base64.b64decode(answer["response"]))
        response.capacity = len(self._pool.slots)
        response.offered.extend(self._offered)
        return response

    async def MuscleSession(
        self, request_iterator: AsyncIterator[pb.MuscleSessionRequest], context: Any
    ) -> AsyncIterator[pb.MuscleSessionResponse]:
        """Hand a session on to its slot."""
        async for response in self._sessions.serve(request_iterator):
            yield response


class BrainServicer(brain_grpc.BrainServiceServicer):
    """Decode, ask, encode. Brain sessions are granted by the broker and live in slots; here they are only described.

    Args:
        pool: The slots.
        inquiry: Asks about parts of agents.
        offered: Names of the brains that there are.
        defaults: What a request leaves open.
    """

    def __init__(self, pool: SlotPool, inquiry: Inquiry, offered: Sequence[str], defaults: Defaults) -> None:
        self._pool = pool
        self._inquiry = inquiry
        self._offered = offered
        self._defaults = defaults

    async def DescribeBrain(
        self, request: brain_pb.DescribeBrainRequest, context: Any
    ) -> brain_pb.DescribeBrainResponse:
        """Describe a brain with its objective and filters in a process of its own."""
        brain = completed(self._defaults.brain, decode_component(request.brain))
        question = {
            "ask": "brain",
            "name": brain.name,
            "parameters": brain.parameters,
            "objective": _pair(completed(self._defaults.objective, decode_component(request.objective))),
            "filters": [_pair(one) for one in decode_components(request.filters)],
        }
        answer = await self._inquiry.ask(question, request.timeout_s, self._offered)
        response = brain_pb.DescribeBrainResponse.FromString(base64.b64decode(answer["response"]))
        response.capacity = len(self._pool.slots)
        response.offered.extend(self._offered)
        return response

    async def BrainSession(self, request_iterator: Any, context: Any) -> None:  # type: ignore[override]
        """Refuse: a brain is reached by its grant, for rollout workers have to find the same one."""
        raise FailedPreconditionError(
            "GRANT_NEEDED", "A brain session needs a grant of the broker; start it at the grant's endpoint."
        )

    async def Experience(self, request_iterator: Any, context: Any) -> None:  # type: ignore[override]
        """Refuse likewise."""
        raise FailedPreconditionError("GRANT_NEEDED", "Experience goes to the endpoint of the brain's grant.")


def _pair(component: Component) -> list[Any]:
    return [component.name, component.parameters]
