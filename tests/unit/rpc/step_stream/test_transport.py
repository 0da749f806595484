"""The choice of a transport, and the measurement of who polls."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator

import grpc
import pytest

from sparring.rpc.grpc_environment import EXPERIMENTS, child_environment
from sparring.rpc.step_stream import StepChannel, StepServer, transport
from sparring.rpc.step_stream.transport import PLAIN, Transport
from tests.unit.rpc.step_stream.pairs import METHOD, SOON_S

MEASURE = "from sparring.rpc.step_stream import polling; measured = polling.measure(); print(measured.direct, measured)"


@pytest.fixture(autouse=True)
def _choose_again() -> Iterator[None]:
    transport.best.cache_clear()
    yield
    transport.best.cache_clear()


def test_the_fast_transport_is_taken_when_it_works() -> None:
    assert transport.best().name == "core"


def _no_core() -> Transport:
    raise ImportError("grpc._cython.cygrpc has no Channel.segregated_call")


def _core_that_does_nothing() -> Transport:
    return Transport("core", lambda *_: PLAIN.connect("127.0.0.1:1", (), None), PLAIN.listen)


@pytest.mark.parametrize("broken", [_no_core, _core_that_does_nothing])
def test_another_grpcio_falls_back_to_the_slow_transport_with_one_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: object
) -> None:
    monkeypatch.setattr(transport, "core", broken)
    with caplog.at_level(logging.WARNING):
        assert transport.best() is transport.best() is PLAIN
    assert len(caplog.records) == 1
    assert "Step streams take the slow way" in caplog.text


def measured(environment: dict[str, str]) -> str:
    environment = {**environment, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", MEASURE]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout


def test_the_measurement_tells_the_waiting_thread_from_the_event_engine() -> None:
    without_engine = child_environment(os.environ)
    with_engine = {**os.environ, EXPERIMENTS: without_engine[EXPERIMENTS].replace("-", "")}
    assert measured(without_engine).startswith("True gRPC's sockets are read by the waiting thread (listening)")
    has_engine = tuple(int(part) for part in grpc.__version__.split(".")[:2]) >= (1, 80)
    assert ("read by the event engine (listening)" in measured(with_engine)) is has_engine


def test_the_default_transport_is_the_best_one() -> None:

    with StepServer({METHOD: lambda stream: stream.send(b"here")}) as server:
        channel = StepChannel(f"127.0.0.1:{server.start()}")
        with channel, channel.open_stream(METHOD) as stream:
            assert stream.receive(SOON_S) == b"here"
