"""Where a rollout worker keeps the faults that strike: at the plan's store, before they do."""

from __future__ import annotations

import math
import secrets
from typing import Any

from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.api.store.v1 import store_service_pb2_grpc as pb_grpc
from sparring.client.access import NO_ACCESS, Access, open_session_sync_channel, session_metadata
from sparring.client.attempts import FULL, Attempts
from sparring.client.record_keeper import RECONNECTING
from sparring.codec.faults import encode_struck
from sparring.rpc.retry import Backoff
from sparring.rpc.sync_channels import SyncChannel
from sparring.types.errors import LostError, SparringError, UnavailableError
from sparring.types.faults import StruckFault
from sparring.types.plan import RolloutPlan


class StreamFaultLedger:
    """See `FaultLedger`. The channel is opened with the first fault; used by one thread.

    Args:
        plan: Says where the store is, and whose faults these are.
        access: Token and TLS material.
        reconnecting: Attempts and budget of one outage of the store.
        full: The same while it has no room left.
    """

    def __init__(
        self,
        plan: RolloutPlan,
        access: Access = NO_ACCESS,
        *,
        reconnecting: Backoff = RECONNECTING,
        full: Backoff = FULL,
    ) -> None:
        self._reconnecting, self._full = reconnecting, full
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
        attempts = Attempts(self._reconnecting, math.inf, self._full)
        while True:
            try:
                return bool(stub.RecordFault(request, metadata=metadata).first)
            except (UnavailableError, LostError) as error:
                try:
                    attempts.begin(error)
                except SparringError as last:
                    problem = f"The store does not take the fault {fault.name!r}: {last.message}"
                    raise LostError(last.reason, problem) from last

    def close(self) -> None:
        """Close the channel; may be called twice."""
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()
