"""Commands over a deployed system, reached through its broker."""

import io

import pyarrow as pa
import pytest

from sparring.api.broker.v1 import grant_pb2
from sparring.api.broker.v1 import management_service_pb2 as management
from sparring.api.space.v1 import episode_pb2
from sparring.api.store.v1 import store_service_pb2 as store
from sparring.cli.access.connection import Connection, connected
from sparring.cli.access.records import DifferenceRecord, VerifiedRecord
from sparring.cli.showing.rows import json_lines, rows_table
from sparring.cli.showing.services_table import json_line, services_table
from sparring.cli.showing.verification import line
from sparring.types.errors import InvalidArgumentError, NotFoundError
from tests.unit.cli.fake_system import FakeSystem, run_message, serving
from tests.unit.cli.samples import FINISHED, RUN, console, printed


@pytest.fixture
async def system() -> FakeSystem:
    return FakeSystem(end=run_message())


@pytest.fixture
async def connection(system: FakeSystem) -> object:
    async with serving(system) as address, connected(address) as found:
        yield found


async def test_pages_of_runs_become_one_list(connection: Connection) -> None:
    assert [run.seed for run in await connection.runs(50)] == [2, 1]
    assert [run.seed for run in await connection.runs(1)] == [2]


async def test_a_run_is_found_by_name(connection: Connection) -> None:
    run, phases = await connection.run("latest")
    assert (run.run, run.status, run.state, run.created) == ("dummy-1", "running", "TRANSCEIVING", RUN.created)
    assert [(phase.name, phase.mode, phase.steps) for phase in phases] == [("train", "train", 50)]
    with pytest.raises(NotFoundError):
        await connection.run("nobody-1")


@pytest.mark.parametrize("wish", ["cancel", "pause", "resume"])
async def test_wishes_reach_the_governor(wish: str, connection: Connection, system: FakeSystem) -> None:
    await connection.wish("dummy-1", wish)  # type: ignore[arg-type]
    assert system.wishes == [wish]


async def test_verifying_names_phase_rollout_and_episode(connection: Connection, system: FakeSystem) -> None:
    key = episode_pb2.EpisodeKey(phase=1, mode=2, rollout=3, episode=4)
    system.answers = [
        store.VerifyRunResponse(
            difference=store.Difference(episode=key, phase_name="test", message="the digest of its steps is another")
        ),
        store.VerifyRunResponse(verified=store.Verified(episodes=5, steps=50, digest=b"\x01" * 32)),
    ]
    found = [each async for each in connection.verify("latest")]
    assert isinstance(found[0], DifferenceRecord)
    assert isinstance(found[1], VerifiedRecord)
    assert line(FINISHED, found[0]) == (
        "dummy-1: phase 1 (test, test), rollout 3, episode 4: the digest of its steps is another"
    )
    assert line(FINISHED, found[1]).startswith("dummy-1: differs (5 episodes, 50 steps); recorded digest abab")


async def test_an_answer_in_pieces_is_one_table(connection: Connection, system: FakeSystem) -> None:
    table = pa.table({"run": ["a", "b"], "steps": [1, 2], "mean": [0.5, float("nan")], "digest": [b"\x01", None]})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    system.table = sink.getvalue()
    stream = await connection.query("SELECT 1")
    assert list(json_lines(stream)) == [
        '{"run": "a", "steps": 1, "mean": 0.5, "digest": "AQ=="}',
        '{"run": "b", "steps": 2, "mean": null, "digest": null}',
    ]
    out = console()
    out.print(rows_table(stream, limit=1))
    text = printed(out)
    assert "2 rows (the first 1 of 2; --limit shows more)" in text
    assert [" ".join(row.split()) for row in text.splitlines() if "0.5" in row] == ["a 1 0.5 01"]


def service(**worker: object) -> management.ServiceStatus:
    endpoint = grant_pb2.Endpoint(address="127.0.0.1:7002")
    given: dict[str, object] = {"worker_id": "0123456789abcdef", "slots": 4, "calls": 4, "endpoint": endpoint, **worker}
    shown = management.WorkerStatus(**given)  # type: ignore[arg-type]
    shown.sessions.add(token="x")
    shown.silent.FromMilliseconds(1500)
    return management.ServiceStatus(name="environment", workers=[shown])


def row(*services: management.ServiceStatus) -> str:
    out = console(width=140)
    out.print(services_table(services, "127.0.0.1:7000"))
    lines = [line for line in printed(out).splitlines() if line.strip()]
    assert "at 127.0.0.1:7000" in lines[0]
    return " ".join(lines[3].split())


def test_a_worker_shows_busy_idle_calls_heartbeat_and_how_it_is_reached() -> None:
    assert row(service()) == "environment 0123456789abcdef 1 3 0/4 0 1.5 s ago direct 127.0.0.1:7002"


def test_a_worker_behind_a_relay_says_so() -> None:
    relayed = service(endpoint=grant_pb2.Endpoint(relay="127.0.0.1:7000"))
    assert row(relayed).endswith("relay 127.0.0.1:7000")


def test_a_worker_whose_slots_are_reached_each_by_itself_is_direct_and_shows_who_comes_by_the_relay() -> None:
    assert row(service(endpoint=None)).endswith("direct")
    assert row(service(endpoint=None, relayed=2)).endswith("direct, 2 by relay")


def test_slots_without_limit_are_any() -> None:
    assert row(service(slots=0, slots_unlimited=True)).startswith("environment 0123456789abcdef 1 any 0/4")


def test_a_worker_is_known_by_host_and_process() -> None:
    assert "(node-7:4711)" in row(service(labels={"host": "node-7", "pid": "4711"}))


def test_a_service_that_is_waited_for_shows_for_how_long() -> None:
    waited = management.ServiceStatus(name="agent", queued_calls=1, queued_bundles=2)
    waited.oldest_wait.FromSeconds(65)
    assert row(waited) == "agent none - - - 3 for 1 min 5 s - -"


async def test_services_are_watched(connection: Connection, system: FakeSystem) -> None:
    system.services = [service()]
    seen = [json_line(each) async for each in connection.watch_services()]
    assert seen[0] == "[]"
    assert '"busy": 1' in seen[1]


async def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        async with connected("nowhere"):
            pass
    assert caught.value.reason == "BAD_ADDRESS"
