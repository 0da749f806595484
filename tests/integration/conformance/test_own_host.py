"""Our own environment service keeps every rule of the protocol, with every example environment."""

from collections.abc import Iterator
from typing import Any

import pytest

from sparring.conformance import assert_conformant
from sparring.conformance.examination import examine, verdict
from sparring.conformance.subject import Options
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


def test_nothing_is_left_out_but_what_other_capabilities_try(host: str) -> None:
    found = verdict(host, examine(host, Options(environment=DUMMY)))
    left_out = {result.check for result in found.results if result.outcome != "passed"}
    assert left_out == {"attach is refused without resume", "several lanes are refused without lanes"}
