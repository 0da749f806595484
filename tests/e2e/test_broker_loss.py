"""kill -9 of a broker in the middle of a run of separate processes, whose sessions are direct."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.command import sparring
from tests.e2e.deployment import OTHERS, Deployment, deployment
from tests.e2e.slow_runs import PLUGIN, slow_document, submit, undisturbed_digest

BEFORE = 3
BETWEEN = 3


def begun(system: Deployment, document: Path) -> str:
    """Submit the document, and wait until some episodes are committed; returns the run."""
    run = submit(system, document)
    system.wait_episodes(run, BEFORE)
    return run


def test_the_only_broker_is_killed_and_no_session_notices(tmp_path: Path) -> None:
    document = slow_document(tmp_path, episodes=40)
    digest = undisturbed_digest(document)
    with deployment(tmp_path, plugins=PLUGIN, SLOW_WORLD_S="0.02") as system:
        system.start("broker", *OTHERS)
        run = begun(system, document)
        before = system.sessions()
        system.kill("broker")
        known = len(system.episodes(run))
        between = len(system.wait_episodes(run, known + BETWEEN))  # asked of the store itself: there is no broker
        system.start("broker")
        system.wait_registered(*OTHERS)
        assert between < 40
        after = system.sessions()
        ended = system.wait_run()
        episodes = system.episodes(run)
    assert before
    assert after == before
    assert ended.digest.hex() == digest
    assert len(episodes) == 40
    assert {episode.attempts for episode in episodes} == {1}


def test_one_of_two_brokers_is_killed_and_the_run_goes_on_with_the_other(tmp_path: Path) -> None:
    document = slow_document(tmp_path, episodes=20, workers=2)
    digest = undisturbed_digest(document)
    with deployment(tmp_path, brokers=2, plugins=PLUGIN, SLOW_WORLD_S="0.02") as system:
        system.start("broker 1", "broker 2", *OTHERS)
        for broker in (0, 1):
            system.wait_registered(*OTHERS, broker=broker)
        run = begun(system, document)
        system.kill("broker 1")
        listed = sparring("runs", "list", "--connect", system.broker, folder=tmp_path)
        ended = system.wait_run()
        episodes = system.episodes(run)
    assert listed.code == 0, listed.err
    assert run in listed.out
    assert ended.digest.hex() == digest
    assert len(episodes) == 40
    assert {episode.attempts for episode in episodes} == {1}
