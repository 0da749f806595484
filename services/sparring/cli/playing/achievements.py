"""What agents achieved in a run: gathered while it is watched, lines of text at its end, and then a picture."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rich.console import Console
from rich.text import Text

from sparring.cli.access.records import EpisodeRecord
from sparring.cli.playing.summary import Summary
from sparring.cli.plotting.gathering import Gathering
from sparring.cli.plotting.places import usual_place, write
from sparring.types.errors import SparringError


class Achievements:
    """Of one run after the other.

    Args:
        console: where they are printed.
        store: of runs on this machine; empty: no picture is drawn.
    """

    def __init__(self, console: Console, store: str = "") -> None:
        self._console = console
        self._store = store
        self._gathering = Gathering()
        self._ended: Summary | None = None

    def begin(self) -> None:
        """Forget the run before."""
        self._gathering, self._ended = Gathering(), None

    def episode(self, episode: EpisodeRecord) -> None:
        """Take a committed episode."""
        self._gathering.add(episode)

    def ended(self, summary: Summary) -> None:
        """Print a line per phase and agent."""
        if not self._gathering:
            return
        self._ended = summary
        # Late: a document that is refused needs none of it.
        from sparring.cli.plotting.curves import curves_of
        from sparring.cli.plotting.sparklines import sparklines

        self._console.print(sparklines(curves_of(self._gathering), self._console))
        self._console.print()

    async def draw(self) -> None:
        """Draw the run that has ended, unless it was cancelled, and print where the picture is."""
        summary, gathering = self._ended, self._gathering
        if not self._store or summary is None or summary.status == "cancelled":
            return
        file = usual_place(summary.run, self._store, "")
        try:
            await asyncio.to_thread(_draw, gathering, summary, file)
        except SparringError as error:
            self._console.print(Text(f"No picture: {error.message}", style="yellow"), soft_wrap=True)
        else:
            self._console.print(Text.assemble(("plot    ", "dim"), str(file)), soft_wrap=True)


def _draw(gathering: Gathering, summary: Summary, file: Path) -> None:
    # Late: matplotlib takes half a second to load, when the summary has been read for as long.
    from sparring.cli.plotting.curves import curves_of
    from sparring.cli.plotting.picture import draw

    write(file, draw(curves_of(gathering), f"{summary.run} ({summary.status}, seed {summary.seed})"))
