"""ManagementService over gRPC: what runs where, who waits for what, and the MMI (RFC 8/MMI)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Final

from sparring.api.broker.v1 import management_service_pb2 as pb
from sparring.api.broker.v1 import management_service_pb2_grpc
from sparring.broker.client_wire import encode_service
from sparring.broker.engine import Engine
from sparring.broker.majordomo.broker import Majordomo
from sparring.broker.majordomo.status import ServiceStatus
from sparring.broker.relay.relay import Relay

_PAUSE_S: Final = 0.5


class ManagementServicer(management_service_pb2_grpc.ManagementServiceServicer):
    """Answers questions about the broker's soft state."""

    def __init__(self, engine: Engine, majordomo: Majordomo, stop: asyncio.Event, relay: Relay | None = None) -> None:
        self._relay = relay
        self._engine = engine
        self._majordomo = majordomo
        self._stop = stop

    async def ListServices(self, request: pb.ListServicesRequest, context: Any) -> pb.ListServicesResponse:
        """List the services."""
        services = self._majordomo.services(self._engine.now)
        return pb.ListServicesResponse(services=self._encoded(services))

    async def WatchServices(
        self, request: pb.WatchServicesRequest, context: Any
    ) -> AsyncIterator[pb.WatchServicesResponse]:
        """List the services now and after each change, at most twice a second. Ends when the broker stops."""
        told: list[ServiceStatus] | None = None
        with self._engine.observed() as happened:
            while not self._stop.is_set():
                happened.clear()
                services = self._majordomo.services(self._engine.now)
                lasting = [_without_durations(service) for service in services]
                if lasting != told:
                    told = lasting
                    yield pb.WatchServicesResponse(services=self._encoded(services))
                await asyncio.sleep(_PAUSE_S)
                await happened.wait()

    def _encoded(self, services: list[ServiceStatus]) -> list[pb.ServiceStatus]:
        messages = [encode_service(service) for service in services]
        if self._relay is not None:
            for status, message in zip(services, messages, strict=True):
                for worker, told in zip(status.workers, message.workers, strict=True):
                    self._relay.describe(worker, told)
        return messages

    async def Query(self, request: pb.QueryRequest, context: Any) -> pb.QueryResponse:
        """Answer an MMI query."""
        return pb.QueryResponse(code=self._majordomo.mmi(request.name, request.body))


def _without_durations(service: ServiceStatus) -> ServiceStatus:
    """Return what counts as a change: not that time has passed."""
    workers = tuple(replace(worker, silent_s=0.0, lease_left_s=0.0) for worker in service.workers)
    return replace(service, workers=workers, oldest_wait_s=0.0)
