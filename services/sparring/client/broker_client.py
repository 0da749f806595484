"""The Majordomo client: bundles of grants, what becomes of sessions, calls by service name, and who is there."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import grpc

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import broker_service_pb2_grpc as pb_grpc
from sparring.api.broker.v1 import grant_pb2
from sparring.api.broker.v1 import management_service_pb2 as management_pb
from sparring.api.broker.v1 import management_service_pb2_grpc as management_grpc
from sparring.client.attempts import Attempts
from sparring.client.session_errors import is_broken
from sparring.client.ways import WAYS
from sparring.codec.holding import decode_event
from sparring.codec.plan import decode_grant
from sparring.rpc.retry import Backoff
from sparring.types.errors import DeadlineError, SparringError, UnavailableError
from sparring.types.holding import SessionEvent, SessionEventKind
from sparring.types.plan import Grant

COMING_BACK: Final = Backoff(attempts=100_000, first_s=0.1, most_s=2.0, budget_s=30 * 24 * 3600.0)
"""A broker that is away is waited for, as long as whoever asks waits."""
RELEASE: Final = Backoff(attempts=20, first_s=0.1, most_s=2.0, budget_s=15.0)


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
    """A broker, over a channel that somebody else owns. Acquiring and watching go on when the broker is restarted."""

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
            InvalidArgumentError: BUNDLE_INVALID.
        """
        request = pb.AcquireRequest(client_id=client_id, run=run, at_head=at_head)
        request.grant_lifetime.FromNanoseconds(round(lifetime_s * 1e9))
        for label, wish in slots.items():
            slot = grant_pb2.SlotRequest(label=label, service=wish.service, component=wish.component)
            request.bundle.slots.append(slot)
        last = Waiting(0, ("no broker has answered",))

        def note(waiting: Waiting) -> None:
            nonlocal last
            last = waiting
            if on_waiting is not None:
                on_waiting(waiting)

        until = time.monotonic() + wait_s
        attempts = Attempts(COMING_BACK, until)
        try:
            while True:
                try:
                    return await self._acquire(request, until, note)
                except SparringError as error:
                    if not _passes(error):
                        raise
                    await attempts.begin_soon(error)
        except (DeadlineError, UnavailableError) as error:
            if error.reason == "BUNDLE_UNAVAILABLE" or time.monotonic() < until - COMING_BACK.most_s:
                raise
            what = "; ".join(last.lacking)
            raise DeadlineError(
                "BUNDLE_UNAVAILABLE", f"The slots did not become free within {wait_s:g} s: {what}.", wait_s=wait_s
            ) from error

    async def release(self, tokens: Sequence[str], run: str = "") -> None:
        """Give sessions back, whatever their state. Idempotent; a broker that is away is waited for a moment.

        Args:
            tokens: Which.
            run: Besides, all that are held on behalf of this run.
        """
        attempts = Attempts(RELEASE, time.monotonic() + RELEASE.budget_s)
        while tokens or run:
            try:
                await self._broker.Release(pb.ReleaseRequest(tokens=tokens, run=run))
                return
            except UnavailableError as error:
                await attempts.begin_soon(error)

    async def watch_sessions(self, tokens: Sequence[str]) -> AsyncIterator[SessionEvent]:
        """Yield what becomes of sessions: an event for each, then every change, until all of them are over.

        A broker that was restarted is asked again; what was told already is not told twice.
        """
        told: dict[str, SessionEventKind] = dict.fromkeys(tokens, SessionEventKind.OPEN)
        new = set(tokens)
        attempts = Attempts(COMING_BACK, time.monotonic() + COMING_BACK.budget_s)
        while open_tokens := [token for token, kind in told.items() if kind is SessionEventKind.OPEN]:
            call = self._broker.WatchSessions(pb.WatchSessionsRequest(tokens=open_tokens))
            error: SparringError = UnavailableError("STREAM_ENDED", "The broker ended the watch over open sessions.")
            try:
                async for response in call:
                    event = decode_event(response.event)
                    attempts = Attempts(COMING_BACK, time.monotonic() + COMING_BACK.budget_s)
                    if event.token in new or told.get(event.token) is not event.kind:
                        new.discard(event.token)
                        told[event.token] = event.kind
                        yield event
            except SparringError as raised:
                if not _passes(raised):
                    raise
                error = raised
            finally:
                call.cancel()
            if SessionEventKind.OPEN in told.values():
                await attempts.begin_soon(error)

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
        """Send an MDP request; yields its partial replies, then the final one.

        Args:
            service: Name of the service; `mmi.` names are answered by the broker.
            body: The request.
            client_id: Who asks; queues are fair over clients. Empty: each connection is a client of its own.
            request_id: A request sent again under the same name is handled once; empty is not recognised.
            retry_safe: It may be given to another worker when one is lost in the middle.
            timeout_s: How long to wait for all of it.
        """
        request = pb.CallRequest(
            service=service, client_request_id=request_id, client_id=client_id, retry_safe=retry_safe, body=body
        )
        call = self._broker.Call(request, timeout=timeout_s)
        with contextlib.ExitStack() as stack:
            stack.callback(call.cancel)
            async for response in call:
                yield response.body

    async def list_services(self) -> Sequence[management_pb.ServiceStatus]:
        """Return who is registered, busy, idle, queued."""
        answer = await self._management.ListServices(management_pb.ListServicesRequest())
        return list(answer.services)

    async def watch_services(self) -> AsyncIterator[Sequence[management_pb.ServiceStatus]]:
        """Yield the same list at once and after every change, until the broker ends it."""
        call = self._management.WatchServices(management_pb.WatchServicesRequest())
        with contextlib.ExitStack() as stack:
            stack.callback(call.cancel)
            async for response in call:
                yield list(response.services)

    async def query(self, name: str, body: str) -> int:
        """Ask the MMI; returns 200, 404 or 501."""
        answer = await self._management.Query(management_pb.QueryRequest(name=name, body=body))
        return int(answer.code)

    async def _acquire(
        self, request: pb.AcquireRequest, until: float, note: Callable[[Waiting], None]
    ) -> dict[str, Grant]:
        call = self._broker.Acquire(request, timeout=max(0.001, until - time.monotonic()))
        try:
            async for response in call:
                if response.HasField("granted"):
                    grants = {label: decode_grant(grant) for label, grant in response.granted.grants.items()}
                    await WAYS.learn(grants.values())
                    return grants
                note(Waiting(response.waiting.position, tuple(response.waiting.lacking)))
        finally:
            call.cancel()
        raise UnavailableError("STREAM_ENDED", "The broker ended the wait for slots without granting them.")


def _passes(error: SparringError) -> bool:
    """Tell whether the broker, or another one, may answer in a moment."""
    return isinstance(error, UnavailableError) or is_broken(error)
