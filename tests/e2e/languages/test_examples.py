"""The examples in other languages: they follow the contract, are found out where they do not, and are played in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.command import played, sparring
from tests.e2e.languages.building import EXAMPLES, serving
from tests.e2e.languages.kit import found, levels, results

LEVELS = {"cpp": {"core", "resume", "time"}, "node": {"core", "resume"}, "java": {"core", "resume"}}
SHORT = {"cpp": '{"duration_s": 10}', "node": '{"days": 0.4}'}
"""Parameters of short episodes, so that the kit sees their ends soon."""
FAULTS = {
    "cpp": {
        "applied_twice": "ENV-SEQ-1",
        "both_ends": "ENV-END-2",
        "gaps_taken": "ENV-SEQ-2",
        "reading_outside": "ENV-VAL-1",
        "reset_leaks": "ENV-SEED-2",
        "seed_ignored": "ENV-SEED-1",
        "setpoint_clipped": "ENV-SET-2",
        "version_missing": "ENV-VER-3",
    },
    "node": {
        "absent_refused": "ENV-SET-1",
        "health_missing": "ENV-HLT-1",
        "limit_misnamed": "ENV-SES-1",
        "over_taken": "ENV-END-1",
        "padding_missing": "ENV-PCK-1",
        "rejected_moves": "ENV-SET-3",
        "shutdown_silent": "ENV-GRM-4",
        "world_shared": "ENV-SES-5",
    },
}


def document(language: str, address: str, folder: Path, name: str = "experiment.yml", episodes: int = 2) -> str:
    """Write an example's document with the address that its server has here, and fewer episodes; return its name."""
    text = (EXAMPLES / language / name).read_text()
    text = re.sub(r"address: 127\.0\.0\.1:\d+", f"address: {address}", text)
    (folder / "experiment.yml").write_text(re.sub(r"episodes: \d+", f"episodes: {episodes}", text))
    return "experiment.yml"


@pytest.mark.parametrize(("server", "language"), [(each, each) for each in LEVELS], indirect=["server"])
def test_an_example_follows_the_contract_at_all_levels_that_it_declares(server: list[str], language: str) -> None:
    with serving(server) as address:
        taken = results(address)
    assert found(taken) == []
    assert levels(taken) == LEVELS[language]


@pytest.mark.parametrize(
    ("server", "language", "fault", "rule"),
    [(language, language, fault, rule) for language, faults in FAULTS.items() for fault, rule in faults.items()],
    indirect=["server"],
)
def test_what_an_example_does_wrong_on_purpose_is_found(
    server: list[str], language: str, fault: str, rule: str
) -> None:
    with serving(server, FAULT=fault) as address:
        taken = results(address, SHORT[language])
    assert found(taken)[0].startswith(f"{rule}: ")


@pytest.mark.parametrize(("server", "language"), [(each, each) for each in LEVELS], indirect=["server"])
def test_two_runs_in_an_example_have_one_digest(server: list[str], language: str, folder: Path) -> None:
    with serving(server) as address:
        name = document(language, address, folder)
        digests = {played(name, folder=folder)["digest"] for _ in range(2)}
    assert len(digests) == 1


def test_the_command_line_tests_an_example_as_its_readme_says(cpp: list[str], folder: Path) -> None:
    with serving(cpp, "--capacity", "2") as address:
        told = sparring("conformance", address, "--level", "core", folder=folder)
    assert told.code == 0, told.out + told.err


def test_an_unknown_option_ends_an_example_with_a_sentence(cpp: list[str], folder: Path) -> None:
    with pytest.raises(AssertionError, match="Unknown option --colour"), serving([*cpp, "--colour", "red"]):
        raise RuntimeError("it listens")
