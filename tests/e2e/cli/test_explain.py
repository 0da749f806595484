"""`sparring runs explain` over processes: a run that waits for a slot, and one whose process was killed."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.e2e.command import EXAMPLES, command, environment, sparring
from tests.e2e.deployment import OTHERS, WITHIN_S, deployment
from tests.e2e.slow_runs import PLUGIN, slow_document, submit
from tests.support.eventually import eventually_sync


def explained(folder: Path, *arguments: str) -> dict[str, Any]:
    """Return what `runs explain --json` says."""
    result = sparring("runs", "explain", *arguments, "--json", folder=folder)
    assert result.code == 0, result.err
    (line,) = result.out.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_run_that_waits_for_a_slot_says_which_and_who_has_it(tmp_path: Path) -> None:
    """One environment slot, two runs: the first plays and moves, the second waits for it by name."""
    document = slow_document(tmp_path, episodes=1000)
    with deployment(tmp_path, plugins=PLUGIN, SPARRING_ENVIRONMENT_SLOTS="1", SLOW_WORLD_S="0.02") as system:
        system.start("broker")
        system.start(*OTHERS)
        system.wait_registered(*OTHERS)
        first = submit(system, document)
        system.wait_episodes(first, 1)
        second = submit(system, document)
        where = ("--connect", system.broker)

        def waiting() -> dict[str, Any]:
            found = explained(tmp_path, second, *where, "--look", "0.5")
            return found if found["waits"] else {}

        waits = eventually_sync(waiting, within_s=WITHIN_S)
        assert waits["state"] == "STARTING_SIMULATION_CONTROLLERS"
        assert [each["what"] for each in waits["waits"]] == [
            f"a slot of service environment: 1 of 1 is taken by run {first}"
        ]
        assert "asked until 1 h are over" in waits["next"][0]

        plays = explained(tmp_path, first, *where)
        assert plays["owner"]["lapsed"] is False
        (rollout,) = plays["rollouts"]
        assert rollout["doing"] == "plays"
        assert rollout["committed"] >= 1
        assert plays["waits"] == []

        text = sparring("runs", "explain", second, *where, "--look", "0", folder=tmp_path)
        assert f"a slot of service environment: 1 of 1 is taken by run {first}" in " ".join(text.out.split())
        for run in (second, first):
            assert sparring("runs", "cancel", run, *where, folder=tmp_path).code == 0
        eventually_sync(lambda: all(run.HasField("ended") for run in system.runs()), within_s=WITHIN_S)


def test_a_run_whose_process_was_killed_says_that_nobody_plays_it_once_its_lease_has_lapsed(tmp_path: Path) -> None:
    text = (EXAMPLES / "dummy.yml").read_text().replace("episodes: 5", "episodes: 100000")
    (tmp_path / "long.yml").write_text(text)
    with subprocess.Popen(
        command("run", "--json", "--store", "data", "long.yml"),
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as killed:
        assert killed.stdout is not None
        for line in killed.stdout:
            if json.loads(line)["event"] == "episode":
                break
        killed.kill()

    soon = explained(tmp_path, "--store", "data")
    assert soon["state"] == "TRANSCEIVING"
    assert soon["rollouts"][0]["committed"] >= 1

    until = datetime.fromisoformat(soon["owner"]["lease_until"])
    eventually_sync(lambda: datetime.now(UTC) > until, within_s=WITHIN_S)
    said = explained(tmp_path, "--store", "data")
    assert said["owner"]["lapsed"] is True
    again = f"sparring run --resume {said['run']} --store data"
    assert said["next"] == [f"Nobody plays it: `{again}` goes on at the last commit."]
