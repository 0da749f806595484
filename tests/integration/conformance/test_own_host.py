"""Our own environment service keeps every rule of the protocol, with every example environment."""

from collections.abc import Iterator
from typing import Any

import pytest

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.api.space.v1.session_pb2 import ProtocolVersion
from sparring.conformance import assert_conformant
from sparring.conformance.examination import examine, verdict
from sparring.conformance.subject import Options, Subject
from sparring.conformance.wire import Wire
from tests.integration.conformance.serving_host import AREAS, BRIDGE, DUMMY, serving_host


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with serving_host() as address:
        yield address


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        (DUMMY, {}),
        (DUMMY, {"discrete": False}),
        (BRIDGE, {"env_name": "CartPole-v1", "split_sensors": True}),
        (BRIDGE, {"env_name": "Pendulum-v1"}),
        (BRIDGE, {"env_name": "Acrobot-v1"}),
        (AREAS, {"duration_s": 10.0}),
    ],
    ids=["dummy", "dummy, boxes", "cartpole", "pendulum", "acrobot", "two areas"],
)
def test_our_host_is_conformant_at_all_levels(host: str, name: str, parameters: dict[str, Any]) -> None:
    assert_conformant(host, name, parameters)


def test_a_start_that_is_refused_gives_its_slot_back_at_once(host: str) -> None:
    wire = Wire(host)
    subject = Subject(wire, Options(environment=DUMMY))
    for _ in range(5):
        start = subject.start_frame(version=ProtocolVersion(major=9))
        subject.converse().fatal(pb.SessionRequest(sequence=1, start=start), "ENV-VER-1", ("FAILED_PRECONDITION",))
    conversation, started = subject.start(patience_s=2.0)
    assert len(started.sensors) == 10
    subject.finish(conversation)
    wire.close()


def test_nothing_is_left_out_but_what_other_capabilities_try(host: str) -> None:
    found = verdict(host, examine(host, Options(environment=DUMMY)))
    left_out = {result.check for result in found.results if result.outcome != "passed"}
    assert left_out == {"attach is refused without resume", "several lanes are refused without lanes"}
