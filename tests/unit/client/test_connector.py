"""The connector: registration, leases, calls, offers, sessions, leaving, and coming back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import grant_pb2
from sparring.client.connector import Connector, registered
from sparring.rpc.status import from_status
from sparring.types.errors import FailedPreconditionError, UnavailableError
from sparring.types.holding import OpenSession, SessionEvent, SessionState
from tests.support.eventually import eventually
from tests.unit.client.target_service import SERVICE, Slots, Target, targeted
from tests.unit.client.work_broker import WorkBroker, work_broker

TOKEN = "ab" * 16


@pytest.fixture
async def broker() -> AsyncIterator[WorkBroker]:
    async with work_broker() as broker:
        yield broker


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    async with targeted() as target:
        yield target


@pytest.fixture
async def slots() -> Slots:
    return Slots()


@pytest.fixture
async def connector(broker: WorkBroker, target: Target, slots: Slots) -> AsyncIterator[Connector]:
    async with registered(
        broker=broker.address,
        service="environment",
        target=target.address,
        calls=2,
        slots=3,
        endpoint="127.0.0.1:9",
        announcements=[("module:Class", "environment")],
        admission=slots,
        labels={"host": "here"},
    ) as connector:
        await broker.talk()
        yield connector


async def test_ready_says_who_it_is_and_what_it_can_do(broker: WorkBroker, connector: Connector, slots: Slots) -> None:
    ready = (await broker.talk()).ready
    assert (ready.worker_id, ready.incarnation, ready.service) == (connector.worker.worker_id, 1, "environment")
    assert (ready.calls, ready.slots, ready.slots_unlimited, ready.endpoint.address) == (2, 3, False, "127.0.0.1:9")
    assert [(each.name, each.role) for each in ready.announcements] == [("module:Class", "environment")]
    assert (dict(ready.labels), ready.version.major) == ({"host": "here"}, 1)
    async with asyncio.timeout(10):
        await connector.wait_registered()
    assert connector.registered


async def test_a_unary_call_is_forwarded_and_answered_by_one_final_reply(
    broker: WorkBroker, connector: Connector, target: Target
) -> None:
    talk = await broker.talk()
    metadata = [
        pb.MetadataEntry(key="x-request-id", value=b"r-1"),
        pb.MetadataEntry(key="trace-bin", value=b"\x00\xff"),
    ]
    request = pb.Request(request_id="1", method=f"/{SERVICE}/Say", body=b"ab", metadata=metadata)
    request.timeout.FromSeconds(5)
    talk.say(request=request)
    assert (await talk.next("final")).body == b"abab"
    assert talk.of("partial") == []
    assert (target.metadata["x-request-id"], target.metadata["trace-bin"]) == ("r-1", b"\x00\xff")
    assert target.remaining_s is not None
    assert target.remaining_s < 6


async def test_a_stream_is_forwarded_as_partial_replies_and_an_empty_final_one(
    broker: WorkBroker, connector: Connector
) -> None:
    talk = await broker.talk()
    talk.request("1", f"/{SERVICE}/Count", b"4")
    final = await talk.next("final")
    assert [partial.body for partial in talk.of("partial")] == [b"0", b"1", b"2", b"3"]
    assert not final.HasField("body")


async def test_a_stream_without_messages_ends_with_a_final_reply(broker: WorkBroker, connector: Connector) -> None:
    talk = await broker.talk()
    talk.request("1", f"/{SERVICE}/Count", b"0")
    assert not (await talk.next("final")).HasField("body")


async def test_an_error_of_the_service_keeps_all_that_it_says(broker: WorkBroker, connector: Connector) -> None:
    talk = await broker.talk()
    talk.request("1", f"/{SERVICE}/Refuse")
    failed = await talk.next("failure")
    error = from_status(grpc.StatusCode.NOT_FOUND, failed.message, failed.details)
    assert failed.code == grpc.StatusCode.NOT_FOUND.value[0]
    assert (error.reason, error.metadata) == ("THING_UNKNOWN", {"thing": "x"})


async def test_a_method_that_is_not_served_fails(broker: WorkBroker, connector: Connector) -> None:
    talk = await broker.talk()
    talk.request("1", f"/{SERVICE}/Nothing")
    talk.request("2", "")
    codes = {failed.request_id: failed.code for failed in [await talk.next("failure"), await talk.next("failure", 2)]}
    assert codes == {"1": grpc.StatusCode.UNIMPLEMENTED.value[0], "2": grpc.StatusCode.INVALID_ARGUMENT.value[0]}


async def test_a_reply_that_no_broker_can_carry_fails_its_call_and_nothing_else(
    broker: WorkBroker, connector: Connector
) -> None:
    talk = await broker.talk()
    talk.request("1", f"/{SERVICE}/Large")
    assert "MESSAGE_TOO_LARGE" in str((await talk.next("failure")).details)
    talk.request("2", f"/{SERVICE}/Say", b"x")
    assert (await talk.next("final")).body == b"xx"
    assert len(broker.talks) == 1


async def test_a_cancelled_call_is_broken_off_and_frees_the_worker(
    broker: WorkBroker, connector: Connector, target: Target
) -> None:
    talk = await broker.talk()
    talk.request("1", f"/{SERVICE}/Wait")
    await eventually(lambda: target.begun)
    talk.say(cancel=pb.Cancel(request_id="1"))
    assert (await talk.next("failure")).code == grpc.StatusCode.CANCELLED.value[0]
    async with asyncio.timeout(10):
        await target.cancelled.wait()


@pytest.mark.obligation(14)
async def test_no_more_calls_are_handled_than_were_offered(
    broker: WorkBroker, connector: Connector, target: Target
) -> None:
    talk = await broker.talk()
    for number in ("1", "2", "3"):
        talk.request(number, f"/{SERVICE}/Wait", number.encode())
    failed = await talk.next("failure")
    assert (failed.request_id, failed.code) == ("3", grpc.StatusCode.RESOURCE_EXHAUSTED.value[0])
    target.gate.set()
    await talk.next("final", 2)
    assert {final.body for final in talk.of("final")} == {b"1", b"2"}


async def test_a_mdp_request_without_a_method_has_an_answer_of_its_own(broker: WorkBroker) -> None:
    async def answer(body: bytes) -> bytes:
        return body[::-1]

    async with registered(broker=broker.address, service="echo", target="127.0.0.1:1", answer=answer):
        talk = await broker.talk()
        talk.request("1", "", b"abc")
        assert (await talk.next("final")).body == b"cba"


@pytest.mark.obligation(18)
@pytest.mark.obligation(7)
async def test_heartbeats_come_at_the_announced_rate_also_while_a_call_is_handled(target: Target) -> None:
    async with work_broker() as broker:
        broker.welcoming = {"interval_s": 0.03, "liveness": 100}
        slots = Slots()
        slots.held = [OpenSession(TOKEN, SessionState.CONNECTED, "module:Class", "run-1")]
        async with registered(broker=broker.address, service="agent", target=target.address, admission=slots, slots=1):
            talk = await broker.talk()
            talk.request("1", f"/{SERVICE}/Wait")
            beat = await talk.next("heartbeat", 5)
            target.gate.set()
        assert list(beat.busy_request_ids) == ["1"]
        assert [(each.token, each.state) for each in beat.sessions] == [(TOKEN, grant_pb2.OpenSession.STATE_CONNECTED)]
        assert len(broker.talks) == 1


@pytest.mark.obligation(22)
@pytest.mark.obligation(21)
async def test_a_silent_broker_is_left_and_met_again_with_a_higher_incarnation(target: Target) -> None:
    async with work_broker() as broker:
        broker.welcoming = {"interval_s": 0.05, "liveness": 2}
        async with registered(broker=broker.address, service="agent", target=target.address):
            first, second = await broker.talk(1), await broker.talk(2)
        assert first.ready.worker_id == second.ready.worker_id
        assert first.ready.incarnation < second.ready.incarnation
        assert first.over.is_set()


async def test_a_broker_that_speaks_is_not_left(target: Target) -> None:
    async with work_broker() as broker:
        broker.welcoming = {"interval_s": 0.1, "liveness": 3}
        async with registered(broker=broker.address, service="agent", target=target.address):
            talk = await broker.talk()
            for beats in range(1, 12):
                talk.say(heartbeat=pb.Heartbeat())
                await talk.next("heartbeat", beats)
        assert len(broker.talks) == 1


async def test_an_offer_is_answered_as_the_admission_says(
    broker: WorkBroker, connector: Connector, slots: Slots
) -> None:
    talk = await broker.talk()
    talk.say(offer=pb.Offer(token=TOKEN, component="module:Class", run="run-1"))
    admitted = await talk.next("admitted")
    assert (admitted.token, admitted.endpoint.address) == (TOKEN, "127.0.0.1:5")
    assert slots.asked == [(TOKEN, "module:Class", "run-1")]
    slots.full = True
    talk.say(offer=pb.Offer(token="cd" * 16))
    refused = await talk.next("refused")
    assert (refused.token, refused.reason, refused.message) == ("cd" * 16, "SLOT_TAKEN", "No room.")


async def test_an_admission_that_fails_refuses_its_offer(
    broker: WorkBroker, connector: Connector, slots: Slots, caplog: pytest.LogCaptureFixture
) -> None:
    slots.held = None  # type: ignore[assignment]
    talk = await broker.talk()
    talk.say(offer=pb.Offer(token=TOKEN))
    assert (await talk.next("refused")).reason == "ADMISSION_FAILED"


async def test_a_session_that_is_withdrawn_while_it_is_offered_is_not_admitted(
    broker: WorkBroker, connector: Connector, slots: Slots
) -> None:
    slots.gate.clear()
    talk = await broker.talk()
    talk.say(offer=pb.Offer(token=TOKEN))
    await eventually(lambda: slots.asked)
    talk.say(withdraw=pb.Withdraw(token=TOKEN))
    await eventually(lambda: slots.withdrawn == [TOKEN])
    slots.gate.set()
    talk.say(offer=pb.Offer(token="cd" * 16))
    assert (await talk.next("admitted")).token == "cd" * 16
    assert len(talk.of("admitted")) == 1


async def test_without_slots_a_worker_admits_nobody_and_with_any_number_everybody(target: Target) -> None:
    for unlimited, kind in ((False, "refused"), (True, "admitted")):
        async with (
            work_broker() as broker,
            registered(
                broker=broker.address,
                service="store",
                target=target.address,
                slots_unlimited=unlimited,
                endpoint="127.0.0.1:9",
            ),
        ):
            talk = await broker.talk()
            talk.say(offer=pb.Offer(token=TOKEN))
            assert (await talk.next(kind)).token == TOKEN


async def test_the_end_of_a_session_is_told(broker: WorkBroker, connector: Connector) -> None:
    talk = await broker.talk()
    connector.session_ended(SessionEvent.hung(TOKEN, "DEADLINE_PASSED", "update did not return"))
    event = (await talk.next("session_ended")).event
    assert (event.token, event.kind, event.reason) == (TOKEN, grant_pb2.SessionEvent.KIND_HUNG, "DEADLINE_PASSED")


async def test_the_end_of_a_session_is_told_to_a_broker_that_was_away(broker: WorkBroker, connector: Connector) -> None:
    talk = await broker.talk()
    broker.welcoming = None
    talk.tell.put_nowait(None)
    await eventually(lambda: not connector.registered)
    connector.session_ended(SessionEvent.lost(TOKEN, "PROCESS_DIED", "gone"))
    again = await broker.talk(2)
    assert again.of("session_ended") == []
    again.welcome()
    assert (await again.next("session_ended")).event.token == TOKEN


@pytest.mark.obligation(13)
async def test_a_broker_that_says_goodbye_is_met_again_no_earlier_than_it_asked(
    broker: WorkBroker, connector: Connector, target: Target
) -> None:
    async with registered(broker=broker.address, service="hasty", target=target.address):
        talks = [await broker.talk(1), await broker.talk(2)]
        patient, hasty = sorted(talks, key=lambda talk: talk.ready.service)
        later = pb.Disconnect(reason=pb.Disconnect.REASON_SHUTDOWN, message="bye")
        later.retry_after.FromSeconds(3600)
        patient.say(disconnect=later)
        hasty.say(disconnect=pb.Disconnect(reason=pb.Disconnect.REASON_SHUTDOWN, message="bye"))
        for number in (3, 4, 5):
            again = await broker.talk(number)
            assert again.ready.service == "hasty"
            again.tell.put_nowait(None)


async def test_a_worker_that_comes_back_lists_the_sessions_it_holds(
    broker: WorkBroker, connector: Connector, slots: Slots
) -> None:
    slots.held = [OpenSession(TOKEN, SessionState.CONNECTED)]
    (await broker.talk()).tell.put_nowait(None)
    again = await broker.talk(2)
    assert [session.token for session in again.ready.sessions] == [TOKEN]


@pytest.mark.obligation(13)
@pytest.mark.obligation(22)
@pytest.mark.parametrize(
    "ending",
    [
        FailedPreconditionError("UNEXPECTED", "What was that?"),
        UnavailableError("DRAINING", "Not now."),
        None,
    ],
)
async def test_whatever_ended_a_conversation_another_one_is_begun(
    broker: WorkBroker, connector: Connector, ending: Any
) -> None:
    talk = await broker.talk()
    talk.tell.put_nowait(ending)
    again = await broker.talk(2)
    again.request("1", f"/{SERVICE}/Say", b"x")
    assert (await again.next("final")).body == b"xx"


async def test_a_broker_of_another_version_is_not_served(broker: WorkBroker, target: Target) -> None:
    broker.welcoming = {"major": 9}
    async with registered(broker=broker.address, service="agent", target=target.address) as connector:
        await broker.talk(2)
        assert not connector.registered


async def test_a_broker_that_comes_later_is_found(target: Target) -> None:
    async with work_broker() as broker:
        address = broker.address
    async with registered(broker=address, service="agent", target=target.address) as connector:
        assert not connector.registered
        async with work_broker(address) as broker:
            assert (await broker.talk()).ready.service == "agent"


async def test_leaving_lets_calls_end_takes_no_more_and_says_goodbye(broker: WorkBroker, target: Target) -> None:
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(registered(broker=broker.address, service="agent", target=target.address))
        talk = await broker.talk()
        talk.request("1", f"/{SERVICE}/Wait", b"late")
        await eventually(lambda: target.begun)
        leaving = asyncio.create_task(stack.aclose())
        await asyncio.sleep(0)
        talk.request("2", f"/{SERVICE}/Say", b"x")
        assert (await talk.next("failure")).request_id == "2"
        target.gate.set()
        await leaving
    kinds = [message.WhichOneof("kind") for message in talk.heard]
    assert kinds == ["ready", "failure", "final", "disconnect"]
    assert talk.of("disconnect")[0].reason == pb.Disconnect.REASON_SHUTDOWN


async def test_every_broker_behind_a_name_is_registered_with(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    async with work_broker() as one, work_broker() as two:
        addresses = resolved = frozenset({one.address})

        async def resolve(name: str) -> frozenset[str]:
            nonlocal resolved
            resolved = addresses
            return addresses

        monkeypatch.setattr("sparring.client.connector.broker_addresses", resolve)
        one.welcoming, two.welcoming = {"broker_id": "b1"}, {"broker_id": "b2"}
        async with registered(broker="brokers:7000", service="agent", target=target.address, resolve_every_s=0.05):
            first = await one.talk()
            addresses = frozenset({one.address, two.address})
            second = await two.talk()
            second.request("1", f"/{SERVICE}/Say", b"x")
            assert (await second.next("final")).body == b"xx"
            addresses = frozenset({two.address})
            await eventually(lambda: resolved == addresses)
            first.tell.put_nowait(None)
            await first.over.wait()
            second.request("2", f"/{SERVICE}/Say", b"y")
            await second.next("final", 2)
        assert len(one.talks) == 1


async def test_two_addresses_of_one_broker_hold_one_conversation(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with work_broker() as one, work_broker() as two:

        async def resolve(name: str) -> frozenset[str]:
            return frozenset({one.address, two.address})

        monkeypatch.setattr("sparring.client.connector.broker_addresses", resolve)
        async with registered(broker="brokers:7000", service="agent", target=target.address):
            first, second = await one.talk(), await two.talk()
            second.request("1", f"/{SERVICE}/Say", b"x")
            assert (await second.next("final")).body == b"xx"
            first.say(disconnect=pb.Disconnect(reason=pb.Disconnect.REASON_SUPERSEDED))
            async with asyncio.timeout(10):
                await first.over.wait()
            second.request("2", f"/{SERVICE}/Say", b"y")
            assert (await second.next("final", 2)).body == b"yy"
            assert len(one.talks) == 1
