"""EnvironmentService on the host's own listener: descriptions, and sessions handed on to a free slot."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.api.environment.v1 import environment_service_pb2_grpc as pb_grpc
from sparring.codec.declaration import decode_component
from sparring.environment.server.defaults import Defaults
from sparring.host.handing_on import HandingOn
from sparring.host.inquiry import Inquiry
from sparring.host.pool import SlotPool
from sparring.host.settings import HostSettings

SESSION: Final = "/sparring.api.environment.v1.EnvironmentService/Session"


def sessions(pool: SlotPool, settings: HostSettings) -> HandingOn[pb.SessionResponse]:
    """Say how the sessions of a client that knows only the host's own address reach a slot."""
    return HandingOn(
        pool,
        SESSION,
        pb.SessionRequest,
        pb.SessionResponse,
        lambda start: (f"{start.uid} ({start.environment.name})", start.origin.run),
        settings.token,
        settings.tls,
    )


class EnvironmentServicer(pb_grpc.EnvironmentServiceServicer):
    """Decode, ask, encode.

    A client that knows only this address (no broker) reaches a session through it: its frames are handed on to a slot.
    Sessions that the broker grants go to the slot directly.

    Args:
        pool: The slots.
        sessions: Hands sessions on.
        inquiry: Asks about environments.
        offered: Names of those that there are.
        defaults: What a request leaves open.
    """

    def __init__(
        self,
        pool: SlotPool,
        sessions: HandingOn[pb.SessionResponse],
        inquiry: Inquiry,
        offered: Sequence[str],
        defaults: Defaults,
    ) -> None:
        self._pool = pool
        self._sessions = sessions
        self._inquiry = inquiry
        self._offered = offered
        self._defaults = defaults

    async def Describe(self, request: pb.DescribeRequest, context: Any) -> pb.DescribeResponse:
        """Describe an environment in a process of its own."""
        component = self._defaults.component(decode_component(request.environment))
        question = {"ask": "describe", "name": component.name, "parameters": component.parameters}
        answer = await self._inquiry.ask(question, request.timeout_s, self._offered)
        response = pb.DescribeResponse.FromString(base64.b64decode(answer["response"]))
        response.capacity = len(self._pool.slots)
        response.offered.extend(self._offered)
        return response

    async def Session(
        self, request_iterator: AsyncIterator[pb.SessionRequest], context: Any
    ) -> AsyncIterator[pb.SessionResponse]:
        """Hand a session on to its slot."""
        async for response in self._sessions.serve(request_iterator):
            yield response
