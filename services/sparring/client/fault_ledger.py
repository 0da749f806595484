"""Where a rollout worker keeps the faults that strike: at the plan's store, before they do."""

from __future__ import annotations

import secrets
from typing import Any

from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.api.store.v1 import store_service_pb2_grpc as pb_grpc
from sparring.client.access import NO_ACCESS, Access, open_session_sync_channel, session_metadata
from sparring.client.record_keeper import RECONNECTING
from sparring.codec.faults import encode_struck
from sparring.rpc.retry import retried_sync
from sparring.rpc.sync_channels import SyncChannel
from sparring.types.errors import LostError, UnavailableError
from sparring.types.faults import StruckFault
from sparring.types.plan import RolloutPlan


class StreamFaultLedger:
    """See `FaultLedger`. The channel is opened with the first fault; used by one thread."""

    def __init__(self, plan: RolloutPlan, access: Access = NO_ACCESS) -> None:
        self._plan = plan
        self._access = access
        self._attempt = secrets.token_hex(16)
        self._channel: SyncChannel | None = None

    def record(self, fault: StruckFault) -> bool:
        """Keep that a fault strikes; see `FaultLedger`."""
        if self._channel is None:
            self._channel = open_session_sync_channel(self._plan.store, self._access)
        stub: Any = pb_grpc.StoreServiceStub(self._channel)
        request = pb.RecordFaultRequest(
            run=self._plan.origin.run, epoch=self._plan.epoch, attempt=self._attempt, fault=encode_struck(fault)
        )
        metadata = (session_metadata(self._plan.store.token),)
        try:
            answer = retried_sync(lambda: stub.RecordFault(request, metadata=metadata), backoff=RECONNECTING)
        except UnavailableError as error:
            raise LostError(
                error.reason, f"The store does not take the fault {fault.name!r}: {error.message}"
            ) from error
        return bool(answer.first)

    def close(self) -> None:
        """Close the channel; may be called twice."""
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()
