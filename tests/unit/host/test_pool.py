"""The arbiter of slots, over processes that the test plays."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from sparring.host import pool as pools
from sparring.host import slot_keeper
from sparring.host.pool import SlotPool
from sparring.host.slot import SlotState
from sparring.host.slot_context import SlotConfiguration
from sparring.types.holding import Admitted, OpenSession, Refused, SessionEvent, SessionEventKind, SessionState
from tests.support.eventually import eventually
from tests.unit.host.fake_process import FakeProcess, FakeProcesses


class Played:
    """A pool, its processes and its events."""

    def __init__(self, slots: int = 1, **more: object) -> None:
        self.processes = FakeProcesses()
        self.events: list[SessionEvent] = []
        configuration = SlotConfiguration("a:b", "127.0.0.1:7100")
        self.pool = SlotPool(configuration, slots, spawn=self.processes.spawn, **more)  # type: ignore[arg-type]
        self.pool.on_session_event(self.events.append)

    async def process(self, number: int = 0) -> FakeProcess:
        return await eventually(
            lambda: self.processes.started[number] if len(self.processes.started) > number else None
        )

    async def ready(self, number: int = 0, port: int = 7100) -> FakeProcess:
        process = await self.process(number)
        process.ready(port)
        await eventually(lambda: any(slot.pid == process.pid and slot.port for slot in self.pool.slots))
        return process

    async def admit(self, token: str, expires_in_s: float = 30.0) -> Admitted | Refused:
        return await self.pool.admit(token, "grid", time.time() + expires_in_s, "run-1")


@pytest.fixture
async def played(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Played]:
    monkeypatch.setattr(slot_keeper, "LEAST_S", 0.01)
    monkeypatch.setattr(pools, "END_S", 0.2)
    played = Played()
    async with played.pool.running():
        yield played
        for process in played.processes.started:
            process.end(0)


async def test_a_process_is_told_its_configuration_first(played: Played) -> None:
    process = await played.process()
    told = await process.heard(None)
    assert (told["entry"], told["address"], told["log_level"]) == ("a:b", "127.0.0.1:7100", "WARNING")
    assert told["import_path"]


async def test_each_slot_has_a_port_of_its_own_and_is_reached_by_what_is_advertised() -> None:
    played = Played(2, advertised="host-7")
    async with played.pool.running():
        told = [(await (await played.process(number)).heard(None))["address"] for number in (0, 1)]
        assert told == ["127.0.0.1:7100", "127.0.0.1:7101"]
        await played.ready(1, 7101)
        assert await played.admit("one") == Admitted("host-7:7101")
        for process in played.processes.started:
            process.end(0)


async def test_an_offer_waits_for_a_process_that_is_starting(played: Played) -> None:
    admitting = asyncio.create_task(played.admit("one"))
    process = await played.ready()
    assert await admitting == Admitted("127.0.0.1:7100")
    assert await process.heard("expect") == {"do": "expect", "token": "one", "for_s": pytest.approx(30, abs=2)}
    assert played.pool.sessions() == [OpenSession("one", SessionState.EXPECTED, "grid", "run-1", "127.0.0.1:7100")]
    assert played.pool.address_of("one") == "127.0.0.1:7100"
    assert played.pool.address_of("two") is None


async def test_an_offer_does_not_wait_for_longer_than_it_is_good_for(played: Played) -> None:
    assert await played.admit("one", expires_in_s=-100) == Refused("SLOT_TAKEN", "No slot has started in time.")


async def test_an_offer_that_is_withdrawn_while_it_waits_takes_no_slot(played: Played) -> None:
    admitting = asyncio.create_task(played.admit("one"))
    await played.process()
    await asyncio.sleep(0)
    await played.pool.withdraw("one")
    await played.ready()
    assert isinstance(await admitting, Refused)
    assert played.pool.sessions() == []


async def test_a_reservation_is_bounded_whatever_the_clock_of_who_offers(played: Played) -> None:
    process = await played.ready()
    await played.admit("one", expires_in_s=1e9)
    assert (await process.heard("expect"))["for_s"] == pools.EXPECT_MOST_S


async def test_only_the_slot_itself_says_that_it_is_free_again(played: Played) -> None:
    process = await played.ready()
    await played.admit("one")
    await played.pool.withdraw("one")
    assert await process.heard("withdraw") == {"do": "withdraw", "token": "one"}
    assert isinstance(await played.admit("two"), Refused)
    process.say("ended", token="one", reason="", message="", lost=False)
    await eventually(lambda: played.events == [SessionEvent.ended("one")])
    assert isinstance(await played.admit("two"), Admitted)


async def test_what_a_slot_says_is_what_is_known(played: Played) -> None:
    process = await played.ready()
    await played.admit("one")
    process.say("opened", token="one", component="tank (a:Tank)", run="run-7")
    await eventually(
        lambda: (
            played.pool.sessions()
            == [OpenSession("one", SessionState.CONNECTED, "tank (a:Tank)", "run-7", "127.0.0.1:7100")]
        )
    )
    process.say("suspended", token="one")
    await eventually(lambda: played.pool.sessions()[0].state is SessionState.SUSPENDED)
    process.say("resumed", token="one")
    await eventually(lambda: played.pool.sessions()[0].state is SessionState.CONNECTED)
    process.say("ended", token="one", reason="LINGER_OVER", message="Nobody.", lost=True)
    await eventually(lambda: played.events == [SessionEvent.lost("one", "LINGER_OVER", "Nobody.")])
    assert played.pool.states()["free"] == 1


@pytest.mark.parametrize("nonsense", [b"nonsense\n", b'{"says": "ready"}\n'])
async def test_a_process_that_talks_nonsense_is_replaced(played: Played, nonsense: bytes) -> None:
    process = await played.ready()
    process.slot.send(nonsense)
    await eventually(lambda: process.killed)
    await played.ready(1)


async def test_a_process_that_hangs_up_is_replaced(played: Played) -> None:
    process = await played.ready()
    process.slot.close()
    await eventually(lambda: process.killed, message="its end")
    await played.ready(1)


async def test_a_stopped_process_is_replaced_and_its_session_lost(played: Played) -> None:
    process = await played.ready()
    await played.admit("one")
    process.stopped = True
    await eventually(lambda: [event.reason for event in played.events] == ["PROCESS_STOPPED"])
    assert process.killed
    assert played.pool.ends == {"stopped": 1}


async def test_author_code_past_its_deadline_is_killed_and_its_session_hung(played: Played) -> None:
    process = await played.ready()
    await played.admit("one")
    process.writer.begin("update", "environment 'grid'", -5.0)
    await eventually(lambda: [event.kind for event in played.events] == [SessionEventKind.HUNG])
    assert played.events[0].message.startswith("Update of environment 'grid' did not return within")
    assert process.killed


async def test_what_cannot_start_is_tried_again_and_says_why(played: Played, caplog: pytest.LogCaptureFixture) -> None:
    process = await played.process()
    process.say("failed", reason="COMPONENT_UNKNOWN", message="There is no such thing.")
    await eventually(lambda: played.pool.slots[0].failure)
    process.end(1)
    await eventually(lambda: played.pool.failure == "There is no such thing.")
    again = await played.process(1)
    again.end(1)
    await eventually(lambda: played.pool.failure == "Its process ended with status 1 before it was ready.")
    played.processes.fails.append(OSError("no more processes"))
    (await played.process(2)).end(0)
    await eventually(lambda: "no more processes" in played.pool.failure)
    await played.ready(3)
    assert played.pool.failure == ""


async def test_who_drains_admits_nobody_and_forgets_whom_it_expects(played: Played) -> None:
    process = await played.ready()
    await played.admit("one")
    draining = asyncio.create_task(played.pool.drained(5.0))
    assert await process.heard("forget") == {"do": "forget", "token": "one"}
    process.say("ended", token="one", reason="", message="", lost=False)
    assert await draining
    refused = await played.admit("two")
    assert isinstance(refused, Refused)
    assert "stopping" in refused.message


async def test_closing_kills_what_has_never_been_used_and_asks_the_rest(played: Played) -> None:
    process = await played.ready()
    await played.pool.close()
    assert process.killed
    other = Played()
    async with other.pool.running():
        used = await other.ready()
        await other.admit("one")
        used.say("opened", token="one", component="", run="")
        await eventually(lambda: other.pool.slots[0].state is SlotState.OPEN)
        closing = asyncio.create_task(other.pool.close(5.0))
        await used.heard("drain")
        assert not used.killed
        used.end(0)
        await closing
        assert [event.reason for event in other.events] == ["HOST_STOPPING"]


async def test_closing_does_not_wait_for_ever(played: Played) -> None:
    process = await played.ready()
    await played.admit("one")
    process.say("opened", token="one", component="", run="")
    await eventually(lambda: played.pool.slots[0].state is SlotState.OPEN)
    await played.pool.close(0.1)
    assert process.killed


async def test_who_does_not_listen_any_more_is_told_nothing(played: Played) -> None:
    process = await played.ready()
    heard: list[SessionEvent] = []
    forget = played.pool.on_session_event(heard.append)
    forget()
    await played.admit("one")
    process.end(0)
    await eventually(lambda: played.events)
    assert heard == []


async def test_an_error_inside_the_block_comes_out_as_it_is() -> None:
    with contextlib.suppress(asyncio.CancelledError), pytest.raises(ValueError, match="mine"):
        async with Played().pool.running():
            raise ValueError("mine")
