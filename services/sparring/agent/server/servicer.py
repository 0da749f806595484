"""MuscleService and BrainService on the host's own listener: descriptions, and muscle sessions handed on to a free slot."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from sparring.api.agent.v1 import brain_service_pb2 as brain_pb
from sparring.api.agent.v1 import brain_service_pb2_grpc as brain_grpc
from sparring.api.agent.v1 import muscle_service_pb2 as pb
from sparring.api.agent.v1 import muscle_service_pb2_grpc as pb_grpc
from sparring.api.space.v1 import declaration_pb2
from sparring.codec.declaration import decode_component
from sparring.host.describing import describe
from sparring.host.handing_on import hand_on
from sparring.host.pool import SlotPool
from sparring.types.errors import ExhaustedError, FailedPreconditionError, SparringError
from sparring.types.holding import Refused

ENTRY = "sparring.agent.server.describing:answer"
SESSION = "/sparring.api.agent.v1.MuscleService/MuscleSession"
DESCRIBE_S = 120.0
GRANT_S = 30.0


class Describer:
    """Asks about parts of agents, in a process of its own each time."""

    def __init__(self, plugins: Sequence[str], search_paths: Sequence[str], offered: Sequence[tuple[str, str]]) -> None:
        self._plugins = plugins
        self._search_paths = search_paths
        self._offered = offered

    def offered(self, role: str) -> list[str]:
        """Return the names of what has a role."""
        return [name for name, has in self._offered if has == role]

    async def ask(self, question: Mapping[str, Any], timeout_s: float, role: str) -> bytes:
        """Return the serialized answer.

        Raises:
            SparringError: What is wrong, with what is offered.
        """
        answers = await describe(
            ENTRY, [question], timeout_s=timeout_s, plugins=self._plugins, search_paths=self._search_paths
        )
        if isinstance(answers[0], SparringError):
            raise answers[0].with_values(offered=", ".join(self.offered(role)))
        return base64.b64decode(answers[0]["response"])


class MuscleServicer(pb_grpc.MuscleServiceServicer):
    """Decode, ask, encode."""

    def __init__(self, pool: SlotPool, describer: Describer) -> None:
        self._pool = pool
        self._describer = describer

    async def DescribeMuscle(self, request: pb.DescribeMuscleRequest, context: Any) -> pb.DescribeMuscleResponse:
        """Describe a muscle."""
        question = {"ask": "muscle", **_named(request.muscle), "filters": [_pair(one) for one in request.filters]}
        data = await self._describer.ask(question, request.timeout_s or DESCRIBE_S, "muscle")
        response = pb.DescribeMuscleResponse.FromString(data)
        response.capacity = len(self._pool.slots)
        response.offered.extend(self._describer.offered("muscle"))
        return response

    async def MuscleSession(
        self, request_iterator: AsyncIterator[pb.MuscleSessionRequest], context: Any
    ) -> AsyncIterator[pb.MuscleSessionResponse]:
        """Hand a session on to a free slot."""
        async for first in request_iterator:
            token = first.start.token or first.attach.token or secrets.token_hex(16)
            if first.HasField("start") and not first.start.token:
                first.start.token = token
            break
        else:
            return
        admitted = await self._pool.admit(token, first.start.muscle.name, time.time() + GRANT_S, first.start.origin.run)
        if isinstance(admitted, Refused):
            raise ExhaustedError(admitted.reason, admitted.message)
        async for response in hand_on(
            admitted.address, SESSION, first, request_iterator, pb.MuscleSessionRequest, pb.MuscleSessionResponse
        ):
            yield response


class BrainServicer(brain_grpc.BrainServiceServicer):
    """Decode, ask, encode. Brain sessions are granted by the broker and live in slots; here they are only described."""

    def __init__(self, pool: SlotPool, describer: Describer) -> None:
        self._pool = pool
        self._describer = describer

    async def DescribeBrain(
        self, request: brain_pb.DescribeBrainRequest, context: Any
    ) -> brain_pb.DescribeBrainResponse:
        """Describe a brain with its objective and filters."""
        question = {
            "ask": "brain",
            **_named(request.brain),
            "objective": _pair(request.objective),
            "filters": [_pair(one) for one in request.filters],
        }
        data = await self._describer.ask(question, request.timeout_s or DESCRIBE_S, "brain")
        response = brain_pb.DescribeBrainResponse.FromString(data)
        response.capacity = len(self._pool.slots)
        response.offered.extend(self._describer.offered("brain"))
        return response

    async def BrainSession(
        self, request_iterator: AsyncIterator[brain_pb.BrainSessionRequest], context: Any
    ) -> AsyncIterator[brain_pb.BrainSessionResponse]:
        """Refuse: a brain is reached by its grant."""
        raise FailedPreconditionError(
            "GRANT_NEEDED", "A brain session needs a grant of the broker; start it at the grant's endpoint."
        )
        yield brain_pb.BrainSessionResponse()

    async def Experience(
        self, request_iterator: AsyncIterator[brain_pb.ExperienceRequest], context: Any
    ) -> AsyncIterator[brain_pb.ExperienceResponse]:
        """Refuse: a brain is reached by its grant."""
        raise FailedPreconditionError("GRANT_NEEDED", "Experience goes to the endpoint of the brain's grant.")
        yield brain_pb.ExperienceResponse()


def _named(message: declaration_pb2.Component) -> dict[str, Any]:
    component = decode_component(message)
    return {"name": component.name, "parameters": component.parameters}


def _pair(message: declaration_pb2.Component) -> list[Any]:
    component = decode_component(message)
    return [component.name, component.parameters]
