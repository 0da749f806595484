"""A run that is submitted while no governor lives, through the deaths of store, broker and governor."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest

from sparring.cli.access.submissions import METHOD, SERVICE
from sparring.client.titanic import TitanicClient, Wanted
from sparring.rpc.channels import open_channel
from tests.e2e.command import EXAMPLES, played, sparring
from tests.e2e.deployment import OTHERS, Deployment, deployment
from tests.support.eventually import eventually_sync

DOCUMENT = str(EXAMPLES / "dummy.yml")
HOSTS = tuple(name for name in OTHERS if name not in ("store", "governor"))


def submit_again(system: Deployment, folder: Path) -> str:
    """Send the very same request once more, under the same token; returns the name of the job."""
    with sqlite3.connect(folder / "data" / "store.sqlite") as opened:
        [(token, body)] = opened.execute("SELECT client_token, body FROM jobs").fetchall()
    opened.close()

    async def submit() -> str:
        async with open_channel(system.addresses[0]) as channel:
            return await TitanicClient(channel).submit(Wanted(token, SERVICE, METHOD, body))

    return asyncio.run(submit())


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
