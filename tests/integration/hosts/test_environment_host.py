"""The environment service: descriptions, sessions by grant and by its own address, health, metrics, and its end."""

import asyncio
import urllib.request
from collections.abc import AsyncIterator
from contextlib import closing

import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.codec.declaration import decode_declarations, encode_component
from sparring.environment.server.host import environment_host
from sparring.host.service import hosting, make_pool
from sparring.rpc.channels import open_channel
from sparring.rpc.server import Server
from sparring.types.declaration import Component, Timeouts
from sparring.types.errors import (
    AuthorError,
    ExhaustedError,
    FailedPreconditionError,
    InvalidArgumentError,
    LostError,
    NotFoundError,
)
from sparring.types.holding import SessionEventKind
from sparring.types.plan import FixedAddress
from tests.integration.hosts.brokers import Broker, broker
from tests.integration.hosts.cut import Wire
from tests.integration.hosts.pools import SEARCH, settings
from tests.integration.hosts.sessions import TROUBLE, begun, shut_down, update
from tests.support.eventually import eventually

ANNOUNCED = [(TROUBLE, "environment"), ("sparring.environment:DummyEnvironment", "environment")]


@pytest.fixture
async def at() -> AsyncIterator[Broker]:
    async with broker() as found:
        yield found


@pytest.fixture
async def server(at: Broker) -> AsyncIterator[Server]:
    given = settings(slots=1, broker=at.address, http_address="127.0.0.1:0", drain_s=3.0)
    async with environment_host(given, announced=ANNOUNCED, search_paths=SEARCH) as server:
        yield server


def asking(name: str, **parameters: object) -> pb.DescribeRequest:
    return pb.DescribeRequest(environment=encode_component(Component(name, parameters)), timeout_s=20)


@pytest.mark.usefixtures("server")
async def test_an_environment_is_described_through_the_broker(at: Broker) -> None:
    described = await at.environments().Describe(asking("sparring.environment:DummyEnvironment", discrete=False))
    assert [each.uid for each in decode_declarations(described.sensors)] == [str(number) for number in range(10)]
    assert [each.uid for each in decode_declarations(described.rewards)] == ["Dummy Reward"]
    assert set(described.capabilities) == {"lanes", "resume", "time"}
    assert (described.capacity, list(described.offered)) == (1, [name for name, _ in ANNOUNCED])


@pytest.mark.usefixtures("server")
async def test_what_cannot_be_described_says_why(at: Broker) -> None:
    stub = at.environments()
    with pytest.raises(NotFoundError) as unknown:
        await stub.Describe(asking("sparring.environment:DumyEnvironment"))
    assert unknown.value.reason == "ENVIRONMENT_UNKNOWN"
    assert "Did you mean 'DummyEnvironment'?" in unknown.value.message
    assert TROUBLE in unknown.value.metadata["offered"]
    with pytest.raises(NotFoundError) as outside:
        await stub.Describe(asking("os:system"))
    assert outside.value.reason == "ENVIRONMENT_UNKNOWN"
    with pytest.raises(InvalidArgumentError) as invalid:
        await stub.Describe(asking("sparring.environment:DummyEnvironment", max_itr=3))
    assert invalid.value.reason == "PARAMETERS_INVALID"
    with pytest.raises(AuthorError) as died:
        await stub.Describe(asking("tests.integration.hosts.authors:NotMade", dies=True))
    assert (died.value.reason, "ended with status 4" in died.value.message) == ("PROCESS_DIED", True)


@pytest.mark.usefixtures("server")
async def test_a_session_is_granted_played_and_its_slot_given_again(at: Broker) -> None:
    for _ in range(2):
        grant = await at.grant("environment", TROUBLE)
        session = await asyncio.to_thread(begun, grant)
        assert await asyncio.to_thread(update, session) == 1
        await asyncio.to_thread(shut_down, session)


@pytest.mark.usefixtures("server")
async def test_the_holder_of_a_session_hears_from_the_broker_that_its_environment_hangs(at: Broker) -> None:
    grant = await at.grant("environment", TROUBLE)
    session = await asyncio.to_thread(begun, grant, Timeouts(step_s=0.3), what="sleep")
    with closing(session):
        hearing = aiter(at.client.watch_sessions([grant.token]))
        assert (await anext(hearing)).kind is SessionEventKind.OPEN
        with pytest.raises(LostError):
            await asyncio.to_thread(update, session)
        event = await anext(hearing)
    assert (event.kind, event.reason) == (SessionEventKind.HUNG, "DEADLINE_PASSED")
    assert "Update of environment 'grid' did not return within 0.3 s; it was at" in event.message


