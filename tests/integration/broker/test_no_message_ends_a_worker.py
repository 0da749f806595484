"""No message ends a worker's process, only SIGTERM does (row 34; palaestrAI's DESTROY has no counterpart)."""

import re
import signal

import pytest

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import management_service_pb2 as management_pb
from tests.integration.hosts.service_process import ServiceProcess
from tests.support.eventually import eventually
from tests.unit.client.work_broker import work_broker

Reason = pb.Disconnect.Reason
ENDING = re.compile(r"shutdown|destroy|terminate|kill|exit|quit|stop", re.IGNORECASE)


@pytest.mark.obligation(34)
async def test_whatever_a_broker_says_a_worker_process_lives_until_sigterm() -> None:
    async with work_broker() as broker:
        with ServiceProcess(
            "-m",
            "sparring.environment.server",
            SPARRING_BROKER=broker.address,
            SPARRING_ENVIRONMENT_ADDRESS="127.0.0.1:0",
            SPARRING_ENVIRONMENT_SLOTS="1",
        ) as service:
            await eventually(lambda: broker.talks, within_s=30, message="the worker's first stream")
            for number, reason in enumerate(Reason.values(), 1):
                talk = await broker.talk(number)
                talk.say()
                talk.say(cancel=pb.Cancel(request_id="never heard of"))
                talk.say(withdraw=pb.Withdraw(token="never heard of"))
                talk.request("r1", "", b"\x06")
                talk.request("r2", "/sparring.api.broker.v1.BrokerService/Shutdown")
                await talk.next("failure", 2)
                talk.say(disconnect=pb.Disconnect(reason=reason))
            last = await broker.talk(len(Reason.values()) + 1)
            assert last.ready.worker_id == broker.talks[0].ready.worker_id
            service.send(signal.SIGTERM)
            assert service.wait() == 0


@pytest.mark.obligation(34)
def test_the_protocol_has_no_message_and_no_method_that_ends_a_peer() -> None:
    kinds = [field.name for message in (pb.WorkRequest, pb.WorkResponse) for field in message.DESCRIPTOR.fields]
    services = [*pb.DESCRIPTOR.services_by_name.values(), *management_pb.DESCRIPTOR.services_by_name.values()]
    methods = [method.name for service in services for method in service.methods]
    assert len(kinds) == 16
    assert len(methods) == 9
    assert [name for name in (*kinds, *methods) if ENDING.search(name)] == []
