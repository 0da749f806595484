"""Any bytes at all, seeded: what the broker reads of them is a message or a clear refusal, and the rules go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.message import DecodeError

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.thirdparty.keda import externalscaler_pb2
from sparring.broker.client_wire import SERVICE_KEY, decode_acquisition, decode_call, decode_forwarded
from sparring.broker.demand import decode_trigger
from sparring.broker.majordomo.messages import Final, Ready
from sparring.broker.worker_wire import decode_from_worker
from sparring.types.errors import InvalidArgumentError, SparringError
from tests.unit.broker.any_bytes import AnyBytes
from tests.unit.broker.stage import Stage

SEED = 7
WORKER_STREAMS = 25_000
CALLS = 25_000


def serves_others(stage: Stage) -> None:
    worker = stage.worker("good", "good")
    caller = stage.call("good")
    stage.says(worker, Final(stage.request(worker).request_id, b"!"))
    assert stage.replies(caller) == [(b"!", True)]


@pytest.mark.obligation(12)
def test_whatever_a_worker_sends_its_stream_ends_clearly_and_nobody_elses() -> None:
    anything, outcomes, sent = AnyBytes(SEED), Counter[str](), 0
    stage = Stage(max_services=20, max_workers=50)
    for _ in range(WORKER_STREAMS):
        stream = stage.stream()
        for data in anything.worker_stream():
            sent += 1
            try:
                message = decode_from_worker(pb.WorkRequest.FromString(data))
            except DecodeError:
                wrong = InvalidArgumentError("MALFORMED_REQUEST", "")  # as the server answers before it asks us
                stage.do(stage.majordomo.malformed, stream, wrong)
                break
            except SparringError as error:
                stage.do(stage.majordomo.malformed, stream, error)
                break
            stage.says(stream, message)
            if isinstance(message, Ready) and anything.rng.random() < 0.3:
                stage.call(message.service if message.service in ("echo", "agent") else "echo", timeout=5)
            if stage.hung_up(stream) is not None:
                break
        else:
            stage.breaks(stream)
        outcomes[stage.hung_up(stream) or "well"] += 1
        stage.heard.clear()
        stage.advance(anything.rng.choice((0.0, 0.0, 1.0)))
    assert sum(outcomes.values()) == WORKER_STREAMS
    assert sent > 1.5 * WORKER_STREAMS
    assert {"well", "READY_EXPECTED", "UNEXPECTED", "MESSAGE_INVALID", "MALFORMED_REQUEST"} <= set(outcomes)
    serves_others(stage)


def test_whatever_a_client_sends_is_a_request_or_refused() -> None:
    anything, outcomes = AnyBytes(SEED), Counter[str]()
    stage = Stage(max_queued_calls=100, max_bundles=100, max_services=50)
    for number in range(CALLS):
        case = anything.call()
        try:
            _submit(stage, 1_000_000 + number, case.method, case.body, case.metadata)
            outcomes["taken"] += 1
        except DecodeError:
            outcomes["no message"] += 1
        except SparringError as error:
            outcomes[error.reason if error.message else "no sentence"] += 1
        stage.heard.clear()
        stage.advance(anything.rng.choice((0.0, 0.0, 2.0)))
    assert sum(outcomes.values()) == CALLS
    assert "no sentence" not in outcomes
    assert {"taken", "no message", "SERVICE_NAME_INVALID", "BUNDLE_INVALID", "SCALER_METADATA_INVALID"} <= set(outcomes)
    serves_others(stage)


def _submit(stage: Stage, peer: int, method: str, body: bytes, metadata: tuple[tuple[str, str], ...]) -> None:
    deadline = stage.now + 5
    requests: dict[str, Callable[[], Any]] = {
        "Call": lambda: decode_call(peer, pb.CallRequest.FromString(body), metadata, "peer", deadline),
        "CallUnary": lambda: decode_call(peer, pb.CallUnaryRequest.FromString(body).call, metadata, "peer", deadline),
    }
    name = method.rpartition("/")[2]
    if name in requests:
        stage.do(stage.majordomo.submit, requests[name]())
    elif name == "Acquire":
        stage.do(
            stage.majordomo.acquire, decode_acquisition(peer, pb.AcquireRequest.FromString(body), "peer", deadline)
        )
    elif name == "Release":
        stage.do(stage.majordomo.release, tuple(pb.ReleaseRequest.FromString(body).tokens))
    elif name == "WatchSessions":
        stage.do(stage.majordomo.watch, peer, tuple(pb.WatchSessionsRequest.FromString(body).tokens))
    elif "externalscaler" in method:
        decode_trigger(externalscaler_pb2.ScaledObjectRef.FromString(body).scalerMetadata)
    elif any(key == SERVICE_KEY for key, _ in metadata):
        stage.do(stage.majordomo.submit, decode_forwarded(peer, method, body, metadata, "peer", deadline))
