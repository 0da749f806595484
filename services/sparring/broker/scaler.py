"""KEDA's ExternalScaler over gRPC: what this broker sees of the demand for a service."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from typing import Any, Final

from sparring.api.thirdparty.keda import externalscaler_pb2 as pb
from sparring.api.thirdparty.keda import externalscaler_pb2_grpc
from sparring.broker.demand import decode_trigger, in_use, waiting
from sparring.broker.engine import Engine
from sparring.broker.majordomo.broker import Majordomo
from sparring.broker.majordomo.status import ServiceStatus

_PAUSE_S: Final = 0.5


class ScalerServicer(externalscaler_pb2_grpc.ExternalScalerServicer):
    """Answers an autoscaler."""

    def __init__(self, engine: Engine, majordomo: Majordomo, stop: asyncio.Event) -> None:
        self._engine = engine
        self._majordomo = majordomo
        self._stop = stop

    async def IsActive(self, request: pb.ScaledObjectRef, context: Any) -> pb.IsActiveResponse:
        """Say whether anything is in use or waits."""
        return pb.IsActiveResponse(result=self._active(decode_trigger(request.scalerMetadata).service))

    async def StreamIsActive(self, request: pb.ScaledObjectRef, context: Any) -> AsyncIterator[pb.IsActiveResponse]:
        """Say so now and after each change, at most twice a second. Ends when the broker stops."""
        service = decode_trigger(request.scalerMetadata).service
        told: bool | None = None
        with self._engine.observed() as happened:
            while not self._stop.is_set():
                happened.clear()
                active = self._active(service)
                if active is not told:
                    told = active
                    yield pb.IsActiveResponse(result=active)
                await asyncio.sleep(_PAUSE_S)
                await happened.wait()

    async def GetMetricSpec(self, request: pb.ScaledObjectRef, context: Any) -> pb.GetMetricSpecResponse:
        """List the numbers and their targets."""
        targets = decode_trigger(request.scalerMetadata).targets
        return pb.GetMetricSpecResponse(
            metricSpecs=[
                pb.MetricSpec(metricName=name, targetSize=math.ceil(target), targetSizeFloat=target)
                for name, target in targets.items()
            ]
        )

    async def GetMetrics(self, request: pb.GetMetricsRequest, context: Any) -> pb.GetMetricsResponse:
        """Give the numbers."""
        trigger = decode_trigger(request.scaledObjectRef.scalerMetadata)
        numbers, service = trigger.numbers(request.metricName), self._service(trigger.service)
        values = [(number.name, number.of(service)) for number in numbers]
        return pb.GetMetricsResponse(
            metricValues=[
                pb.MetricValue(metricName=name, metricValue=math.ceil(value), metricValueFloat=value)
                for name, value in values
            ]
        )

    def _active(self, name: str) -> bool:
        service = self._service(name)
        return in_use(service) + waiting(service) > 0

    def _service(self, name: str) -> ServiceStatus:
        for service in self._majordomo.services(self._engine.now):
            if service.name == name:
                return service
        return ServiceStatus(name, (), 0, 0, 0.0)  # nobody has asked for it yet
