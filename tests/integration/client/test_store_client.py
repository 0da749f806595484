"""Store client and records with a real broker and a real store."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from sparring.api.store.v1 import run_pb2
from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.client.broker_client import BrokerClient
from sparring.client.connector import registered
from sparring.client.record_session import StreamRecord, open_record
from sparring.client.store_access import FixedStore, GrantedStore
from sparring.client.store_client import StoreClient, find_store
from sparring.codec.record import decode_summary
from sparring.rpc.channels import Channel, open_channel
from sparring.rpc.mounts import mount
from sparring.rpc.retry import Backoff
from sparring.rpc.server import running
from sparring.store.composition import composed
from sparring.types.declaration import Component, Declaration, FreeValue
from sparring.types.episode import EpisodeKey
from sparring.types.errors import FailedPreconditionError, InternalError, InvalidArgumentError, NotFoundError
from sparring.types.frames import Origin
from sparring.types.learning import Learning, Saved
from sparring.types.mode import Mode
from sparring.types.plan import Grant, RolloutPlan
from tests.unit.store.builders import DECLARED, Played, play

Result = TypeVar("Result")
QUICK = Backoff(attempts=200, first_s=0.05, most_s=0.2, budget_s=20.0)


@contextlib.asynccontextmanager
async def store_at(directory: Path, broker: str, address: str = "127.0.0.1:0") -> AsyncIterator[str]:
    """A store that is registered at the broker."""
    async with (
        composed(directory, group_s=0.02) as servicer,
        running(address, [mount(servicer)], name="store", drain_s=0.2) as server,
        registered(
            broker=broker,
            service="store",
            target=str(server.address),
            calls=16,
            slots_unlimited=True,
            endpoint=str(server.address),
        ),
    ):
        yield str(server.address)


@pytest.fixture
async def channel() -> AsyncIterator[Channel]:
    settings = BrokerSettings(address="127.0.0.1:0", heartbeat_s=0.2, drain_s=0.5)
    async with running_broker(settings) as broker, open_channel(str(broker.address)) as channel:
        yield channel


@pytest.fixture
async def address(channel: Channel, tmp_path: Path) -> AsyncIterator[str]:
    async with store_at(tmp_path / "data", channel._target) as address:
        yield address


@pytest.fixture
async def client(channel: Channel, address: str) -> AsyncIterator[StoreClient]:
    async with find_store(BrokerClient(channel), "tester") as client:
        yield client


def submission(token: str = "wish-1") -> pb.CreateRunRequest:
    return pb.CreateRunRequest(
        client_token=token, uid="dummy", document=b"uid: dummy", file_name="dummy.yml", seed=7, deterministic=True
    )


async def owned(client: StoreClient) -> run_pb2.Run:
    await client.create_run(submission())
    (run,) = await client.claim_runs("gov", 1, 15.0)
    return run


async def in_thread(work: Callable[[], Result]) -> Result:
    return await asyncio.get_running_loop().run_in_executor(None, work)


@dataclass(frozen=True)
class Environment:
    uid: str
    sensors: tuple[Declaration, ...]
    actuators: tuple[Declaration, ...]
    rewards: tuple[Declaration, ...]
    component: Component
    static_world_model: FreeValue | None = None


@dataclass(frozen=True)
class Agent:
    name: str
    sensors: tuple[str, ...] = ()
    actuators: tuple[str, ...] = ()


def record_of(run: run_pb2.Run, store: Grant) -> StreamRecord:
    plan = RolloutPlan(
        Origin(run.run, 0, 0),
        "warm-up",
        Mode.TRAIN,
        Component("vanilla", {}),
        (),
        (),
        7,
        store,
        Learning.EPISODE,
        epoch=run.epoch,
    )
    environments = [
        Environment(each.uid, each.sensors, each.actuators, each.rewards, Component("dummy", {}))
        for each in DECLARED.environments
    ]
    return open_record(plan, environments, [Agent(name) for name in DECLARED.agents], reconnecting=QUICK)


def write(record: StreamRecord, played: Played) -> None:
    episode = played.summary.key.episode
    record.begin(episode, {"plant": 3})
    late = list(played.late)
    for batch in played.batches:
        while late and late[0].row <= batch.first_step:
            each = late.pop(0)
            record.declare_rewards(episode, each.environment, each.declarations)
        record.write(batch)
    record.commit(played.summary, played.rows)


def durable(record: StreamRecord, count: int) -> list[int]:
    record.flush()
    found: list[int] = []
    while len(found) < count:
        found += [one.key.episode for one in record.take_committed(20)]
    return found


async def test_a_run_is_created_once_owned_and_taken_through_its_states(client: StoreClient) -> None:
    run = await owned(client)
    assert (await client.create_run(submission())).run == run.run
    assert (await client.get_document(run.run)).document == b"uid: dummy"
    listed, more = await client.list_runs()
    assert ([each.run for each in listed], more) == ([run.run], "")
    entered = await client.record_transition(
        pb.RecordTransitionRequest(
            run=run.run,
            epoch=run.epoch,
            ordinal=1,
            state=run_pb2.Run.STATE_TRANSCEIVING,
            status=run_pb2.Run.STATUS_RUNNING,
        )
    )
    assert entered.state == run_pb2.Run.STATE_TRANSCEIVING
    await client.request_run(run.run, pb.RequestRunRequest.WISH_CANCEL)
    kept, lost = await client.renew_runs("gov", {run.run: run.epoch}, 15.0)
    assert ([each.cancel_requested for each in kept], lost) == ([True], [])
    with pytest.raises(NotFoundError) as caught:
        await client.get_run("nobody")
    assert caught.value.reason == "RUN_UNKNOWN"


async def test_a_run_is_watched_to_its_end(client: StoreClient) -> None:
    run = await owned(client)
    seen: list[int] = []

    async def watch() -> None:
        async for event in client.watch_run(run.run):
            seen.append(event.revision)

    watching = asyncio.create_task(watch())
    await client.record_transition(
        pb.RecordTransitionRequest(
            run=run.run,
            epoch=run.epoch,
            ordinal=1,
            state=run_pb2.Run.STATE_DONE,
            status=run_pb2.Run.STATUS_CANCELLED,
        )
    )
    async with asyncio.timeout(20):
        await watching
    assert seen == sorted(set(seen))


async def test_a_brain_state_comes_back_as_it_was_saved(client: StoreClient) -> None:
    run = await owned(client)
    state = FreeValue("application/octet-stream", bytes(range(256)) * (10 << 10) + b"tail")
    saved = Saved(state, (EpisodeKey(0, Mode.TRAIN, 1, 4),), 3)
    await client.save_brain_state(run.run, run.epoch, 0, "defender", "phase-end", saved)
    assert await client.load_brain_state(run.run, "defender") == saved
    with pytest.raises(NotFoundError) as caught:
        await client.load_brain_state(run.run, "attacker")
    assert caught.value.reason == "BRAIN_STATE_UNKNOWN"


async def test_a_statement_is_answered_or_refused(client: StoreClient) -> None:
    await owned(client)
    assert await client.query("select 1 as one")
    with pytest.raises(InvalidArgumentError) as caught:
        await client.query("nonsense")
    assert caught.value.reason == "QUERY_INVALID"


async def test_episodes_are_recorded_listed_sealed_and_verified(client: StoreClient, address: str) -> None:
    run = await owned(client)
    played = [play(number) for number in range(3)]
    grant = Grant("57" * 16, "store-1", "store", address)

    def rollout() -> list[int]:
        record = record_of(run, grant)
        try:
            for each in played:
                write(record, each)
            return durable(record, 3)
        finally:
            record.close()

    assert await in_thread(rollout) == [0, 1, 2]
    episodes = await client.list_episodes(run.run, 0)
    assert [decode_summary(each) for each in episodes] == [each.summary for each in played]
    sent = [pb.RolloutCount(rollout=0, episodes=3, steps=sum(each.summary.steps for each in played))]
    request = pb.SealPhaseRequest(run=run.run, epoch=run.epoch, phase=0, mode=episodes[0].episode.mode, sent=sent)
    assert (await client.seal_phase(request)).sealed
    answers = [each async for each in client.verify_run(run.run)]
    assert [each.WhichOneof("kind") for each in answers] == ["verified"]
    assert answers[0].verified.equal


async def test_an_older_owner_cannot_record(client: StoreClient, address: str) -> None:
    run = await owned(client)
    stale = run_pb2.Run(run=run.run, epoch=run.epoch - 1)
    with pytest.raises(FailedPreconditionError) as caught:
        await in_thread(lambda: record_of(stale, Grant("57" * 16, "store-1", "store", address)))
    assert caught.value.reason == "EPOCH_STALE"


async def test_nothing_committed_is_lost_when_the_store_is_restarted_in_the_middle(
    channel: Channel, tmp_path: Path
) -> None:
    broker = channel._target
    async with contextlib.AsyncExitStack() as stack:
        first = await stack.enter_async_context(contextlib.AsyncExitStack())
        address = await first.enter_async_context(store_at(tmp_path / "data", broker))
        client = await stack.enter_async_context(find_store(BrokerClient(channel), "tester"))
        run = await owned(client)
        half, go_on = threading.Event(), threading.Event()

        def rollout() -> list[int]:
            record = record_of(run, Grant("57" * 16, "store-1", "store", address))
            try:
                write(record, play(0))
                found = durable(record, 1)
                record.begin(1, {"plant": 3})
                half.set()
                go_on.wait(20)
                for batch in play(1).batches:
                    record.write(batch)
                record.commit(play(1).summary, play(1).rows)
                write(record, play(2))
                return found + durable(record, 2)
            finally:
                record.close()

        recording = asyncio.ensure_future(in_thread(rollout))
        await in_thread(lambda: half.wait(20))
        await first.aclose()
        go_on.set()
        await stack.enter_async_context(store_at(tmp_path / "data", broker, address))
        async with asyncio.timeout(30):
            assert await recording == [0, 1, 2]
            assert [each.episode.episode for each in await client.list_episodes(run.run)] == [0, 1, 2]


async def test_a_store_that_comes_back_elsewhere_is_found_again(channel: Channel, tmp_path: Path) -> None:
    broker = channel._target
    async with find_store(BrokerClient(channel), "tester") as client:
        async with store_at(tmp_path / "data", broker) as before:
            run = await client.create_run(submission())
        async with store_at(tmp_path / "data", broker) as after, asyncio.timeout(30):
            assert before != after
            assert (await client.get_run(run.run))[0].run == run.run
            assert isinstance(client.place, GrantedStore)
            assert client.place.grant is not None
            assert client.place.grant.address == after


async def test_a_damaged_brain_state_is_not_handed_out(client: StoreClient, tmp_path: Path) -> None:
    class Liar:
        async def LoadBrainState(self, request: pb.LoadBrainStateRequest) -> AsyncIterator[pb.LoadBrainStateResponse]:
            yield pb.LoadBrainStateResponse(header=pb.BrainStateHeader(agent="defender", size_bytes=3))
            yield pb.LoadBrainStateResponse(data=b"abc")

    class Place:
        async def stub(self) -> Liar:
            return Liar()

        async def forget(self, stub: object) -> None:
            raise AssertionError

    with pytest.raises(InternalError) as caught:
        await StoreClient(Place()).load_brain_state("run-1", "defender")
    assert caught.value.reason == "BRAIN_STATE_DAMAGED"


async def test_a_store_may_also_be_reached_at_a_fixed_address(address: str) -> None:
    async with open_channel(address) as channel:
        client = StoreClient(FixedStore(channel))
        assert await client.list_runs() == ([], "")
