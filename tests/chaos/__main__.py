"""`make chaos`: kills (and freezes) at seeded random moments over every kind of process, with the times of recovery.

    python -m tests.chaos --kills 200 --seed 1
    python -m tests.chaos --freeze

Ends with 1 when a run left anything else than the undisturbed one.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from tests.chaos import embedded, separate
from tests.chaos.campaign import Campaign, Hit
from tests.chaos.documents import Disturbed, write_document
from tests.chaos.history import History, check_history, read_history

DEFAULT_LEASE_S = 7.5


def main() -> int:
    """Run the campaigns that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many, over all kinds and both ways of running")
    parser.add_argument("--seed", type=int, default=1, help="of moments and processes")
    parser.add_argument(
        "--freeze", action="store_true", help="freeze each kind once for three leases, instead of killing"
    )
    parser.add_argument("--usual-leases", action="store_true", help="7.5 s of workers and 15 s of runs, not short ones")
    given = parser.parse_args()
    began = time.monotonic()
    hits: dict[str, list[Hit]] = defaultdict(list)
    fed: list[int] = []
    with tempfile.TemporaryDirectory(prefix="sparring-chaos-") as folder:
        quiet = {learning: _quiet(Path(folder), learning) for learning in ("episode", "step")}
        share = 1 if given.freeze else given.kills // 4
        for number, (learning, (document, undisturbed)) in enumerate(quiet.items()):
            rng = random.Random(given.seed * 100 + number)
            base = Path(folder) / f"{learning}-disturbed"
            for way, found in (
                ("local", _local(document, undisturbed, base, rng, share, given.freeze, fed)),
                ("services", _services(document, undisturbed, base, rng, share, given.freeze, given.usual_leases, fed)),
            ):
                for hit in found:
                    hits[f"{way}, {learning}: {hit.kind}"].append(hit)
                    print(f"{way} {learning}: {hit.kind} in step {hit.step}: {_seconds(hit.recovered_s)}", flush=True)
    _report(hits, given.freeze)
    brains = sum(len(found) for kind, found in hits.items() if kind.endswith(": brain"))
    enough = sum(episodes >= 3 for episodes in fed)
    print(
        f"brains caught up {len(fed)} times, {enough} times on 3 or more committed episodes; {brains} were hit as such"
    )
    print(
        f"{sum(map(len, hits.values()))} disturbances in {time.monotonic() - began:.0f} s; all runs left the same bits"
    )
    return 0 if given.freeze or enough >= brains / 3 else 1


def _quiet(folder: Path, learning: str) -> tuple[Disturbed, History]:
    document = write_document(folder / learning, learning)
    store = folder / learning / "quiet" / "store"
    with embedded.local_run(document, store) as run:
        name = run.end()
    return document, read_history(store, name)


def _local(
    document: Disturbed, undisturbed: History, base: Path, rng: random.Random, share: int, freeze: bool, fed: list[int]
) -> Iterable[Hit]:
    kinds = _kinds(embedded.KINDS, len(embedded.KINDS) if freeze else share, rng)
    for number in itertools.count():
        if not kinds:
            return
        store = base / f"local-{number}" / "store"
        campaign = Campaign(store, rng, 3 * DEFAULT_LEASE_S if freeze else 0.0)
        with embedded.local_run(document, store) as run:
            campaign.disturb(run, kinds)
            name = run.end()
            fed += run.fed()
        check_history(store, name, document.plan, undisturbed)
        yield from campaign.hits


def _services(
    document: Disturbed,
    undisturbed: History,
    base: Path,
    rng: random.Random,
    share: int,
    freeze: bool,
    usual: bool,
    fed: list[int],
) -> Iterable[Hit]:
    kinds = _kinds(separate.KINDS, len(separate.KINDS) if freeze else share, rng)
    leases = {"SPARRING_BROKER_HEARTBEAT_S": "2.5", "SPARRING_GOVERNOR_LEASE_S": "15"} if usual else {}
    freeze_s = 3 * (DEFAULT_LEASE_S if usual else separate.WORKER_LEASE_S) if freeze else 0.0
    folder, rollouts = base / "services", document.plan.phases[0][1]
    folder.mkdir(parents=True)
    with separate.deployment(folder, rollouts, spare=freeze, modules=document.folder, **leases) as system:
        while kinds:
            campaign = Campaign(system.store, rng, freeze_s)
            name = system.submit(document)
            campaign.disturb(system, kinds)
            system.wait()
            check_history(system.store, name, document.plan, undisturbed)
            yield from campaign.hits
        fed += system.fed()
        left = system.open_sessions()
        if left:
            raise AssertionError(f"{left} sessions were left open")


def _kinds(kinds: Iterable[str], count: int, rng: random.Random) -> list[str]:
    wanted = list(itertools.islice(itertools.cycle(kinds), count))
    rng.shuffle(wanted)
    return wanted


def _report(hits: dict[str, list[Hit]], freeze: bool) -> None:
    print(f"\n{'frozen' if freeze else 'killed':44} {'times':>5} {'next commit: median':>20} {'longest':>8}")
    for kind, found in sorted(hits.items()):
        times = [hit.recovered_s for hit in found if hit.recovered_s is not None]
        median, longest = (statistics.median(times), max(times)) if times else (None, None)
        print(f"{kind:44} {len(found):5} {_seconds(median):>20} {_seconds(longest):>8}")
    Path("build").mkdir(exist_ok=True)
    figures = {kind: [hit.recovered_s for hit in found] for kind, found in hits.items()}
    Path("build/chaos.json").write_text(json.dumps(figures, indent=2), encoding="utf-8")


def _seconds(value: float | None) -> str:
    return "(run was over)" if value is None else f"{value:.2f} s"


if __name__ == "__main__":
    sys.exit(main())
