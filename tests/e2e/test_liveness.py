"""Who is believed alive: a worker whose author code holds the interpreter lock is, a killed or frozen one is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.deployment import OTHERS, Deployment, deployment
from tests.e2e.slow_runs import PLUGIN, slow_document, submit, undisturbed_digest
from tests.support.eventually import eventually_sync

LIVENESS = 3
NOTICED_S = 30.0


def workers(system: Deployment) -> set[str]:
    """Return the names of the workers that host environments."""
    return {worker.worker_id for worker in system.services().get("environment", ())}


@pytest.mark.obligation(21)
@pytest.mark.parametrize(
    ("heartbeat_s", "locked_s"),
    [(0.4, 5), pytest.param(2.5, 30, marks=pytest.mark.heavy)],  # at least four times as long as silence is borne
)
def test_a_busy_worker_lives_and_a_frozen_or_killed_one_does_not(
    heartbeat_s: float, locked_s: int, tmp_path: Path
) -> None:
    document = slow_document(tmp_path, world="LockedWorld", episodes=1)
    digest = undisturbed_digest(document)
    rates = {"SPARRING_BROKER_HEARTBEAT_S": str(heartbeat_s), "SPARRING_BROKER_LIVENESS": str(LIVENESS)}
    with deployment(tmp_path, plugins=PLUGIN, LOCKED_WORLD_S=str(locked_s)) as system:
        system.start("broker", **rates)
        system.start(*OTHERS)
        system.wait_registered(*OTHERS)
        known = workers(system)
        submit(system, document)

        def seen_alive() -> bool:
            assert workers(system) == known, "a busy worker was declared dead"
            [run] = system.runs()
            return run.HasField("ended")

        eventually_sync(seen_alive, within_s=120, retry_on=())
        [run] = system.runs()
        [episode] = system.episodes(run.run)
        system.freeze("environment")
        eventually_sync(lambda: not workers(system), within_s=NOTICED_S)
        system.thaw("environment")
        eventually_sync(lambda: workers(system) == known, within_s=NOTICED_S)
        system.kill("environment")
        eventually_sync(lambda: not workers(system), within_s=NOTICED_S)
    assert run.digest.hex() == digest
    assert episode.attempts == 1
    assert episode.duration_s > locked_s
