"""What an autoscaler is told of a service."""

import pytest

from sparring.broker.demand import NUMBERS, decode_trigger, in_use, waiting
from sparring.broker.majordomo.messages import Alive, OpenSession
from sparring.broker.majordomo.status import ServiceStatus
from sparring.types.errors import InvalidArgumentError
from tests.unit.broker.stage import Stage


def values(stage: Stage) -> dict[str, float]:
    (service,) = stage.majordomo.services(stage.now)
    return {number.name: number.of(service) for number in NUMBERS}


def test_what_is_in_use_and_what_waits_is_demand() -> None:
    stage = Stage()
    for name in "ab":
        stage.worker(name, calls=1, slots=4)
    stage.says(1, Alive(sessions=(OpenSession("t1"), OpenSession("t2"))))
    for _ in range(3):
        stage.call()
    stage.advance(5)
    (service,) = stage.majordomo.services(stage.now)
    assert (in_use(service), waiting(service)) == (4, 1)
    assert values(stage) == {"demand": 5, "queue-age-s": 10, "busy-percent": 200}


def test_bundles_wait_as_well_and_slots_make_a_worker_busy() -> None:
    stage = Stage()
    worker = stage.worker("a", calls=2, slots=4)
    stage.says(worker, Alive(sessions=(OpenSession("t1"),)))
    assert values(stage) == {"demand": 1, "queue-age-s": 0, "busy-percent": 25}
    stage.acquire(*["echo"] * 4)
    assert values(stage)["demand"] == 2


def test_what_waits_for_a_service_without_workers_ages() -> None:
    stage = Stage()
    stage.call()
    stage.advance(7)
    assert values(stage) == {"demand": 1, "queue-age-s": 7, "busy-percent": 0}


def test_slots_without_number_make_nobody_busy() -> None:
    stage = Stage()
    worker = stage.worker("store", calls=0, slots_unlimited=True)
    stage.says(worker, Alive(sessions=(OpenSession("t1"),)))
    assert values(stage) == {"demand": 1, "queue-age-s": 0, "busy-percent": 0}


def test_nobody_wants_a_service_that_nobody_knows() -> None:
    service = ServiceStatus("x", (), 0, 0, 0.0)
    assert [number.of(service) for number in NUMBERS] == [0, 0, 0]


def test_a_trigger_names_its_service_and_may_set_targets() -> None:
    trigger = decode_trigger({"service": "agent", "targetPerReplica": "2.5", "scalerAddress": "broker:7010"})
    assert trigger.service == "agent"
    assert trigger.targets == {"demand": 2.5, "queue-age-s": 30.0, "busy-percent": 80.0}


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({}, "`service` is ''"),
        ({"service": "no name"}, "no name"),
        ({"service": "mmi.service"}, "mmi.service"),
        ({"service": "a", "targetPerReplica": "many"}, "many"),
        ({"service": "a", "targetPerReplica": "0"}, "above 0"),
        ({"service": "a", "targetPerReplica": "nan"}, "above 0"),
        ({"service": "a", "targetQueueSeconds": "-1"}, "targetQueueSeconds"),
        ({"service": "a", "targetPerReplicas": "1"}, "targetPerReplicas"),
    ],
)
def test_metadata_that_cannot_be_used_is_refused(metadata: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        decode_trigger(metadata)
    assert caught.value.reason == "SCALER_METADATA_INVALID"
    assert said in caught.value.message
