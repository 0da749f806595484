"""A worker's conversation with one broker: register, keep the lease, handle what comes, and begin anew when it breaks (7/MDP)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Final

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import broker_service_pb2_grpc as pb_grpc
from sparring.client.forwarding import Forwarder
from sparring.client.work_wire import encode_heartbeat, encode_offer_answer, encode_ready, encode_session_ended
from sparring.codec.version import check_version
from sparring.rpc.channels import open_channel
from sparring.rpc.tasks import Tasks
from sparring.types.errors import SparringError, UnavailableError
from sparring.types.holding import SessionEvent

if TYPE_CHECKING:
    from sparring.client.connector import Registration

_log = logging.getLogger(__name__)

OUTBOX: Final = 1024
"""Messages that may wait to be sent; a conversation that cannot send them is broken."""
WELCOME_S: Final = 10.0
FIRST_PAUSE_S, MOST_PAUSE_S = 0.05, 2.0
HEARTBEAT_S, LIVENESS = 2.5, 3
"""Until the broker's Welcome says something else."""


class Conversation:
    """One broker address: conversation after conversation, each on a new stream with a higher incarnation."""

    def __init__(self, broker: str, registration: Registration, on_welcome: Callable[[], None]) -> None:
        self.welcomed = False
        self._broker = broker
        self._registration = registration
        self._on_welcome = on_welcome
        self._incarnation = time.time_ns()
        self._outbox: asyncio.Queue[pb.WorkRequest | None] = asyncio.Queue(OUTBOX)
        self._rng = random.Random()
        self._retired = asyncio.Event()
        self._left = asyncio.Event()
        self._sent_at = self._heard_at = 0.0

    def session_ended(self, event: SessionEvent) -> None:
        """Tell that a session is over; a broker that is not reached now learns it from the next Ready."""
        if self.welcomed:
            self._say(encode_session_ended(event))

    def retire(self) -> None:
        """End after the current conversation breaks: the broker's name no longer leads here."""
        self._retired.set()

    async def leave(self) -> None:
        """Say goodbye, and wait until it is sent."""
        self._retired.set()
        if self.welcomed:
            self._say(
                pb.WorkRequest(
                    disconnect=pb.Disconnect(reason=pb.Disconnect.REASON_SHUTDOWN, message="The worker ends.")
                )
            )
            self._say(None)
            await self._left.wait()

    async def run(self) -> None:
        """Talk, and talk again, until retired or cancelled."""
        pause_s = FIRST_PAUSE_S
        async with open_channel(self._broker, token=self._registration.token, retries=False) as channel:
            forwarder = Forwarder(self._registration, self._say)
            async with forwarder:
                while not self._retired.is_set() or self.welcomed:
                    began = time.monotonic()
                    wait_s = 0.0
                    try:
                        wait_s = await self._talk(pb_grpc.BrokerServiceStub(channel), forwarder)
                    except SparringError as error:
                        level = logging.DEBUG if isinstance(error, UnavailableError) else logging.WARNING
                        _log.log(level, "%s at broker %s: %s", self._registration.service, self._broker, error)
                    finally:
                        self.welcomed = False
                        self._left.set()
                        forwarder.cancel_all()
                    if self._retired.is_set():
                        return
                    pause_s = (
                        FIRST_PAUSE_S if time.monotonic() - began > MOST_PAUSE_S else min(pause_s * 2, MOST_PAUSE_S)
                    )
                    await asyncio.sleep(max(wait_s, self._rng.uniform(0, pause_s)))

    async def _talk(self, stub: Any, forwarder: Forwarder) -> float:
        """Hold one conversation; returns for how long not to come back."""
        self._incarnation += 1
        self._outbox = asyncio.Queue(OUTBOX)
        self._left.clear()
        registration = self._registration
        self._say(
            encode_ready(
                worker_id=registration.worker_id,
                incarnation=self._incarnation,
                service=registration.service,
                slots=registration.slots,
                slots_unlimited=registration.slots_unlimited,
                calls=registration.calls,
                sessions=registration.admission.sessions(),
                announcements=registration.announcements,
                endpoint=registration.endpoint,
                labels=registration.labels,
            )
        )
        self._heard_at = time.monotonic()
        call = stub.Work(self._messages())
        try:
            async with Tasks() as beside:
                beside.start(self._watch(call), f"lease at broker {self._broker}")
                async for response in call:
                    self._heard_at = time.monotonic()
                    kind = response.WhichOneof("kind")
                    if kind == "disconnect":
                        _log.info("broker %s: %s", self._broker, response.disconnect.message)
                        return float(response.disconnect.retry_after.ToNanoseconds()) / 1e9
                    self._handle(kind, response, forwarder, beside)
        finally:
            call.cancel()
        return 0.0

    def _handle(self, kind: str | None, response: pb.WorkResponse, forwarder: Forwarder, beside: Tasks) -> None:
        match kind:
            case "welcome":
                check_version(response.welcome.version, "The broker")
                self._rates(response.welcome)
                self.welcomed = True
                self._on_welcome()
                _log.info("%s registered at broker %s", self._registration.service, self._broker)
            case "request":
                forwarder.begin(response.request)
            case "cancel":
                forwarder.cancel(response.cancel.request_id)
            case "offer":
                beside.start(self._answer(response.offer), "offer")
            case "withdraw":
                beside.start(self._registration.admission.withdraw(response.withdraw.token), "withdraw")

    async def _answer(self, offer: pb.Offer) -> None:
        expires_s = offer.expires.ToNanoseconds() / 1e9
        answer = await self._registration.admission.admit(offer.token, offer.component, expires_s, offer.run)
        self._say(encode_offer_answer(offer.token, answer))

    def _rates(self, welcome: pb.Welcome) -> None:
        interval_s = welcome.rates.heartbeat_interval.ToNanoseconds() / 1e9
        self._interval_s = interval_s or HEARTBEAT_S
        self._liveness = welcome.rates.liveness or LIVENESS

    async def _watch(self, call: Any) -> None:
        """Send a heartbeat when nothing was sent for an interval; give up a broker that was silent for too long."""
        self._interval_s, self._liveness = HEARTBEAT_S, LIVENESS
        while True:
            now = time.monotonic()
            patience_s = self._interval_s * self._liveness if self.welcomed else WELCOME_S
            if now - self._heard_at > patience_s:
                _log.warning("broker %s was silent for %.1f s; registering again", self._broker, now - self._heard_at)
                call.cancel()
                return
            due_s = self._sent_at + self._interval_s - now
            if due_s <= 0 and self.welcomed:
                self._say(encode_heartbeat((), self._registration.admission.sessions()))
                due_s = self._interval_s
            await asyncio.sleep(min(max(due_s, 0.01), 0.5))

    def _say(self, message: pb.WorkRequest | None) -> None:
        """Queue a message; a queue that is full means that the broker takes nothing any more."""
        with contextlib.suppress(asyncio.QueueFull):
            self._outbox.put_nowait(message)
            self._sent_at = time.monotonic()

    async def _messages(self) -> AsyncIterator[pb.WorkRequest]:
        outbox = self._outbox
        while (message := await outbox.get()) is not None:
            yield message
