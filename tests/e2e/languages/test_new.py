"""`sparring new environment`: what it writes builds, follows the contract, and trains an agent as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.command import played, sparring
from tests.e2e.languages.building import build, serving
from tests.e2e.languages.kit import found, levels, results
from tests.e2e.services import Service


@pytest.mark.parametrize("language", ["node", "java"])  # C++: test_pages.py
def test_a_scaffold_builds_and_follows_the_contract_as_created(language: str, folder: Path) -> None:
    told = sparring("new", "environment", "--language", language, "cosy-room", folder=folder)
    assert told.code == 0, told.err
    command = build(language, folder / "cosy-room")
    with serving(command) as address:
        taken = results(address)
        document = folder / "cosy-room" / "experiment.yml"
        text = document.read_text()
        assert "address: 127.0.0.1:500" in text
        port = text.split("address: 127.0.0.1:")[1].split()[0]
        document.write_text(text.replace(f"127.0.0.1:{port}", address).replace("episodes: 20", "episodes: 2"))
        summary = played("experiment.yml", folder=folder / "cosy-room")
    assert found(taken) == []
    assert levels(taken) >= {"core", "resume"}
    assert summary["status"] == "finished"


def test_a_scaffold_in_python_follows_the_contract_and_trains_an_agent_as_created(folder: Path) -> None:
    told = sparring("new", "environment", "cosy-room", folder=folder)
    assert (told.code, told.out.splitlines()) == (0, ["cd cosy-room", "sparring run experiment.yml"]), told.err
    made = folder / "cosy-room"
    assert sparring("check", "experiment.yml", folder=made).code == 0
    assert played("experiment.yml", folder=made)["status"] == "finished"
    nowhere = {"SPARRING_BROKER": "127.0.0.1:1", "SPARRING_PLUGINS": "cosy_room"}
    anywhere = {f"SPARRING_ENVIRONMENT_{name}": "127.0.0.1:0" for name in ("ADDRESS", "HTTP_ADDRESS")}
    host = Service("environment", made, {**nowhere, **anywhere})
    try:
        host.wait_until_serving()
        taken = results(host.address, environment="cosy_room:CosyRoom")
    finally:
        host.stop()
    assert found(taken) == []
    assert levels(taken) >= {"core", "resume", "lanes"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--language", "perl", "room"], "'perl' is not one of python, cpp, node, java"),
        (["Room 7"], "cannot be a name"),
        (["../room"], "cannot be a name"),
        (["class"], "means something else already"),
        (["taken"], "exists here already"),
    ],
)
def test_what_cannot_be_made_is_wrong_usage_and_leaves_nothing(arguments: list[str], said: str, folder: Path) -> None:
    (folder / "taken").mkdir()
    told = sparring("new", "environment", *arguments, folder=folder)
    assert told.code == 2
    assert said in " ".join(told.err.replace("│", " ").split())
    assert [path.name for path in folder.iterdir()] == ["taken"]
    assert not list((folder / "taken").iterdir())
