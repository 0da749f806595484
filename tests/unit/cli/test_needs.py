"""How large a system on this machine a document needs."""

import pytest

from sparring.cli.playing.local import Needs, needs_of
from sparring.experiment.document import load_document
from tests.unit.cli.samples import DOCUMENT


def needs(*changes: tuple[str, str], **options: object) -> Needs:
    text = DOCUMENT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    run = load_document(text, name="folder/dummy.yml").expand(seed=1)
    return needs_of(run, "folder/dummy.yml", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("placement", "slots", "expected"),
    [
        (None, 4, (2, 1, 0)),
        ("inline", 4, (2, 1, 0)),
        ("inline", 1, (1, 1, 0)),
        ("service", 4, (2, 3, 2)),
        ("service", 1, (1, 2, 1)),
    ],
)
def test_slots_are_those_of_the_largest_phase(placement: str | None, slots: int, expected: tuple[int, ...]) -> None:
    found = needs(placement=placement, slots=slots)
    assert (found.rollout_slots, found.agent_slots, found.environment_slots) == expected


def test_a_foreign_environment_needs_no_slot_here() -> None:
    found = needs(('name: "sparring.environment:DummyEnvironment"', "service: cartpole"), placement="service", slots=2)
    assert found.environment_slots == 0


def test_the_document_s_own_classes_and_folder_are_allowed() -> None:
    found = needs(("sparring.agent:DummyBrain", "mine.brains:Brain"))
    assert "mine.brains" in found.modules
    assert ("mine.brains:Brain", "brain") in found.components
    assert [path.rpartition("/")[2] for path in found.search_paths] == ["folder"]
