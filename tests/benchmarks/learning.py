"""How well agents learn: documents played in this process with several seeds; `python -m tests.benchmarks.learning`.

Prints, for each seed and phase, the mean return of its episodes (and the mean objective of each agent, where there are
several), steps, seconds; then the worst and the mean over all seeds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import defaultdict
from pathlib import Path

from sparring.experiment import load_document
from tests.support.training import PlayedPhase, play


def main() -> None:
    """Play documents."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.learning", description=__doc__)
    parser.add_argument("documents", nargs="+", type=Path)
    parser.add_argument("--seeds", nargs="+", type=int, help="default: the document's own")
    arguments = parser.parse_args()
    for path in arguments.documents:
        sys.path.insert(0, str(path.parent.resolve()))  # where the document's own classes are
        document = load_document(path)
        found: dict[str, list[float]] = defaultdict(list)
        for seed in arguments.seeds or [document.seed or 0]:
            for phase in play(document.expand(seed=seed)):
                values = _values(phase)
                for name, value in values.items():
                    found[f"{phase.name}: {name}"].append(value)
                said = ", ".join(f"{name} {value:.2f}" for name, value in values.items())
                rate = phase.steps / phase.seconds
                print(
                    f"{path.name} seed {seed} {phase.name}: {said}; {len(phase.episodes)} episodes, "
                    f"{phase.steps} steps, {phase.seconds:.1f} s, {rate:.0f} steps/s",
                    flush=True,
                )
        for name, each in found.items():
            print(f"{path.name} {name}: worst {min(each):.2f}, mean {statistics.mean(each):.2f}, {len(each)} seeds")


def _values(phase: PlayedPhase) -> dict[str, float]:
    agents = phase.episodes[0].objectives
    if len(agents) < 2:
        return {"return": phase.mean_return}
    return {agent: phase.mean_objective(agent) for agent in agents}


if __name__ == "__main__":
    main()
