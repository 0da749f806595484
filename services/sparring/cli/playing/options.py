"""What `sparring run` was asked for, apart from the files."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from sparring.cli.arguments import DEFAULT_STORE


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of `sparring run`; None and empty mean not given.

    Attributes:
        store: folder or database URI, of a run on this machine.
        connect: broker of a deployed system.
        resume: run to go on with.
        slots: how many rollout workers play at the same time on this machine.
        plot: a picture of each run is drawn when it has ended; never with `json` or `connect`.
    """

    store: str
    connect: str = ""
    placement: str = ""
    seed: int | None = None
    resume: str = ""
    detach: bool = False
    json: bool = False
    slots: int | None = None
    plot: bool = True

    @property
    def reach(self) -> str:
        """The option under which other commands find the run; empty where they find it without."""
        if self.connect:
            return f"--connect {shlex.quote(self.connect)}"
        return "" if self.store == DEFAULT_STORE else f"--store {shlex.quote(self.store)}"
