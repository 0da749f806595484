"""The same document and seed give the same digest, however it is played."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.command import EXAMPLES, played

DUMMY, TWO_AGENTS, TURNS = (str(EXAMPLES / name) for name in ("dummy.yml", "two-agents.yml", "taking-turns.yml"))


@pytest.mark.parametrize("document", [DUMMY, TWO_AGENTS, TURNS])
def test_inline_and_service_placement_give_the_same_digest(document: str, tmp_path: Path) -> None:
    inline = played(document, "--seed", "7", "--placement", "inline", "--store", str(tmp_path / "a"), folder=tmp_path)
    service = played(document, "--seed", "7", "--placement", "service", "--store", str(tmp_path / "b"), folder=tmp_path)
    again = played(document, "--seed", "7", "--placement", "inline", "--store", str(tmp_path / "a"), folder=tmp_path)
    assert len(inline["digest"]) == 64
    assert inline["digest"] == service["digest"] == again["digest"]
    assert inline["status"] == "finished"
    assert inline["deterministic"] is True


def test_another_seed_gives_another_digest(tmp_path: Path) -> None:
    digests = {played(DUMMY, "--seed", seed, folder=tmp_path)["digest"] for seed in ("1", "2", "3")}
    assert len(digests) == 3


def test_the_summary_tells_the_phases(tmp_path: Path) -> None:
    summary = played(TWO_AGENTS, "--seed", "1", folder=tmp_path)
    assert [sorted(phase) for phase in summary["phases"]] == [
        ["episodes", "mean_return", "mode", "name", "steps", "steps_per_second"]
    ] * 2
    assert [phase["mode"] for phase in summary["phases"]] == ["train", "test"]
    assert all(phase["episodes"] > 0 and phase["steps"] > 0 for phase in summary["phases"])


@pytest.mark.parametrize("placement", ["inline", "service"])
def test_one_slot_and_four_give_the_same_digest(placement: str, tmp_path: Path) -> None:
    text = Path(TWO_AGENTS).read_text()
    assert "worker: 2 " in text
    (tmp_path / "four.yml").write_text(text.replace("worker: 2 ", "worker: 4 "))
    digests = {
        played("four.yml", "--slots", slots, "--placement", placement, "--store", slots, folder=tmp_path)["digest"]
        for slots in ("1", "4")
    }
    assert len(digests) == 1
