"""Gathering how a run stands: behind a broker, and from a store on this machine."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sparring.api.broker.v1 import grant_pb2
from sparring.api.broker.v1 import management_service_pb2 as management
from sparring.cli.access.connection import connected
from sparring.cli.access.gathering import gather_connected, gather_local, movements_of
from sparring.cli.access.records import EventRecord, ProgressRecord
from sparring.cli.access.standing import SessionRecord, Track
from sparring.cli.access.status_decoding import decode_service
from sparring.cli.main import app
from sparring.store.places import Places
from sparring.store.runs import Run, State, Status, Submission, Transition
from sparring.store.sql.database import SqlDatabase
from sparring.types.errors import UnavailableError
from tests.unit.cli.fake_system import FakeSystem, run_message, serving
from tests.unit.cli.samples import DOCUMENT, RUN, progress, transition

S = 1_000_000_000


def service(name: str, *runs: str) -> management.ServiceStatus:
    """Return a service with one worker that holds sessions of runs, and is asked for by another."""
    worker = management.WorkerStatus(worker_id="w1", slots=4, labels={"host": "node", "pid": "7"})
    worker.silent.FromMilliseconds(4000)
    worker.lease_left.FromMilliseconds(3500)
    for run in runs:
        worker.sessions.add(token="t", run=run, component="m:World", state=grant_pb2.OpenSession.STATE_SUSPENDED)
    status = management.ServiceStatus(name=name, workers=[worker], queued_bundles=1)
    status.oldest_wait.FromSeconds(9)
    return status


def test_a_service_is_decoded_with_what_its_workers_hold() -> None:
    found = decode_service(service("environment", "a-1"))
    (worker,) = found.workers
    assert (found.service, found.queued_bundles, found.oldest_wait_s) == ("environment", 1, 9.0)
    assert (worker.place, worker.slots, worker.free, worker.silent_s, worker.lease_left_s) == ("node:7", 4, 3, 4.0, 3.5)
    assert worker.sessions == (SessionRecord("suspended", "m:World", "a-1"),)


async def test_without_a_store_it_is_said_who_waits_and_what_the_broker_knows() -> None:
    system = FakeSystem(end=run_message())
    system.services = [service("environment", "dummy-1", "dummy-1", "other-2")]
    async with serving(system) as address:
        with pytest.raises(UnavailableError, match="No store is registered") as caught:
            await gather_connected("dummy-1", address, 0.0)
    assert caught.value.reason == "SERVICE_ABSENT"
    assert "dummy-1 holds 2, other-2 holds 1" in caught.value.message


async def test_a_submission_stands_by_itself() -> None:
    system = FakeSystem()
    system.services = [service("store")]
    system.governed.clear()
    async with serving(system) as address, connected(address) as connection:
        assert connection.submissions is not None
        name = await connection.submissions.submit(DOCUMENT.encode(), "dummy.yml", seed=None, placement="")
        standing = await gather_connected(name, address, 0.0)
    assert (standing.run.run, standing.run.status, standing.registered("governor")) == (name, "submitted", False)


async def test_who_tells_the_same_again_has_not_moved() -> None:
    async def seen() -> AsyncIterator[EventRecord | ProgressRecord]:
        yield progress(rollout=0, step=4)
        yield progress(rollout=1, step=4)
        yield transition(1, RUN)
        yield progress(rollout=0, step=4)
        yield progress(rollout=1, step=5)

    found, notes = await movements_of(seen(), 5.0)
    assert found[Track(0, 0)].still_s >= found[Track(0, 1)].still_s
    assert [found[Track(0, rollout)].moved for rollout in (0, 1)] == [False, True]
    assert found[Track(0, 1)].progress.step == 5
    assert notes == ()


async def test_a_governor_that_goes_away_while_it_is_asked_is_noted() -> None:
    async def seen() -> AsyncIterator[EventRecord | ProgressRecord]:
        yield progress()
        raise UnavailableError("WORKER_LOST", "It went away.")

    found, notes = await movements_of(seen(), 5.0)
    assert list(found) == [Track(0, 0)]
    assert notes == ("Its governor does not say how far its rollout workers are: It went away.",)


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """A store with a run whose owner has been silent for 40 s."""
    folder = tmp_path / "data"
    folder.mkdir()
    database = SqlDatabase(Places(folder).database_url)
    ago_ns = time.time_ns() - 55 * S

    def work(tables: object) -> Run:
        runs = tables.runs  # type: ignore[attr-defined]
        run = runs.insert("dummy", Submission("token", "dummy", DOCUMENT.encode(), "dummy.yml", 42), ago_ns)
        run = runs.save(run.claimed("governor-1", ago_ns, 15 * S), "governor-1 took it.", ago_ns)
        entered = run.entered(Transition(1, 1, State.TRANSCEIVING, Status.RUNNING, message="phase 0 (train)"), ago_ns)
        saved: Run = runs.save(entered, "phase 0 (train)", ago_ns)
        return saved

    database.write(work)
    database.close()
    return folder


async def test_a_store_on_this_machine_has_plan_history_and_room(left: Path) -> None:
    standing = await gather_local("latest", str(left))
    assert standing.run.run == "dummy-1"
    assert standing.phase is not None
    assert standing.phase.workers == 2
    assert standing.entered is not None
    assert standing.entered.message == "phase 0 (train)"
    assert standing.lapsed_s is not None
    assert standing.lapsed_s > 0
    assert standing.free_bytes is not None


def test_the_command_explains_the_latest_run(left: Path) -> None:
    result = CliRunner().invoke(app, ["runs", "explain", "--store", str(left)])
    assert result.exit_code == 0, result.output
    text = " ".join(result.output.split())
    assert "dummy-1 is running, phase 0 (train): episodes are being played" in text
    assert "No episode is committed yet." in text
    assert f"sparring run --resume dummy-1 --store {left}".replace(" ", "") in text.replace(" ", "")
