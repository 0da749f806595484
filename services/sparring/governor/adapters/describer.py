"""Asks what components are: at a host found by its service name, or at a fixed address."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

import grpc

from sparring.api.agent.v1 import brain_service_pb2 as brain_pb
from sparring.api.agent.v1 import brain_service_pb2_grpc as brain_grpc
from sparring.api.agent.v1 import muscle_service_pb2 as muscle_pb
from sparring.api.agent.v1 import muscle_service_pb2_grpc as muscle_grpc
from sparring.api.environment.v1 import environment_service_pb2 as environment_pb
from sparring.api.environment.v1 import environment_service_pb2_grpc as environment_grpc
from sparring.client.access import Access
from sparring.client.service_calls import ServiceChannel
from sparring.codec.declaration import decode_declarations, encode_component
from sparring.codec.version import check_version
from sparring.governor.ports import EnvironmentDescription, Source
from sparring.rpc.channels import open_channel
from sparring.types.declaration import Component

ANSWER_S = 30.0
"""How much longer than the author's code the answer may take: a process is started for it."""


class HostDescriber:
    """See `Describer`. Channels to fixed addresses are kept until it is left."""

    def __init__(self, broker: grpc.aio.Channel, access: Access) -> None:
        self._broker = broker
        self._access = access
        self._open = AsyncExitStack()
        self._fixed: dict[str, grpc.aio.Channel] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def environment(self, source: Source, timeout_s: float) -> EnvironmentDescription:
        """Describe an environment."""
        stub: Any = environment_grpc.EnvironmentServiceStub(await self._channel(source))
        request = environment_pb.DescribeRequest(
            environment=encode_component(source.component), timeout_s=max(1, round(timeout_s))
        )
        response = await stub.Describe(request, timeout=timeout_s + ANSWER_S)
        check_version(response.version, f"The server of {source.component.name or source.address or source.service}")
        return EnvironmentDescription(decode_declarations(response.sensors), decode_declarations(response.actuators))

    async def muscle(self, source: Source, filters: Sequence[Component], timeout_s: float) -> None:
        """Find out whether a muscle can be made."""
        stub: Any = muscle_grpc.MuscleServiceStub(await self._channel(source))
        request = muscle_pb.DescribeMuscleRequest(
            muscle=encode_component(source.component),
            filters=[encode_component(one) for one in filters],
            timeout_s=max(1, round(timeout_s)),
        )
        await stub.DescribeMuscle(request, timeout=timeout_s + ANSWER_S)

    async def brain(
        self, source: Source, objective: Component | None, filters: Sequence[Component], timeout_s: float
    ) -> None:
        """Find out whether a brain can be made."""
        stub: Any = brain_grpc.BrainServiceStub(await self._channel(source))
        request = brain_pb.DescribeBrainRequest(
            brain=encode_component(source.component),
            filters=[encode_component(one) for one in filters],
            timeout_s=max(1, round(timeout_s)),
        )
        if objective is not None:
            request.objective.CopyFrom(encode_component(objective))
        await stub.DescribeBrain(request, timeout=timeout_s + ANSWER_S)

    async def _channel(self, source: Source) -> Any:
        if source.service:
            return ServiceChannel(self._broker, source.service, retry_safe=True)
        channel = self._fixed.get(source.address)
        if channel is None:
            channel = self._fixed[source.address] = await self._open.enter_async_context(
                open_channel(source.address, token=self._access.token, tls=self._access.tls)
            )
        return channel
