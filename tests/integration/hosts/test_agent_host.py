"""The agent service: descriptions of muscles and brains, and sessions of muscles by its own address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing

import numpy as np
import pytest

from sparring.agent.server.host import agent_host
from sparring.api.agent.v1 import brain_service_pb2 as brain_pb
from sparring.api.agent.v1 import muscle_service_pb2 as pb
from sparring.client.brain_session import open_brain
from sparring.client.stream_session import open_muscle
from sparring.codec.declaration import encode_component
from sparring.rpc.server import Server
from sparring.types.declaration import Component
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError
from sparring.types.frames import MuscleStarted, Policy, ShutDown, Shutdown
from sparring.types.free_value import to_free_value
from sparring.types.plan import FixedAddress, Grant
from tests.contract.muscle_session import SHIPPED, start
from tests.integration.hosts.brokers import Broker, broker
from tests.integration.hosts.pools import SEARCH, settings
from tests.unit.agent.experience import start as start_brain

SOON_S = 20.0
ANNOUNCED = [("sparring.agent:DummyMuscle", "muscle"), ("sparring.agent:DummyBrain", "brain")]
DUMMY = encode_component(Component("sparring.agent:DummyMuscle", {}))


@pytest.fixture
async def at() -> AsyncIterator[Broker]:
    async with broker() as found:
        yield found


@pytest.fixture
async def server(at: Broker) -> AsyncIterator[Server]:
    given = settings(broker=at.address, drain_s=1.0)
    async with agent_host(given, announced=ANNOUNCED, search_paths=SEARCH) as server:
        yield server


def brain(name: str, objective: str = "sparring.agent:DummyObjective") -> brain_pb.DescribeBrainRequest:
    return brain_pb.DescribeBrainRequest(
        brain=encode_component(Component(name, {})), objective=encode_component(Component(objective, {}))
    )


@pytest.mark.usefixtures("server")
async def test_muscles_and_brains_are_described_through_the_broker(at: Broker) -> None:
    muscle = await at.muscles().DescribeMuscle(pb.DescribeMuscleRequest(muscle=DUMMY), timeout=SOON_S)
    assert (list(muscle.offered), muscle.capacity) == (["sparring.agent:DummyMuscle"], 1)
    assert set(muscle.capabilities) == {"filters", "lanes", "resume"}
    described = await at.brains().DescribeBrain(brain("sparring.agent:DummyBrain"), timeout=SOON_S)
    assert (list(described.offered), described.capacity) == (["sparring.agent:DummyBrain"], 1)


@pytest.mark.usefixtures("server")
async def test_what_is_not_there_is_named_by_its_kind(at: Broker) -> None:
    unknown = encode_component(Component("sparring.agent:DumyMuscle", {}))
    with pytest.raises(NotFoundError) as muscle:
        await at.muscles().DescribeMuscle(pb.DescribeMuscleRequest(muscle=unknown), timeout=SOON_S)
    assert muscle.value.reason == "MUSCLE_UNKNOWN"
    assert "Did you mean 'DummyMuscle'?" in muscle.value.message
    with pytest.raises(NotFoundError) as unknown_brain:
        await at.brains().DescribeBrain(brain("sparring.agent:DumyBrain"), timeout=SOON_S)
    assert unknown_brain.value.reason == "BRAIN_UNKNOWN"
    with pytest.raises(NotFoundError) as objective:
        await at.brains().DescribeBrain(brain("sparring.agent:DummyBrain", "nobodys:Objective"), timeout=SOON_S)
    assert objective.value.reason == "COMPONENT_UNKNOWN"
    wrong = encode_component(Component("sparring.agent:DummyMuscle", {"size": 3}))
    with pytest.raises(InvalidArgumentError) as parameters:
        await at.muscles().DescribeMuscle(pb.DescribeMuscleRequest(muscle=wrong), timeout=SOON_S)
    assert parameters.value.reason == "PARAMETERS_INVALID"


async def test_a_muscle_that_starts_with_a_long_policy_is_reached_by_the_hosts_address(server: Server) -> None:
    policy = Policy(1, to_free_value({"gain": np.zeros(400_000)}))
    assert len(policy.snapshot.data) > 3 << 20

    def play() -> None:
        with closing(open_muscle(FixedAddress(str(server.address)), "defender")) as session:
            session.send(start(SHIPPED[0], policy=policy))
            assert isinstance(session.receive(SOON_S), MuscleStarted)
            session.send(Shutdown())
            assert session.receive(SOON_S) == ShutDown()

    for _ in range(2):
        await asyncio.to_thread(play)


async def test_a_brain_is_reached_by_its_grant_only(server: Server) -> None:
    owner = open_brain(Grant("one", "worker", "agent", str(server.address)), "thinker", epoch=1)
    with pytest.raises(FailedPreconditionError) as caught:
        await owner.start(start_brain(), SOON_S)
    assert caught.value.reason == "GRANT_NEEDED"
    await owner.close()
