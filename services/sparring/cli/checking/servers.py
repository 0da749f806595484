"""Describe over gRPC: of fixed servers (`address:`), and of services behind a broker."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any, Final

import grpc

from sparring.api.agent.v1 import brain_service_pb2, brain_service_pb2_grpc, muscle_service_pb2, muscle_service_pb2_grpc
from sparring.api.environment.v1 import environment_service_pb2, environment_service_pb2_grpc
from sparring.cli.access.connection import Connection
from sparring.cli.checking.questions import Hosted
from sparring.client.service_calls import ServiceChannel
from sparring.codec.declaration import encode_component, encode_components
from sparring.experiment.class_use import Role
from sparring.experiment.described import DescribedEnvironment
from sparring.experiment.run import ComponentSpec, HostedSpec
from sparring.rpc.channels import Channel, open_channel
from sparring.types.declaration import Component

TIMEOUT_S: Final = 120
_SPARE_S: Final = 5.0
"""For the way there and back, on top of what author code may take."""


class Servers:
    """Asks servers; channels live as long as the block in which it is used."""

    def __init__(self, connection: Connection | None, opened: AsyncExitStack) -> None:
        self._connection = connection
        self._opened = opened
        self._channels: dict[str, Channel] = {}

    def reaches(self, source: HostedSpec) -> bool:
        """Whether it can be asked: a service only behind a broker."""
        return bool(source.address) or self._connection is not None

    async def describe(self, hosted: Hosted) -> DescribedEnvironment | None:
        """Ask about a component.

        Returns:
            What an environment has; None for an agent's part that is well.

        Raises:
            NotFoundError: nobody there has it.
            SparringError: why else it was refused.
        """
        return await _asked(hosted, await self._reach(hosted))

    async def _reach(self, hosted: Hosted) -> grpc.aio.Channel:
        address = hosted.source.address
        if not address:
            assert self._connection is not None
            own = "environment" if hosted.role is Role.ENVIRONMENT else "agent"
            return ServiceChannel(self._connection.channel, hosted.source.service or own, retry_safe=True)
        if address not in self._channels:
            self._channels[address] = await self._opened.enter_async_context(open_channel(address))
        return self._channels[address]


async def _asked(hosted: Hosted, channel: grpc.aio.Channel) -> DescribedEnvironment | None:
    component = encode_component(Component(hosted.source.name, dict(hosted.source.params)))
    timeout_s = TIMEOUT_S + _SPARE_S
    stub: Any
    if hosted.role is Role.ENVIRONMENT:
        stub = environment_service_pb2_grpc.EnvironmentServiceStub(channel)
        request = environment_service_pb2.DescribeRequest(environment=component, timeout_s=TIMEOUT_S)
        found = await stub.Describe(request, timeout=timeout_s)
        return DescribedEnvironment(
            tuple(each.uid for each in found.sensors), tuple(each.uid for each in found.actuators)
        )
    agent = hosted.agent
    filters = encode_components(map(_component, () if agent is None else agent.filters))
    if hosted.role is Role.MUSCLE:
        stub = muscle_service_pb2_grpc.MuscleServiceStub(channel)
        await stub.DescribeMuscle(
            muscle_service_pb2.DescribeMuscleRequest(muscle=component, filters=filters, timeout_s=TIMEOUT_S),
            timeout=timeout_s,
        )
        return None
    objective = None if agent is None or agent.objective is None else _component(agent.objective)
    stub = brain_service_pb2_grpc.BrainServiceStub(channel)
    await stub.DescribeBrain(
        brain_service_pb2.DescribeBrainRequest(
            brain=component,
            objective=None if objective is None else encode_component(objective),
            filters=filters,
            timeout_s=TIMEOUT_S,
        ),
        timeout=timeout_s,
    )
    return None


def _component(spec: ComponentSpec) -> Component:
    return Component(spec.name, dict(spec.params))
