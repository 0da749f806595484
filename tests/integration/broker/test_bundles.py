"""Bundles in competition, over real gRPC: no deadlock, turns, places in the queue, refusals, capacity."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import broker_service_pb2_grpc, grant_pb2, management_service_pb2
from sparring.api.broker.v1 import management_service_pb2_grpc as management_grpc
from sparring.rpc.channels import Channel
from tests.integration.broker.raw_worker import RawWorker

ENDED = grant_pb2.SessionEvent.KIND_ENDED


class Asker:
    """One Acquire."""

    def __init__(self, channel: grpc.aio.Channel, client: str, *services: str) -> None:
        slots = [grant_pb2.SlotRequest(label=str(place), service=service) for place, service in enumerate(services)]
        stub: Any = broker_service_pb2_grpc.BrokerServiceStub(channel)
        asked = pb.AcquireRequest(client_id=client, run=client, bundle=grant_pb2.Bundle(slots=slots))
        self._call = stub.Acquire(asked, timeout=30)

    async def position(self) -> int:
        """Read the next place in the queue."""
        async with asyncio.timeout(10):
            response = await self._call.read()
        assert response.WhichOneof("kind") == "waiting", response
        return int(response.waiting.position)

    async def tokens(self) -> list[str]:
        """Read until the bundle is granted."""
        async with asyncio.timeout(10):
            while (response := await self._call.read()).WhichOneof("kind") == "waiting":
                pass
        return [response.granted.grants[label].token for label in sorted(response.granted.grants)]


async def ends(worker: RawWorker, *tokens: str) -> None:
    for token in tokens:
        await worker.say(session_ended=pb.SessionEnded(event=grant_pb2.SessionEvent(token=token, kind=ENDED)))


async def test_two_runs_that_each_need_both_slots_of_an_agent_service_both_get_them(
    raw: grpc.aio.Channel, channel: Channel
) -> None:
    agent = await RawWorker(raw).ready("agent", "a", slots=2)
    simulation = await RawWorker(raw).ready("simulation", "s", slots=2)
    needs = ("agent", "agent", "simulation")
    first, second = Asker(channel, "run-1", *needs), Asker(channel, "run-2", *needs)
    for _ in range(2):
        await agent.admit()
    await simulation.admit()
    granted = await asyncio.wait(
        [asyncio.create_task(asker.tokens()) for asker in (first, second)],
        return_when=asyncio.FIRST_COMPLETED,
        timeout=10,
    )
    (winner,), (loser,) = granted
    tokens = winner.result()
    assert not loser.done()
    await ends(agent, tokens[0])
    await ends(simulation, tokens[2])
    await ends(agent, tokens[1])
    for _ in range(2):
        await agent.admit()
    await simulation.admit()
    assert len(await loser) == 3


async def test_the_queue_is_fair_over_clients_and_everybody_is_told_the_place(
    raw: grpc.aio.Channel, channel: Channel
) -> None:
    worker = await RawWorker(raw).ready("environment", slots=1)
    holder = Asker(channel, "holder", "environment")
    token = await worker.admit()
    await holder.tokens()
    greedy = [Asker(channel, "greedy", "environment")]
    assert await greedy[0].position() == 0
    greedy.append(Asker(channel, "greedy", "environment"))
    assert await greedy[1].position() == 1
    modest = Asker(channel, "modest", "environment")
    assert await modest.position() == 1
    assert await greedy[1].position() == 2
    order = []
    for name, asker in (("greedy", greedy[0]), ("modest", modest), ("greedy", greedy[1])):
        await ends(worker, token)
        offer = await worker.hear("offer")
        order.append(offer.run)
        token = offer.token
        await worker.say(admitted=pb.Admitted(token=token, endpoint=grant_pb2.Endpoint(address="127.0.0.1:7")))
        assert await asker.tokens() == [token], name
    assert order == ["greedy", "modest", "greedy"]


async def test_a_slot_that_is_taken_after_all_is_asked_for_elsewhere(raw: grpc.aio.Channel, channel: Channel) -> None:
    workers = [await RawWorker(raw).ready("environment", name, slots=1) for name in ("e1", "e2")]
    asker = Asker(channel, "c", "environment")
    offer = await workers[0].hear("offer")
    await workers[0].say(refused=pb.Refused(token=offer.token, reason="SLOT_TAKEN", message="All slots are taken."))
    token = await workers[1].admit()
    assert await asker.tokens() == [token]
    assert token != offer.token


async def test_a_worker_that_lists_its_slots_as_taken_is_offered_none_until_one_ends(
    raw: grpc.aio.Channel, channel: Channel
) -> None:
    held = [grant_pb2.OpenSession(token=token, state="STATE_SUSPENDED") for token in ("t1", "t2")]
    worker = await RawWorker(raw).ready("environment", slots=2, sessions=held[:1])
    await worker.say(heartbeat=pb.Heartbeat(sessions=held))
    asker = Asker(channel, "c", "environment")
    assert await asker.position() == 0
    manager: Any = management_grpc.ManagementServiceStub(channel)
    (service,) = (await manager.ListServices(management_service_pb2.ListServicesRequest(), timeout=5)).services
    assert (len(service.workers[0].sessions), service.queued_bundles) == (2, 1)
    await worker.say(heartbeat=pb.Heartbeat(sessions=held[1:]))
    await worker.say(heartbeat=pb.Heartbeat(sessions=held[1:]))
    token = await worker.admit()
    assert await asker.tokens() == [token]
