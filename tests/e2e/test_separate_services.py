"""Every service in a process of its own: the same digest, health, reflection, metrics, and an orderly end."""

from __future__ import annotations

import time
import urllib.request
from pathlib import Path

import grpc
import psutil
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from tests.e2e.command import EXAMPLES, played, sparring
from tests.e2e.services import SERVICES, Service, deployed


def test_separate_services_play_the_same_run(tmp_path: Path) -> None:
    local = {
        name: played(str(EXAMPLES / name), "--seed", "5", "--store", str(tmp_path / "local"), folder=tmp_path)["digest"]
        for name in ("dummy.yml", "two-agents.yml")
    }
    with deployed(tmp_path) as services:
        pids = {service.process.pid for service in services.values()}
        assert len(pids) == len(SERVICES)
        assert all(psutil.pid_exists(pid) for pid in pids)
        broker = services["broker"].address
        for name, digest in local.items():
            summary = played(str(EXAMPLES / name), "--seed", "5", "--connect", broker, folder=tmp_path)
            assert summary["digest"] == digest
        listed = sparring("services", "--connect", broker, folder=tmp_path)
        assert listed.code == 0
        assert all(name in listed.out for name in SERVICES if name != "broker")
        runs = sparring("runs", "list", "--connect", broker, folder=tmp_path)
        assert runs.code == 0
        assert "two-agents" in runs.out
        verified = sparring("verify", summary["run"], "--connect", broker, folder=tmp_path)
        assert verified.code == 0, verified.out + verified.err


def test_every_service_answers_health_reflection_and_metrics(tmp_path: Path) -> None:
    with deployed(tmp_path) as services:
        for name, service in services.items():
            with grpc.insecure_channel(service.address) as channel:
                health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10)
                assert health.status == health_pb2.HealthCheckResponse.SERVING, name
                asked = reflection_pb2.ServerReflectionRequest(list_services="")
                stub = reflection_pb2_grpc.ServerReflectionStub(channel)
                (answer,) = stub.ServerReflectionInfo(iter([asked]), timeout=10)
                names = [one.name for one in answer.list_services_response.service]
                assert any(one.startswith(f"sparring.api.{name}.v1.") for one in names), names
            for path, word in (("metrics", "sparring"), ("healthz", "SERVING")):
                url = f"http://127.0.0.1:{service.http_port}/{path}"
                with urllib.request.urlopen(url, timeout=10) as response:
                    assert word in response.read().decode()


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("after_s", [0.0, 0.3])
def test_sigterm_after_the_first_line_ends_a_service_with_zero(name: str, after_s: float, tmp_path: Path) -> None:
    variables = {
        "SPARRING_BROKER": "127.0.0.1:1",
        "SPARRING_STORE_DIRECTORY": str(tmp_path / "data"),
        f"SPARRING_{name.upper()}_ADDRESS": "127.0.0.1:0",
    }
    service = Service(name, tmp_path, variables)
    try:
        service.wait_for_first_line()
        time.sleep(after_s)
    finally:
        code = service.stop()
    assert code == 0, service.lines
