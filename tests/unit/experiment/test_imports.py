"""Importing the package costs next to nothing; a condition does not bring the models with it."""

import os
import subprocess
import sys

import pytest

HEAVY = ("pydantic", "ruamel", "grpc", "google.protobuf", "gymnasium", "numpy", "asyncio", "sqlalchemy")


def loaded_by(statement: str) -> set[str]:
    program = f"import sys\n{statement}\nprint(*(name for name in {HEAVY!r} if name in sys.modules))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    return set(ended.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import sparring.experiment",
        "from sparring.experiment import AgentObjectiveTerminationCondition, PhaseProgress, decide",
    ],
)
def test_the_package_and_its_conditions_load_nothing_heavy(statement: str) -> None:
    assert loaded_by(statement) == set()


def test_ruamel_is_loaded_when_a_document_is_read_and_not_before() -> None:
    assert "ruamel" not in loaded_by("from sparring.experiment import load_document")


def test_every_public_name_can_be_imported() -> None:
    import sparring.experiment

    for name in sparring.experiment.__all__:
        assert getattr(sparring.experiment, name) is not None
    assert dir(sparring.experiment) == sorted(sparring.experiment.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        sparring.experiment.nothing  # noqa: B018
