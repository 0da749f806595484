"""One conversation of a worker with a broker: the Work stream from Ready to its end."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import grpc

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.client.forwarding import Forwarder, cancelled, failure
from sparring.client.worker import Worker
from sparring.codec.holding import encode_event
from sparring.codec.version import check_version
from sparring.rpc.tasks import Tasks
from sparring.types.errors import ExhaustedError, InternalError, SparringError, UnavailableError
from sparring.types.holding import Admitted, Refused, SessionEvent

WELCOME_S: Final = 10.0
_OFFERS: Final = 256
_QUEUED: Final = 64

_log = logging.getLogger(__name__)


class Goodbye(Exception):
    """The broker said Disconnect."""

    def __init__(self, message: pb.Disconnect) -> None:
        super().__init__(message.message)
        self.reason = message.reason
        self.retry_after_s = message.retry_after.ToNanoseconds() / 1e9


class WorkConversation:
    """Says Ready, obeys the rates of Welcome, carries out calls, answers offers, tells of sessions.

    One task writes: a write that was cancelled would end the stream. It sends a heartbeat whenever there was nothing to
    send for an interval, whatever else the worker does.
    """

    def __init__(self, stream: Any, worker: Worker, forwarder: Forwarder, events: deque[SessionEvent]) -> None:
        """Prepare.

        Args:
            stream: The call of `BrokerService.Work`.
            worker: Who speaks.
            forwarder: Carries out calls.
            events: What became of sessions and was not told this broker yet; each is taken off when it was.
        """
        self.broker_id = self.lease_id = ""
        self.relay = pb.Relay()  # port 0: there is none
        self._stream = stream
        self._worker = worker
        self._forwarder = forwarder
        self._events = events
        self._event_came = asyncio.Event()
        self._outbox: asyncio.Queue[tuple[pb.WorkRequest, asyncio.Future[None]]] = asyncio.Queue(_QUEUED)
        self._interval_s = 2.5
        self._lease_s = 7.5
        self._calls: dict[str, asyncio.Task[None]] = {}
        self._offers: dict[str, asyncio.Task[None]] = {}
        self._unwritten: set[asyncio.Future[None]] = set()
        self._leaving = self._ended = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def run(self, incarnation: int, welcomed: Callable[[], None]) -> None:
        """Converse until the stream ends.

        Args:
            incarnation: Number of the stream.
            welcomed: Called when the broker has taken the worker in.

        Raises:
            Goodbye: The broker said so.
            SparringError: The stream ended with it; UnavailableError BROKER_SILENT if nothing came for too long.
        """
        await self._stream.write(self._worker.ready(incarnation))
        self._welcome(await self._heard(WELCOME_S))
        welcomed()
        try:
            async with asyncio.TaskGroup() as group, Tasks() as beside:
                group.create_task(self._write(), name="work stream writer")
                group.create_task(self._tell(), name="work stream events")
                await self._listen(beside)
        except BaseExceptionGroup as group_of_errors:
            raise group_of_errors.exceptions[0] from None
        finally:
            self._end()

    def tell(self) -> None:
        """Say that there is an event to be told."""
        self._event_came.set()

    async def leave(self, drain_s: float) -> None:
        """Take no more calls, let those that run end, and say goodbye; sessions that are left are lost."""
        self._leaving = True
        try:
            async with asyncio.timeout(drain_s):
                await self._idle.wait()
                reason = pb.Disconnect(reason=pb.Disconnect.REASON_SHUTDOWN, message="The worker is shutting down.")
                await self._send(pb.WorkRequest(disconnect=reason))
                await self._stream.done_writing()
        except (TimeoutError, SparringError, asyncio.InvalidStateError) as error:
            _log.debug("left without goodbye: %r", error)

    def _end(self) -> None:
        """Let nobody wait any longer."""
        self._ended = True
        self._idle.set()
        for written in self._unwritten:
            if not written.done():
                written.set_exception(UnavailableError("BROKER_GONE", "The conversation with the broker has ended."))
                written.exception()  # nobody may be waiting any more

    async def _heard(self, within_s: float) -> pb.WorkResponse:
        try:
            async with asyncio.timeout(within_s):
                message = await self._stream.read()
        except TimeoutError:
            raise UnavailableError("BROKER_SILENT", f"The broker has said nothing for {within_s:g} s.") from None
        if message is grpc.aio.EOF:
            raise UnavailableError("BROKER_GONE", "The broker has ended the conversation.")
        heard: pb.WorkResponse = message
        if heard.WhichOneof("kind") == "disconnect":
            raise Goodbye(heard.disconnect)
        return heard

    def _welcome(self, message: pb.WorkResponse) -> None:
        if message.WhichOneof("kind") != "welcome":
            raise InternalError("WELCOME_EXPECTED", "The broker began with something else than Welcome.")
        check_version(message.welcome.version, "The broker")
        rates, self.relay = message.welcome.rates, message.welcome.relay
        self.broker_id, self.lease_id = message.welcome.broker_id, message.welcome.lease_id
        self._interval_s = rates.heartbeat_interval.ToNanoseconds() / 1e9 or self._interval_s
        self._lease_s = self._interval_s * (rates.liveness or 3)

    async def _listen(self, beside: Tasks) -> None:
        while True:
            message = await self._heard(self._lease_s)
            match message.WhichOneof("kind"):
                case "request":
                    self._begin_call(message.request, beside)
                case "cancel":
                    self._cancel_call(message.cancel.request_id, beside)
                case "offer":
                    self._begin_offer(message.offer, beside)
                case "withdraw":
                    beside.start(self._withdraw(message.withdraw.token), "withdraw")

    async def _write(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._interval_s):
                    message, written = await self._outbox.get()
            except TimeoutError:
                busy = list(self._calls)
                heartbeat = pb.Heartbeat(busy_request_ids=busy, sessions=self._worker.sessions())
                await self._stream.write(pb.WorkRequest(heartbeat=heartbeat))
                continue
            await self._stream.write(message)
            if not written.done():
                written.set_result(None)

    async def _send(self, message: pb.WorkRequest) -> None:
        """Let the writer send a message, and wait until it has: who has much to say waits for the broker."""
        if self._ended:
            raise UnavailableError("BROKER_GONE", "The conversation with the broker has ended.")
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._unwritten.add(written)
        try:
            await self._outbox.put((message, written))
            await written
        finally:
            self._unwritten.discard(written)

    async def _tell(self) -> None:
        while True:
            while self._events:
                event = self._events[0]
                await self._send(pb.WorkRequest(session_ended=pb.SessionEnded(event=encode_event(event))))
                if self._events and self._events[0] is event:
                    self._events.popleft()
            self._event_came.clear()
            await self._event_came.wait()

    def _begin_call(self, request: pb.Request, beside: Tasks) -> None:
        refusal: SparringError | None = None
        if self._leaving:
            refusal = UnavailableError("DRAINING", "The worker is shutting down; call again, another one will answer.")
        elif len(self._calls) >= self._worker.calls:
            refusal = ExhaustedError("CALLS_TAKEN", f"The worker handles {self._worker.calls} calls at once.")
        if refusal is not None:
            beside.start(self._send(failure(request.request_id, refusal)), "refusal")
            return
        self._idle.clear()
        beside.start(self._call(request), f"call {request.request_id}")

    async def _call(self, request: pb.Request) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._calls[request.request_id] = task
        try:
            await self._forwarder.carry_out(request, self._send)
        finally:
            self._calls.pop(request.request_id, None)
            if not self._calls:
                self._idle.set()

    def _cancel_call(self, request_id: str, beside: Tasks) -> None:
        task = self._calls.get(request_id)
        if task is not None:
            task.cancel()
            beside.start(self._send(cancelled(request_id)), "cancelled")

    def _begin_offer(self, offer: pb.Offer, beside: Tasks) -> None:
        if len(self._offers) < _OFFERS:
            beside.start(self._offer(offer), "offer")
        else:
            refused = pb.Refused(token=offer.token, reason="SLOT_TAKEN", message="Too many offers wait here.")
            beside.start(self._send(pb.WorkRequest(refused=refused)), "refused")

    async def _offer(self, offer: pb.Offer) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._offers[offer.token] = task
        try:
            expires_s = offer.expires.ToNanoseconds() / 1e9
            answer = await self._worker.admission.admit(offer.token, offer.component, expires_s, offer.run)
        except Exception as error:
            _log.exception("admission failed")
            answer = Refused("ADMISSION_FAILED", f"Admission failed: {error!r}.")
        finally:
            self._offers.pop(offer.token, None)
        if isinstance(answer, Admitted):
            admitted = pb.Admitted(token=offer.token, endpoint=self._worker.told(answer.address, answer.relay))
            await self._send(pb.WorkRequest(admitted=admitted))
        else:
            refused = pb.Refused(token=offer.token, reason=answer.reason, message=answer.message)
            await self._send(pb.WorkRequest(refused=refused))

    async def _withdraw(self, token: str) -> None:
        offered = self._offers.get(token)
        if offered is not None:
            offered.cancel()
        await self._worker.admission.withdraw(token)
