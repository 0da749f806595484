"""Methods about the faults of a document."""

from __future__ import annotations

from typing import Any

from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.codec.faults import decode_struck, encode_struck
from sparring.store.faults import Faults


class FaultMethods:
    """RecordFault, ListFaults."""

    faults: Faults

    async def RecordFault(self, request: pb.RecordFaultRequest, context: Any) -> pb.RecordFaultResponse:
        """Keep that a fault strikes."""
        fault = decode_struck(request.fault)
        first = await self.faults.record(request.run, request.epoch, request.attempt, fault)
        return pb.RecordFaultResponse(first=first)

    async def ListFaults(self, request: pb.ListFaultsRequest, context: Any) -> pb.ListFaultsResponse:
        """Return those that struck."""
        return pb.ListFaultsResponse(faults=map(encode_struck, await self.faults.list(request.run)))