async def test_a_client_that_knows_only_the_hosts_address_gets_a_slot(server: Server) -> None:
    place = FixedAddress(str(server.address))
    session = await asyncio.to_thread(begun, place)
    with closing(session):
        assert await asyncio.to_thread(update, session) == 1
        with pytest.raises(LostError) as caught:
            await asyncio.to_thread(begun, place)
        assert caught.value.reason == "SLOT_TAKEN"
        await asyncio.to_thread(shut_down, session)


async def test_a_client_that_knows_only_the_hosts_address_comes_back_to_its_session(server: Server) -> None:
    with Wire(str(server.address)) as wire:
        session = await asyncio.to_thread(begun, FixedAddress(wire.address))
        with closing(session):
            for count in (1, 2, 3):
                assert await asyncio.to_thread(update, session) == count
                wire.cut()
            await asyncio.to_thread(shut_down, session)


async def test_a_stream_at_the_hosts_address_begins_with_start_or_attach(server: Server) -> None:
    async with open_channel(str(server.address)) as channel:
        call = channel.stream_stream("/sparring.api.environment.v1.EnvironmentService/Session")()
        await call.write(pb.SessionRequest(sequence=1, update=pb.Update()).SerializeToString())
        with pytest.raises(FailedPreconditionError) as caught:
            await call.read()
        assert caught.value.reason == "GRAMMAR_VIOLATED"
        call = channel.stream_stream("/sparring.api.environment.v1.EnvironmentService/Session")()
        request = pb.SessionRequest()
        request.attach.token = "nobody's"
        await call.write(request.SerializeToString())
        with pytest.raises(NotFoundError) as unknown:
            await call.read()
        assert unknown.value.reason == "SESSION_UNKNOWN"


async def test_it_answers_health_reflection_and_metrics(server: Server) -> None:
    async with open_channel(str(server.address)) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        asked = health_pb2.HealthCheckRequest(service="sparring.api.environment.v1.EnvironmentService")
        assert (await health.Check(asked)).status == health_pb2.HealthCheckResponse.SERVING
        listed = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(
            iter([reflection_pb2.ServerReflectionRequest(list_services="")])
        )
        answer = await anext(aiter(listed))
        names = {each.name for each in answer.list_services_response.service}
        assert "sparring.api.environment.v1.EnvironmentService" in names

    def metrics() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.http_port}/metrics", timeout=5) as response:
            return str(response.read().decode())

    async def shows_a_free_slot() -> bool:
        return 'sparring_slots{state="free"} 1.0' in await asyncio.to_thread(metrics)

    await eventually(shows_a_free_slot)
    assert 'sparring_slot_ends_total{cause="hung"} 0.0' in await asyncio.to_thread(metrics)


async def test_plugins_are_announced_to_the_broker(at: Broker) -> None:
    given = settings(broker=at.address, plugins=("tests.integration.hosts.authors",))
    async with environment_host(given, search_paths=SEARCH):
        assert (await at.grant("environment", TROUBLE)).service == "environment"
        with pytest.raises(NotFoundError):
            await at.grant("environment", "tests.integration.hosts.authors:Nobody")


async def test_a_host_whose_slots_cannot_start_is_not_ready_and_says_why(at: Broker) -> None:
    given = settings(broker=at.address)
    pool = make_pool(given, "tests.integration.hosts.authors:no_such_entry", SEARCH)
    async with pool.running(), hosting("broken", given, pool, [], []) as server:
        await eventually(lambda: not server.health.serving)
        refused = await pool.admit("one", "", 0.0, "")
        assert "no_such_entry" in getattr(refused, "message", "")
        assert pool.ends["died"] >= 1


async def test_sessions_that_do_not_end_in_the_drain_time_are_ended(at: Broker) -> None:
    given = settings(broker=at.address, drain_s=1.0)
    async with environment_host(given, announced=ANNOUNCED, search_paths=SEARCH):
        grant = await at.grant("environment", TROUBLE)
        session = await asyncio.to_thread(begun, grant)
    with closing(session), pytest.raises((LostError, ExhaustedError)):
        await asyncio.to_thread(update, session)
