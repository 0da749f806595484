"""`make bench`: measures side by side, prints a table and writes build/bench.json."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks import broker, cartpole, languages, relay, runs, sessions
from tests.benchmarks.measure import Measure

MODULES = (runs, cartpole, relay, broker, sessions, languages)
OUTPUT = Path("build") / "bench.json"


def main() -> None:
    """Run all modules."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="interleaved rounds of each measure")
    rounds = parser.parse_args().rounds
    console = Console(width=140)
    table = Table("measure", "value", "unit", "against", "goal", "met", "rounds")
    taken: list[Measure] = []
    for module in MODULES:
        for measure in module.measures(rounds):
            taken.append(measure)
            console.print(f"{measure.measure}: {measure.value:.4g} {measure.unit}")
            met = {True: "yes", False: "NO", None: ""}[measure.met]
            row = (measure.measure, f"{measure.value:.4g}", measure.unit, measure.peer, measure.goal, met)
            table.add_row(*row, str(measure.rounds))
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps([asdict(measure) for measure in taken], indent=2) + "\n")
    console.print(table)
    console.print(f"written to {OUTPUT}")


if __name__ == "__main__":
    main()
