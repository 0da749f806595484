"""Separate services whose sessions go through the relay: the same digest, also when the broker is killed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.command import EXAMPLES, played, sparring
from tests.e2e.deployment import OTHERS, Deployment, deployment
from tests.e2e.services import deployed
from tests.e2e.slow_runs import PLUGIN, slow_document, undisturbed_digest

HOSTS = ("environment", "agent", "simulation")
DIAL_OUT = {f"SPARRING_{name.upper()}_DIAL_OUT": "true" for name in HOSTS}
ALWAYS = {"SPARRING_BROKER_RELAY": "always"}
DOCUMENT = str(EXAMPLES / "two-agents.yml")


def reached(broker: str, folder: Path) -> dict[str, str]:
    """Return how the workers of each service are reached, as `sparring services` says."""
    listed = sparring("services", "--json", "--connect", broker, folder=folder)
    return {one["service"]: one["workers"][0]["reached"] for one in json.loads(listed.out)}


def held(system: Deployment) -> set[str]:
    """Return the sessions that the slots hold. Those of the store are direct, and known to no other broker."""
    services = system.services()
    return {session.token for name in HOSTS for worker in services[name] for session in worker.sessions}


@pytest.mark.parametrize("variables", [ALWAYS, DIAL_OUT], ids=["relayed", "dial-out"])
def test_sessions_through_the_relay_play_the_same_run(variables: dict[str, str], tmp_path: Path) -> None:
    local = played(DOCUMENT, "--seed", "5", "--store", str(tmp_path / "local"), folder=tmp_path)["digest"]
    with deployed(tmp_path, **variables) as services:
        broker = services["broker"].address
        over = ("--placement", "service", "--connect", broker)
        assert played(DOCUMENT, "--seed", "5", *over, folder=tmp_path)["digest"] == local
        ways = reached(broker, tmp_path)
        assert all(ways[name].startswith("relay") for name in HOSTS), ways
        assert ways["store"].startswith("direct")


@pytest.mark.parametrize("variables", [ALWAYS, DIAL_OUT], ids=["relayed", "dial-out"])
def test_the_broker_is_killed_and_sessions_come_back_through_the_next(
    variables: dict[str, str], tmp_path: Path
) -> None:
    document = slow_document(tmp_path, episodes=30)
    digest = undisturbed_digest(document)
    with deployment(tmp_path, plugins=PLUGIN, SLOW_WORLD_S="0.02", **variables) as system:
        system.start("broker", *OTHERS)
        submitted = sparring("run", "--json", "--connect", system.broker, "--detach", str(document), folder=tmp_path)
        assert submitted.code == 0, submitted.err + submitted.out
        [run] = system.runs()
        system.wait_episodes(run.run, 3)
        before = held(system)
        system.kill("broker")
        system.start("broker")
        system.wait_registered(*OTHERS)
        after = held(system)
        ended = system.wait_run()
        episodes = system.episodes(run.run)
    assert (
        before & after
    )  # such as that of the brain; experience streams cannot be attached, their episode is played again
    assert ended.digest.hex() == digest
    assert len(episodes) == 30
    assert {episode.attempts for episode in episodes} <= {1, 2}


def test_one_of_two_brokers_is_killed_and_what_it_relayed_goes_on_with_the_other(tmp_path: Path) -> None:
    document = slow_document(tmp_path, episodes=20)
    digest = undisturbed_digest(document)
    with deployment(tmp_path, brokers=2, plugins=PLUGIN, SLOW_WORLD_S="0.02", **DIAL_OUT) as system:
        system.start("broker 1", "broker 2", *OTHERS)
        for broker in (0, 1):
            system.wait_registered(*OTHERS, broker=broker)
        submitted = sparring("run", "--json", "--connect", system.broker, "--detach", str(document), folder=tmp_path)
        assert submitted.code == 0, submitted.err + submitted.out
        [run] = system.runs()
        system.wait_episodes(run.run, 3)
        system.kill("broker 1")
        ended = system.wait_run()
        episodes = system.episodes(run.run)
    assert ended.digest.hex() == digest  # the relay of a grant is one broker's: what went through it is played again
    assert len(episodes) == 20
