"""Learning with every service in a process of its own gives the same episodes and the same brains."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.command import EXAMPLES, played, sparring
from tests.e2e.services import deployed

VARIABLES = {
    "SPARRING_AGENT_SLOTS": "6",
    "SPARRING_ENVIRONMENT_SLOTS": "4",
    "SPARRING_SIMULATION_SLOTS": "4",
    "SPARRING_PLUGINS": "sparring.bridges.gymnasium",
}
STATES = "SELECT phase, tag, digest FROM brain_states WHERE run = '{}' ORDER BY phase, tag"


def states(folder: Path, run: str, *where: str) -> list[str]:
    """Return the saved brain states of a run, a line each."""
    result = sparring("query", "--json", STATES.format(run), *where, folder=folder)
    assert result.code == 0, result.err
    return result.out.splitlines()


def test_separate_services_learn_the_same(tmp_path: Path) -> None:
    text = (EXAMPLES / "cartpole.yml").read_text()
    assert "episodes: 60" in text
    assert "episodes: 25" in text
    short = text.replace("episodes: 60", "episodes: 15").replace("episodes: 25", "episodes: 2") + "save_every: 10\n"
    (tmp_path / "pole.yml").write_text(short)
    local = played("pole.yml", "--store", "local", folder=tmp_path)
    kept = states(tmp_path, local["run"], "--store", "local")
    assert len(kept) == 3
    with deployed(tmp_path, **VARIABLES) as services:
        broker = services["broker"].address
        apart = played("pole.yml", "--connect", broker, folder=tmp_path)
        assert apart["digest"] == local["digest"]
        assert states(tmp_path, apart["run"], "--connect", broker) == kept
