"""`Environment.run` and the conductors: found at the broker by name, and ended like any host."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from sparring.api.agent.v1 import brain_service_pb2 as brain_pb
from sparring.api.agent.v1 import muscle_service_pb2 as muscle_pb
from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.client.stream_session import open_environment
from sparring.codec.declaration import encode_component
from sparring.environment import DummyEnvironment, EnvironmentConductor
from sparring.types.declaration import Component, Timeouts
from sparring.types.errors import InvalidArgumentError, LostError
from sparring.types.frames import EnvironmentStarted, StartEnvironment
from sparring.types.holding import SessionEventKind
from sparring.types.space import Box
from tests.integration.hosts.brokers import SOON_S, Broker, broker
from tests.integration.hosts.service_process import ServiceProcess
from tests.integration.hosts.sessions import begun, shut_down, update
from tests.support.eventually import eventually

PROGRAM = "tests.integration.hosts.own_object"


@pytest.fixture
async def at() -> AsyncIterator[Broker]:
    async with broker() as found:
        yield found


async def described(at: Broker, service: str) -> pb.DescribeResponse:
    response: pb.DescribeResponse = await at.environments(service).Describe(pb.DescribeRequest(), timeout=SOON_S)
    return response


async def test_an_object_of_ones_own_is_described_and_played_with_in_the_calling_thread(
    at: Broker, diary: Path
) -> None:
    with ServiceProcess("-m", PROGRAM, "object", at.address, f"diary={diary}") as service:
        found = await described(at, "environment/grid")
        assert [each.uid for each in found.sensors] == ["count"]
        assert (found.capacity, found.max_lanes) == (1, 1)
        for _ in range(2):
            session = await asyncio.to_thread(begun, await at.grant("environment/grid"))
            assert await asyncio.to_thread(update, session) == 1
            assert (await described(at, "environment/grid")) == found
            await asyncio.to_thread(shut_down, session)
        service.send(signal.SIGTERM)
        assert await asyncio.to_thread(service.wait) == 0
        assert service.says("returned")
    lines = (await asyncio.to_thread(diary.read_text)).splitlines()
    assert lines.count("start in MainThread") == 3  # once to be described
    assert lines.count("update 1 in MainThread") == 2
    assert lines.count("shutdown reset=False") == 3


async def test_an_object_that_passes_its_deadline_is_told_to_the_broker_and_left_alone(at: Broker) -> None:
    with ServiceProcess("-m", PROGRAM, "object", at.address, "what=sleep") as service:
        await described(at, "environment/grid")
        grant = await at.grant("environment/grid")
        session = await asyncio.to_thread(begun, grant, Timeouts(step_s=0.3))
        with closing(session):
            hearing = aiter(at.client.watch_sessions([grant.token]))
            assert (await anext(hearing)).kind is SessionEventKind.OPEN
            updating = asyncio.create_task(asyncio.to_thread(update, session))
            event = await anext(hearing)
            assert (event.kind, event.reason) == (SessionEventKind.HUNG, "DEADLINE_PASSED")
            service.send(signal.SIGKILL)
            with pytest.raises(LostError):
                await updating


async def test_an_object_whose_process_dies_is_lost(at: Broker) -> None:
    with ServiceProcess("-m", PROGRAM, "object", at.address) as service:
        await described(at, "environment/grid")
        grant = await at.grant("environment/grid")
        with closing(await asyncio.to_thread(begun, grant)):
            children = service.children()
            assert len(children) == 1
            hearing = aiter(at.client.watch_sessions([grant.token]))
            assert (await anext(hearing)).kind is SessionEventKind.OPEN
            service.send(signal.SIGKILL)
            assert (await anext(hearing)).kind is SessionEventKind.LOST
            await eventually(lambda: not children[0].is_running(), within_s=SOON_S)


async def test_an_object_whose_connector_dies_says_so(at: Broker) -> None:
    with ServiceProcess("-m", PROGRAM, "object", at.address) as service:
        await described(at, "environment/grid")
        service.children()[0].kill()
        assert await asyncio.to_thread(service.wait) == 1
        assert service.says("CONNECTOR_DIED") or service.says("connects environment/grid to the broker ended with -9")


async def test_an_object_is_served_from_any_thread_until_it_is_stopped(at: Broker) -> None:
    environment = DummyEnvironment(uid="tank", broker_uri=at.address)
    assert environment.worker is environment.worker
    assert environment.worker.service == "environment/tank"
    thread = threading.Thread(target=environment.run)
    thread.start()
    found = await described(at, "environment/tank")
    assert len(found.sensors) == 10
    environment.worker.stop()
    await asyncio.to_thread(thread.join, SOON_S)
    assert not thread.is_alive()


def test_an_object_without_a_uid_cannot_be_found_and_is_not_served() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        DummyEnvironment(broker_uri="127.0.0.1:1").run()
    assert caught.value.reason == "UID_MISSING"


async def test_a_conductor_hosts_the_environment_of_its_configuration(at: Broker) -> None:
    with ServiceProcess("-m", PROGRAM, "environment", at.address) as service:
        found = await described(at, "environment/tank")
        assert found.capacity == 1
        assert list(found.offered) == ["sparring.environment:DummyEnvironment"]
        session = open_environment(await at.grant("environment/tank"), "tank")
        with closing(session):
            session.send(StartEnvironment(Component("", {"max_iter": 5}), "tank", 1, (2,)))
            started = await asyncio.to_thread(session.receive, SOON_S)
            assert isinstance(started, EnvironmentStarted)
            assert isinstance(started.sensors[0].space, Box)
            await asyncio.to_thread(shut_down, session)
        service.send(signal.SIGINT)
        assert await asyncio.to_thread(service.wait) == 0
        assert service.says("returned")


async def test_a_conductor_hosts_the_agent_of_its_configuration(at: Broker) -> None:
    with ServiceProcess("-m", PROGRAM, "agent", at.address) as service:
        muscle = await at.muscles("agent/defender").DescribeMuscle(muscle_pb.DescribeMuscleRequest(), timeout=SOON_S)
        assert list(muscle.offered) == ["sparring.agent:DummyMuscle"]
        brain = await at.brains("agent/defender").DescribeBrain(
            brain_pb.DescribeBrainRequest(brain=encode_component(Component("", {}))), timeout=SOON_S
        )
        assert (list(brain.offered), brain.capacity) == (["sparring.agent:DummyBrain"], 2)
        service.send(signal.SIGTERM)
        assert await asyncio.to_thread(service.wait) == 0


async def test_a_conductor_is_stopped_from_another_thread(at: Broker) -> None:
    configuration = {"environment": {"name": "sparring.environment:DummyEnvironment", "uid": "tank"}}
    conductor = EnvironmentConductor({**configuration, "broker_uri": at.address}, seed=4, uid="me")
    assert (conductor.uid, conductor.seed, conductor.service) == ("me", 4, "environment/tank")
    thread = threading.Thread(target=conductor.run)
    thread.start()
    await described(at, "environment/tank")
    conductor.stop()
    await asyncio.to_thread(thread.join, SOON_S)
    assert not thread.is_alive()


@pytest.mark.parametrize("configuration", [{}, {"uid": "tank"}, {"uid": "tank", "name": "Tank"}])
def test_a_conductor_says_what_its_configuration_lacks(configuration: dict[str, str]) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        EnvironmentConductor(configuration, seed=1)
    assert caught.value.reason == "CONFIGURATION_INVALID"
