"""The store as a process of its own: found through the broker, healthy, and gone with exit code 0 on SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.api.store.v1.store_service_pb2_grpc import StoreServiceStub
from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.client.broker_client import BrokerClient, SlotWish
from sparring.client.service_calls import ServiceChannel
from sparring.rpc.channels import open_channel
from sparring.types.errors import SparringError
from tests.integration.store.served import WITHIN_S
from tests.support.eventually import eventually

ROOT = Path(__file__).parents[3]


@contextlib.asynccontextmanager
async def store_process(tmp_path: Path, **variables: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m sparring.store` for the length of the block."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SPARRING_")}
    environment |= {
        "PYTHONPATH": str(ROOT / "services"),
        "SPARRING_STORE_ADDRESS": "127.0.0.1:0",
        "SPARRING_STORE_DIRECTORY": str(tmp_path / "data"),
        "SPARRING_LOG_FORMAT": "text",
        **variables,
    }
    made = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sparring.store",
        env=environment,
        stderr=asyncio.subprocess.PIPE,
        cwd=tmp_path,
    )
    try:
        yield made
    finally:
        with contextlib.suppress(ProcessLookupError):
            made.kill()
        await made.wait()


async def line_with(made: asyncio.subprocess.Process, text: str) -> str:
    """Return the first line of its log that holds a text."""
    assert made.stderr is not None
    async with asyncio.timeout(WITHIN_S):
        while line := (await made.stderr.readline()).decode():
            if text in line:
                return line
    raise AssertionError(f"the process ended without saying {text!r}")


async def ended(made: asyncio.subprocess.Process) -> int:
    assert made.stderr is not None
    await asyncio.wait_for(made.stderr.read(), WITHIN_S)
    return await asyncio.wait_for(made.wait(), WITHIN_S)


async def test_a_store_is_found_by_name_granted_once_and_then_reached_directly(tmp_path: Path) -> None:
    settings = BrokerSettings(address="127.0.0.1:0", http_address="", token_file=None)
    async with (
        running_broker(settings) as broker,
        store_process(tmp_path, SPARRING_BROKER=str(broker.address)) as made,
        open_channel(str(broker.address)) as channel,
    ):
        await line_with(made, "store")
        through_broker = StoreServiceStub(ServiceChannel(channel, "store"))
        request = pb.CreateRunRequest(client_token="t", uid="dummy")
        run = (await through_broker.CreateRun(request, timeout=WITHIN_S)).run
        assert run.run == "dummy-1"

        grants = await BrokerClient(channel).acquire(
            {"steps": SlotWish("store")}, client_id="test", run="", wait_s=WITHIN_S, lifetime_s=30
        )
        async with open_channel(grants["steps"].address) as direct:
            found = await StoreServiceStub(direct).GetRun(pb.GetRunRequest(run="latest"), timeout=WITHIN_S)
        assert found.run == run
        made.send_signal(signal.SIGTERM)
        assert await ended(made) == 0


async def test_health_is_told_over_grpc_and_http_also_without_a_broker(tmp_path: Path) -> None:
    async with store_process(
        tmp_path, SPARRING_BROKER="127.0.0.1:1", SPARRING_STORE_HTTP_ADDRESS="127.0.0.1:0"
    ) as made:
        words = (await line_with(made, "serves at")).replace(",", " ").split()
        address, http_port = words[words.index("at") + 1], words[words.index("port") + 1]
        async with open_channel(address) as channel:
            asked = health_pb2.HealthCheckRequest(service="sparring.api.store.v1.StoreService")
            answer = await health_pb2_grpc.HealthStub(channel).Check(asked, timeout=WITHIN_S)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        page = await asyncio.to_thread(urllib.request.urlopen, f"http://127.0.0.1:{http_port}/healthz", None, WITHIN_S)
        with page:
            assert page.status == 200
        made.send_signal(signal.SIGTERM)
        assert await ended(made) == 0


async def test_a_store_that_is_told_to_stop_ends_its_watches_first(tmp_path: Path) -> None:
    async with store_process(tmp_path, SPARRING_BROKER="127.0.0.1:1") as made:
        words = (await line_with(made, "serves at")).replace(",", " ").split()
        async with open_channel(words[words.index("at") + 1], retries=False) as channel:
            stub = StoreServiceStub(channel)
            await stub.CreateRun(pb.CreateRunRequest(client_token="t", uid="dummy"), timeout=WITHIN_S)
            watch = stub.WatchRun(pb.WatchRunRequest(run="dummy-1"), timeout=WITHIN_S)
            await watch.read()
            reading = asyncio.create_task(watch.read())
            made.send_signal(signal.SIGTERM)
            with pytest.raises(SparringError) as caught:
                await reading
            assert caught.value.reason == "DRAINING"
        assert await ended(made) == 0


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"SPARRING_STORE_ADDRESS": "nonsense"}, "nonsense"),
        ({"SPARRING_STORE_GROUP_S": "-1"}, "SPARRING_STORE_GROUP_S"),
        ({"SPARRING_STORE_ADDRESS": "0.0.0.0:0"}, "SPARRING_TOKEN_FILE"),
    ],
)
async def test_wrong_settings_end_it_with_exit_code_2_and_a_sentence(
    tmp_path: Path, variables: dict[str, str], named: str
) -> None:
    async with store_process(tmp_path, **variables) as made:
        assert made.stderr is not None
        said = (await asyncio.wait_for(made.stderr.read(), WITHIN_S)).decode()
        assert await made.wait() == 2
    assert named in said
    assert "Traceback" not in said


async def test_a_database_that_cannot_be_opened_ends_it_with_a_sentence(tmp_path: Path) -> None:
    async with store_process(tmp_path, SPARRING_STORE_DATABASE="mystery://nowhere") as made:
        assert made.stderr is not None
        said = (await asyncio.wait_for(made.stderr.read(), WITHIN_S)).decode()
        assert await made.wait() == 1
    assert "mystery://nowhere" in said
    assert "Traceback" not in said


async def test_the_service_comes_back_on_the_same_directory(tmp_path: Path) -> None:
    for expected in ("dummy-1", "dummy-2"):
        async with store_process(tmp_path, SPARRING_BROKER="127.0.0.1:1") as made:
            words = (await line_with(made, "serves at")).replace(",", " ").split()
            async with open_channel(words[words.index("at") + 1]) as channel:
                request = pb.CreateRunRequest(client_token=expected, uid="dummy")
                assert (await StoreServiceStub(channel).CreateRun(request, timeout=WITHIN_S)).run.run == expected
            made.kill()
            await eventually(lambda: made.returncode is not None)
