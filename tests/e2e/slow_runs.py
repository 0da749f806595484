"""Documents over `slow_world`, and the digest that each has when nothing is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.e2e.command import EXAMPLES, played, sparring
from tests.e2e.deployment import Deployment

PLUGIN = "slow_world"


def slow_document(folder: Path, *, world: str = "SlowWorld", episodes: int = 20, workers: int = 1) -> Path:
    """Write a document into a folder, with the module that it needs beside it."""
    shutil.copy(Path(__file__).parent / f"{PLUGIN}.py", folder)
    text = (EXAMPLES / "dummy.yml").read_text()
    text = text.replace("sparring.environment:DummyEnvironment", f"{PLUGIN}:{world}")
    text = text.replace("episodes: 5", f"episodes: {episodes}").replace("worker: 1", f"worker: {workers}")
    document = folder / "slow.yml"
    document.write_text(text)
    return document


class Gate:
    """How many episodes each rollout worker of a `GatedWorld` may play.

    Attributes:
        variables: for the processes.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "allowed"
        self.variables = {"GATED_WORLD_FILE": str(self._file)}

    def allow(self, episodes: int) -> None:
        """Let that many be played in all."""
        written = self._file.with_suffix(".new")
        written.write_text(str(episodes))
        written.replace(self._file)  # whoever reads it finds one number or the other


def undisturbed_digest(document: Path) -> str:
    """Play a document on this machine, without any waiting; return its digest."""
    folder = document.parent
    digest: str = played(str(document), "--store", str(folder / "undisturbed"), folder=folder)["digest"]
    return digest


def submit(system: Deployment, document: Path) -> str:
    """Submit a document, with environments and muscles in slots of their own; returns the run."""
    where = ("--connect", system.broker, "--detach", "--placement", "service")
    submitted = sparring("run", "--json", *where, str(document), folder=document.parent)
    assert submitted.code == 0, submitted.err + submitted.out
    run: str = submitted.summary["run"]
    return run
