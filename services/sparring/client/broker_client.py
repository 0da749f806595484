"""The Majordomo client: bundles of grants, what becomes of sessions, calls by service name, and who is there."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import grpc

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import broker_service_pb2_grpc as pb_grpc
from sparring.api.broker.v1 import grant_pb2
from sparring.api.broker.v1 import management_service_pb2 as management_pb
from sparring.api.broker.v1 import management_service_pb2_grpc as management_grpc
from sparring.codec.holding import decode_event
from sparring.codec.plan import decode_grant
from sparring.types.errors import DeadlineError, LostError
from sparring.types.holding import SessionEvent
from sparring.types.plan import Grant

MANY_S: Final = 30 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class SlotWish:
    """One slot of a bundle; `component` empty: any worker of the service."""

    service: str
    component: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A bundle's place in the queue, and what is lacking, for people."""

    position: int
    lacking: tuple[str, ...]


class BrokerClient:
    """A broker, over a channel that somebody else owns."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._broker: Any = pb_grpc.BrokerServiceStub(channel)
        self._management: Any = management_grpc.ManagementServiceStub(channel)

    async def acquire(
        self,
        slots: Mapping[str, SlotWish],
        *,
        client_id: str,
        run: str,
        wait_s: float,
        at_head: bool = False,
        lifetime_s: float = 30.0,
        on_waiting: Callable[[Waiting], None] | None = None,
    ) -> dict[str, Grant]:
        """Wait for a bundle, all or nothing; returns the grants by the labels of `slots`. Cancelling leaves the queue.

        Args:
            slots: What is wanted, by label.
            client_id: Who asks; queues are fair over clients.
            run: On whose behalf.
            wait_s: How long to wait.
            at_head: Go to the head of the queue.
            lifetime_s: How long the grants are good before they are used.
            on_waiting: Told the position whenever it changes.

        Raises:
            DeadlineError: BUNDLE_UNAVAILABLE, saying what lacks.
            NotFoundError: COMPONENT_UNKNOWN.
            ExhaustedError: QUEUE_FULL.
            UnavailableError: No broker.
        """
        request = pb.AcquireRequest(client_id=client_id, run=run, at_head=at_head)
        request.grant_lifetime.FromNanoseconds(round(lifetime_s * 1e9))
        for label, wish in slots.items():
            slot = grant_pb2.SlotRequest(label=label, service=wish.service, component=wish.component)
            request.bundle.slots.append(slot)
        lacking: tuple[str, ...] = ()
        call = self._broker.Acquire(request, timeout=wait_s)
        try:
            async for response in call:
                if response.HasField("granted"):
                    return {label: decode_grant(grant) for label, grant in response.granted.grants.items()}
                lacking = tuple(response.waiting.lacking)
                if on_waiting is not None:
                    on_waiting(Waiting(response.waiting.position, lacking))
        except DeadlineError as error:
            if error.reason == "BUNDLE_UNAVAILABLE":
                raise
            what = "; ".join(lacking) or "no broker answered"
            raise DeadlineError(
                "BUNDLE_UNAVAILABLE", f"The slots did not become free within {wait_s:g} s: {what}.", wait_s=wait_s
            ) from error
        finally:
            call.cancel()
        raise LostError("STREAM_CLOSED", "The broker ended the wait for slots without granting them.")

    async def release(self, tokens: Sequence[str]) -> None:
        """Give sessions back, whatever their state. Idempotent."""
        if tokens:
            await self._broker.Release(pb.ReleaseRequest(tokens=tokens))

    async def watch_sessions(self, tokens: Sequence[str]) -> AsyncIterator[SessionEvent]:
        """Yield what becomes of sessions: an event for each, then every change, until the broker is lost."""
        call = self._broker.WatchSessions(pb.WatchSessionsRequest(tokens=tokens), timeout=MANY_S)
        with contextlib.closing(_Cancelling(call)):
            async for response in call:
                yield decode_event(response.event)

    async def call(
        self,
        service: str,
        body: bytes,
        *,
        client_id: str = "",
        request_id: str = "",
        retry_safe: bool = False,
        timeout_s: float = 30.0,
    ) -> AsyncIterator[bytes]:
        """Send an MDP request; yields its partial replies, then the final one."""
        request = pb.CallRequest(
            service=service, client_request_id=request_id, client_id=client_id, retry_safe=retry_safe, body=body
        )
        call = self._broker.Call(request, timeout=timeout_s)
        with contextlib.closing(_Cancelling(call)):
            async for response in call:
                yield response.body

    async def list_services(self) -> Sequence[management_pb.ServiceStatus]:
        """Return who is registered, busy, idle, queued."""
        answer = await self._management.ListServices(management_pb.ListServicesRequest())
        return list(answer.services)

    async def watch_services(self) -> AsyncIterator[Sequence[management_pb.ServiceStatus]]:
        """Yield the same list at once and after every change."""
        call = self._management.WatchServices(management_pb.WatchServicesRequest(), timeout=MANY_S)
        with contextlib.closing(_Cancelling(call)):
            async for response in call:
                yield list(response.services)

    async def query(self, name: str, body: str) -> int:
        """Ask the MMI; returns 200, 404 or 501."""
        answer = await self._management.Query(management_pb.QueryRequest(name=name, body=body))
        return int(answer.code)


class _Cancelling:
    """Ends a call whose reader goes away."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def close(self) -> None:
        self._call.cancel()
