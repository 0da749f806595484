"""kill -9 of a broker in the middle of a run of separate processes, whose sessions are direct."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.command import sparring
from tests.e2e.deployment import OTHERS, deployment
from tests.e2e.slow_runs import PLUGIN, Gate, slow_document, submit, undisturbed_digest
from tests.support.eventually import eventually_sync

BEFORE, WITHOUT, ALL = 3, 6, 10
WORKERS = 2


@pytest.mark.obligation(32)
def test_the_only_broker_is_killed_and_no_session_notices(tmp_path: Path) -> None:
    document = slow_document(tmp_path, world="GatedWorld", episodes=ALL, workers=WORKERS)
    digest = undisturbed_digest(document)
    gate = Gate(tmp_path)
    gate.allow(BEFORE)
    with deployment(tmp_path, plugins=PLUGIN, **gate.variables) as system:
        system.start("broker", *OTHERS)
        run = submit(system, document)
        system.wait_episodes(run, WORKERS * BEFORE)
        before = system.sessions()
        system.kill("broker")
        assert len(system.episodes(run)) == WORKERS * BEFORE
        gate.allow(WITHOUT)
        system.wait_episodes(run, WORKERS * WITHOUT)  # committed, says the store itself, while no broker lives
        system.start("broker")
        system.wait_registered(*OTHERS)
        after = system.sessions()
        gate.allow(ALL)
        ended = system.wait_run()
        episodes = system.episodes(run)
    assert len(before) == 4 * WORKERS - 1  # of each rollout worker controller, environment and muscle; and one brain
    assert after == before
    assert ended.digest.hex() == digest
    assert len(episodes) == WORKERS * ALL
    assert {episode.attempts for episode in episodes} == {1}


@pytest.mark.obligation(32)
def test_one_of_two_brokers_is_killed_and_the_run_goes_on_with_the_other(tmp_path: Path) -> None:
    document = slow_document(tmp_path, world="GatedWorld", episodes=ALL, workers=WORKERS)
    digest = undisturbed_digest(document)
    gate = Gate(tmp_path)
    gate.allow(BEFORE)
    with deployment(tmp_path, brokers=2, plugins=PLUGIN, **gate.variables) as system:
        system.start("broker 1", "broker 2", *OTHERS)
        for broker in (0, 1):
            system.wait_registered(*OTHERS, broker=broker)
        run = submit(system, document)
        system.wait_episodes(run, WORKERS * BEFORE)
        before = system.sessions()
        system.kill("broker 1")
        listed = sparring("runs", "list", "--connect", system.broker, folder=tmp_path)
        # It granted none of them, and knows them from its workers' heartbeats.
        eventually_sync(lambda: system.sessions(broker=1) == before, within_s=30)
        gate.allow(ALL)
        ended = system.wait_run()
        episodes = system.episodes(run)
    assert listed.code == 0, listed.err
    assert run in listed.out
    assert ended.digest.hex() == digest
    assert len(episodes) == WORKERS * ALL
    assert {episode.attempts for episode in episodes} == {1}
