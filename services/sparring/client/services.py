"""Typed clients of the services that are reached by name through the broker."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from typing import Any, Final

import grpc

from sparring.api.governor.v1 import governor_service_pb2 as pb
from sparring.api.governor.v1 import governor_service_pb2_grpc as pb_grpc
from sparring.api.store.v1 import run_pb2
from sparring.client.broker_client import BrokerClient
from sparring.client.repeated_calls import RepeatedCalls
from sparring.client.service_calls import ServiceChannel
from sparring.client.store_client import StoreClient, find_store
from sparring.rpc.retry import Backoff
from sparring.types.errors import SparringError

__all__ = ["BrokerClient", "GovernorClient", "ServiceChannel", "StoreClient", "find_store"]

START_S: Final = 120.0
"""A document is checked, and may be asked about at hosts, before its run is durable."""
AWAY: Final = Backoff(attempts=1000, first_s=0.1, most_s=2.0, budget_s=60.0)


class GovernorClient:
    """The governors behind a broker: any of them starts, stops and shows any run."""

    def __init__(self, broker: grpc.aio.Channel, service: str = "governor") -> None:
        """Prepare; `broker` is a channel that somebody else owns."""
        self._stub: Any = pb_grpc.GovernorServiceStub(ServiceChannel(broker, service, retry_safe=True))
        self._calls = RepeatedCalls(self, AWAY)

    async def start_run(
        self,
        document: bytes,
        file_name: str,
        *,
        seed: int | None = None,
        placement: str = "",
        client_token: str = "",
    ) -> run_pb2.Run:
        """Make a document a run, which is durable when this returns; the same `client_token` never makes a second one.

        Raises:
            InvalidArgumentError: DOCUMENT_INVALID, listing every problem.
            NotFoundError: COMPONENT_UNKNOWN.
        """
        request = pb.StartRunRequest(
            client_token=client_token or secrets.token_hex(16),
            document=document,
            file_name=file_name,
            seed=seed,
            placement=placement,
        )
        answer: pb.StartRunResponse = await self._calls.call(lambda stub: stub.StartRun(request, timeout=START_S))
        return answer.run

    async def cancel_run(self, run: str) -> run_pb2.Run:
        """End a run at its next step boundary; what is committed stays.

        Raises:
            FailedPreconditionError: RUN_ALREADY_TERMINAL.
            NotFoundError: RUN_UNKNOWN.
        """
        request = pb.CancelRunRequest(run=run)
        answer: pb.CancelRunResponse = await self._calls.call(lambda stub: stub.CancelRun(request))
        return answer.run

    async def pause_run(self, run: str) -> run_pb2.Run:
        """Hold a run at its next step boundary; raises as `cancel_run`."""
        request = pb.PauseRunRequest(run=run)
        answer: pb.PauseRunResponse = await self._calls.call(lambda stub: stub.PauseRun(request))
        return answer.run

    async def resume_run(self, run: str) -> run_pb2.Run:
        """Go on with a paused run; raises as `cancel_run`."""
        request = pb.ResumeRunRequest(run=run)
        answer: pb.ResumeRunResponse = await self._calls.call(lambda stub: stub.ResumeRun(request))
        return answer.run

    async def watch_run(self, run: str, after_revision: int = 0) -> AsyncIterator[pb.WatchRunResponse]:
        """Yield durable events after a revision, with progress in between, until the run has ended."""
        attempts = self._calls.attempts()
        while True:
            stream = self._stub.WatchRun(pb.WatchRunRequest(run=run, after_revision=after_revision))
            try:
                async for message in stream:
                    attempts = self._calls.attempts()
                    if message.HasField("event"):
                        after_revision = max(after_revision, message.event.revision)
                    yield message
                return
            except SparringError as error:
                await self._calls.pause(error, self._stub, attempts)
            finally:
                stream.cancel()

    async def stub(self) -> Any:
        """Return the stub, for `RepeatedCalls`."""
        return self._stub

    async def forget(self, stub: Any) -> None:
        """Do nothing: the broker knows where governors are."""
