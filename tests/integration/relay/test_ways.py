"""A session is the same whichever way it is reached, and everybody is told which way that is."""

import asyncio
from contextlib import closing

from sparring.api.broker.v1.management_service_pb2 import WorkerStatus
from tests.integration.hosts.brokers import Broker
from tests.integration.hosts.sessions import begun, shut_down, update
from tests.integration.relay.conftest import DIAL_OUT, DIRECT, RELAYED, Way, served
from tests.support.eventually import eventually


async def worker(at: Broker) -> WorkerStatus:
    (service,) = [one for one in await at.client.list_services() if one.name == "environment"]
    (found,) = service.workers
    return found


async def test_a_session_runs_the_same_by_every_way(way: Way) -> None:
    async with served(way) as at:
        grant = await at.grant("environment")
        assert bool(grant.address) is (way is DIRECT)
        assert grant.relay
        session = await asyncio.to_thread(begun, grant)
        with closing(session):
            assert [await asyncio.to_thread(update, session) for _ in range(3)] == [1, 2, 3]
            assert (await worker(at)).relayed == (0 if way is DIRECT else 1)
            await asyncio.to_thread(shut_down, session)

        async def nothing_is_left() -> bool:
            found = await worker(at)
            return found.relayed == 0 and not found.sessions

        await eventually(nothing_is_left)


async def test_a_worker_that_dials_out_tells_nobody_where_it_is_and_keeps_its_spares() -> None:
    async with served(DIAL_OUT) as at:

        async def kept() -> bool:
            return (await worker(at)).spares == 4

        grant = await at.grant("environment")
        await eventually(kept)
        found = await worker(at)
        assert (grant.address, found.endpoint.address) == ("", "")
        assert grant.relay == found.endpoint.relay
        session = await asyncio.to_thread(begun, grant)
        with closing(session):
            await eventually(kept)  # the one in use was replaced
            await asyncio.to_thread(shut_down, session)


async def test_where_everything_is_relayed_the_list_says_so() -> None:
    async with served(RELAYED) as at:
        assert (await at.grant("environment")).relay == (await worker(at)).endpoint.relay
