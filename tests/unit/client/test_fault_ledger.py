"""Faults are kept at the store before they strike: once, whoever asks again, and however long the store takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.api.store.v1 import store_service_pb2_grpc as pb_grpc
from sparring.client.fault_ledger import StreamFaultLedger
from sparring.codec.faults import decode_struck
from sparring.rpc.mounts import mount
from sparring.rpc.retry import Backoff
from sparring.rpc.server import running
from sparring.types.declaration import Component
from sparring.types.episode import EpisodeKey
from sparring.types.errors import FailedPreconditionError, LostError, SparringError, UnavailableError
from sparring.types.faults import FaultKind, StruckFault
from sparring.types.frames import Origin
from sparring.types.learning import Learning
from sparring.types.mode import Mode
from sparring.types.plan import Grant, RolloutPlan

KILL = StruckFault(EpisodeKey(0, Mode.TRAIN, 0, 7), "kill grid", FaultKind.KILL, "grid", 30)
SOON = Backoff(attempts=3, first_s=0.001, most_s=0.001)


class FakeStore(pb_grpc.StoreServiceServicer):
    """Raises what it is told to, once each; keeps the first attempt's record."""

    def __init__(self, *errors: SparringError) -> None:
        self.errors = list(errors)
        self.kept: dict[str, str] = {}
        self.asked: list[pb.RecordFaultRequest] = []
        self.address = ""

    async def RecordFault(self, request: pb.RecordFaultRequest, context: Any) -> pb.RecordFaultResponse:
        """Keep a fault."""
        self.asked.append(request)
        kept = self.kept.setdefault(request.fault.name, request.attempt)
        if self.errors:
            raise self.errors.pop(0)
        return pb.RecordFaultResponse(first=kept == request.attempt)

    def ledger(self) -> StreamFaultLedger:
        """Return a ledger of a new rollout worker."""
        plan = RolloutPlan(
            origin=Origin("run-1", 0, 0),
            phase_name="train",
            mode=Mode.TRAIN,
            controller=Component("vanilla", {}),
            environments=(),
            agents=(),
            run_seed=42,
            store=Grant("a" * 32, "store-1", "store", self.address),
            learning=Learning.NONE,
            epoch=3,
        )
        return StreamFaultLedger(plan, reconnecting=SOON, full=Backoff(attempts=100, first_s=0.001, most_s=0.001))


@asynccontextmanager
async def serving(*errors: SparringError) -> AsyncIterator[FakeStore]:
    store = FakeStore(*errors)
    async with running("127.0.0.1:0", [mount(store)], name="store", drain_s=0.0) as server:
        store.address = str(server.address)
        yield store


async def test_a_fault_strikes_for_the_first_attempt_only() -> None:
    async with serving() as store:
        first, second = store.ledger(), store.ledger()
        assert await asyncio.to_thread(first.record, KILL) is True
        assert await asyncio.to_thread(first.record, KILL) is True
        assert await asyncio.to_thread(second.record, KILL) is False
        request = store.asked[0]
        assert (request.run, request.epoch, decode_struck(request.fault)) == ("run-1", 3, KILL)
        for ledger in (first, first, second):
            ledger.close()
        assert await asyncio.to_thread(first.record, KILL) is True  # it can be used again
        first.close()


async def test_an_answer_that_was_lost_is_asked_for_again() -> None:
    async with serving(UnavailableError("STORE_BUSY", "Not now.")) as store:
        ledger = store.ledger()
        assert await asyncio.to_thread(ledger.record, KILL) is True
        ledger.close()
        assert len(store.asked) >= 2


async def test_a_store_without_room_is_waited_for() -> None:
    async with serving(*[UnavailableError("STORE_FULL", "No room.")] * 20) as store:
        ledger = store.ledger()
        assert await asyncio.to_thread(ledger.record, KILL) is True
        ledger.close()


async def test_a_store_that_stays_away_is_a_loss_and_a_stale_owner_is_told_so() -> None:
    async with serving(*[UnavailableError("STORE_BUSY", "Not now.")] * 100) as store:
        ledger = store.ledger()
        with pytest.raises(LostError) as lost:
            await asyncio.to_thread(ledger.record, KILL)
        assert lost.value.reason == "STORE_BUSY"
        assert "kill grid" in lost.value.message
        store.errors = [FailedPreconditionError("EPOCH_STALE", "Another governor owns the run.")]
        with pytest.raises(FailedPreconditionError) as stale:
            await asyncio.to_thread(ledger.record, KILL)
        assert stale.value.reason == "EPOCH_STALE"
        ledger.close()
