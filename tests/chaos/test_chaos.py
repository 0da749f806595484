"""kill -9 of every kind of process in the middle of episodes: nothing lost, nothing doubled, every bit as undisturbed.

`make chaos` does the same with more kills, and freezes every kind.
"""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.campaign import Campaign, Hit
from tests.chaos.documents import Disturbed, write_document
from tests.chaos.embedded import local_run
from tests.chaos.history import History, check_history, read_history
from tests.chaos.points import POINTS, armed, struck
from tests.chaos.separate import KINDS, WORKER_LEASE_S, deployment

EACH = 5
"""So many kills of each kind, of local runs and of services."""
SHARES = {"episode": 3, "step": 2}
"""So many of those of local runs, by the way in which brains learn."""

Quiet = dict[str, tuple[Disturbed, History]]


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Quiet:
    """Play both documents once, in peace."""
    found = {}
    for learning in ("episode", "step"):
        folder = tmp_path_factory.mktemp(learning)
        document = write_document(folder, learning)
        with local_run(document, folder / "quiet" / "store") as run:
            name = run.end()
        found[learning] = (document, read_history(folder / "quiet" / "store", name))
    return found


def assert_inside(hits: list[Hit], kinds: list[str]) -> None:
    """Prove that each kind was hit as often as wanted, each time with an episode under way."""
    assert Counter(hit.kind for hit in hits) == Counter(kinds)
    assert all(hit.step > 0 for hit in hits)


def test_the_shares_are_the_whole() -> None:
    assert sum(SHARES.values()) == EACH


@pytest.mark.parametrize("learning", SHARES)
def test_a_local_run_survives_the_loss_of_any_process(learning: str, quiet: Quiet, tmp_path: Path) -> None:
    document, undisturbed = quiet[learning]
    kinds = ["brain", "rollout worker", "parent"] * SHARES[learning]
    wanted, hits, number, fed = list(kinds), [], 0, []
    while kinds:
        number += 1
        store = tmp_path / str(number) / "store"
        campaign = Campaign(store, random.Random(number))
        with local_run(document, store) as run:
            campaign.disturb(run, kinds)
            name = run.end()
            fed += run.fed()
        check_history(store, name, document.plan, undisturbed)
        hits += campaign.hits
    assert_inside(hits, wanted)
    assert sum(episodes >= 3 for episodes in fed) >= SHARES[learning] / 3, f"brains had to catch up on {fed} episodes"


def test_separate_services_survive_the_loss_of_any_process(quiet: Quiet, tmp_path: Path) -> None:
    document, undisturbed = quiet["episode"]
    kinds = list(KINDS) * EACH
    random.Random(1).shuffle(kinds)
    wanted = list(kinds)
    with deployment(document.folder / "deployed", 4, modules=document.folder) as system:
        campaign = Campaign(system.store, random.Random(2))
        while kinds:
            name = system.submit(document)
            campaign.disturb(system, kinds)
            system.wait()
            check_history(system.store, name, document.plan, undisturbed)
        assert system.open_sessions() == 0
        assert system.restarts >= EACH * 6
    assert_inside(campaign.hits, wanted)


def test_losses_between_two_steps_that_belong_together_change_nothing(quiet: Quiet, tmp_path: Path) -> None:
    document, undisturbed = quiet["episode"]
    store, latches = tmp_path / "loud" / "store", tmp_path / "latches"
    with local_run(document, store, fail_points=armed(latches)) as run:
        name = run.end()
    assert struck(latches) == set(POINTS)
    assert run.resumed == 3, "the store twice and the governor once were in the parent"
    check_history(store, name, document.plan, undisturbed)


def test_who_comes_back_after_its_lease_changes_nothing_and_a_stale_governor_is_refused(
    quiet: Quiet, tmp_path: Path
) -> None:
    document, undisturbed = quiet["episode"]
    kinds = ["governor", "simulation slot", "agent"]
    folder = document.folder / "frozen"
    with deployment(folder, 4, spare=True, modules=document.folder) as system:
        campaign = Campaign(system.store, random.Random(3), freeze_s=3 * WORKER_LEASE_S)
        while kinds:
            name = system.submit(document)
            campaign.disturb(system, kinds)
            system.wait()
            check_history(system.store, name, document.plan, undisturbed)
        assert system.said("belongs to another governor")
    assert_inside(campaign.hits, ["governor", "simulation slot", "agent"])
