"""A run that is submitted while no governor lives, through the deaths of store, broker and governor."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from sparring.api.governor.v1 import governor_service_pb2 as governor
from sparring.api.store.v1 import job_pb2
from sparring.cli.access.submissions import METHOD, SERVICE
from sparring.client.titanic import TitanicClient, Wanted
from sparring.rpc.channels import open_channel
from tests.e2e.command import EXAMPLES, played, sparring
from tests.e2e.deployment import OTHERS, Deployment, deployment
from tests.support.eventually import eventually_sync

Result = TypeVar("Result")

DOCUMENT = str(EXAMPLES / "dummy.yml")
HOSTS = tuple(name for name in OTHERS if name not in ("store", "governor"))


def submit_again(system: Deployment, folder: Path) -> str:
    """Send the very same request once more, under the same token; returns the name of the job."""
    with contextlib.closing(sqlite3.connect(folder / "data" / "store.sqlite")) as opened:
        [(token, body)] = opened.execute("SELECT client_token, body FROM jobs").fetchall()
    return titanic(system, lambda client: client.submit(Wanted(token, SERVICE, METHOD, body)))


@pytest.mark.obligation(32)
def test_a_run_that_was_submitted_survives_everybody_and_is_carried_out_once(tmp_path: Path) -> None:
    digest = played(DOCUMENT, "--store", str(tmp_path / "undisturbed"), folder=tmp_path)["digest"]
    with deployment(tmp_path) as system:
        system.start("broker", "store", "governor")
        system.wait_registered("governor")
        system.kill("governor")
        submitted = sparring("run", "--json", "--connect", system.broker, "--detach", DOCUMENT, folder=tmp_path)
        assert submitted.code == 0, submitted.err + submitted.out
        job = submitted.summary["run"]
        assert submitted.summary["status"] == "submitted"
        system.kill("store")
        system.kill("broker")  # both between storing and dispatching
        system.start("broker", "store")
        listed = sparring("runs", "list", "--connect", system.broker, folder=tmp_path)
        assert f"{job} submitted, no governor yet" in " ".join(listed.out.split())
        assert submit_again(system, tmp_path) == job
        system.start(*HOSTS, "governor")
        eventually_sync(system.runs, within_s=60)
        system.kill("store")  # after the reply, in the middle of the run
        system.start("store")
        ended = system.wait_run()
        assert submit_again(system, tmp_path) == job
        shown = sparring("runs", "show", job, "--json", "--connect", system.broker, folder=tmp_path)
        runs = [run.run for run in system.runs()]
    assert ended.digest.hex() == digest
    assert runs == [ended.run]
    assert json.loads(shown.out)["run"] == ended.run
    assert json.loads(shown.out)["status"] == "finished"


@pytest.mark.obligation(32)
def test_store_and_broker_are_killed_between_dispatch_and_reply_and_there_is_one_run(tmp_path: Path) -> None:
    token = "one-wish"
    request = governor.StartRunRequest(client_token=token, document=Path(DOCUMENT).read_bytes(), file_name="dummy.yml")
    wanted = Wanted(token, SERVICE, METHOD, request.SerializeToString())
    with deployment(tmp_path) as system:
        system.start("broker", SPARRING_BROKER_HEARTBEAT_S="10")  # who is frozen is believed alive meanwhile
        system.start("store", "governor")
        system.wait_registered("governor")
        system.freeze("governor")
        job = titanic(system, lambda client: client.submit(wanted))
        eventually_sync(lambda: state(system, job) == job_pb2.Job.STATE_RUNNING)
        system.kill("store")
        system.kill("broker")
        assert state_on_disk(tmp_path) == "running"
        system.start("broker", "store")
        system.thaw("governor")
        eventually_sync(lambda: state(system, job) == job_pb2.Job.STATE_ANSWERED, within_s=60)
        reply = titanic(system, lambda client: client.reply(job))
        assert titanic(system, lambda client: client.submit(wanted)) == job
        runs = [run.run for run in system.runs()]
    assert runs == [governor.StartRunResponse.FromString(reply or b"").run.run]


def titanic(system: Deployment, ask: Callable[[TitanicClient], Awaitable[Result]]) -> Result:
    """Ask Titanic something."""

    async def asked() -> Result:
        async with open_channel(system.addresses[0]) as channel:
            return await ask(TitanicClient(channel))

    return asyncio.run(asked())


def state(system: Deployment, job: str) -> int:
    """Return how a job stands."""
    [found] = [each for each in titanic(system, lambda client: client.list_jobs(ended=True)) if each.job == job]
    return found.state


def state_on_disk(folder: Path) -> str:
    """Return how the only job stands, as a store would find it that is started now."""
    with contextlib.closing(sqlite3.connect(folder / "data" / "store.sqlite")) as opened:
        [(found,)] = opened.execute("SELECT state FROM jobs").fetchall()
    return str(found)
