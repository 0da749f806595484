"""What becomes a run, and what is refused before it does."""

from __future__ import annotations

import pytest

from sparring.experiment.problems import DocumentError
from sparring.experiment.run import ExperimentRun
from sparring.governor.run_record import Submission
from sparring.governor.submission import check_announced, read_submission
from sparring.types.errors import InvalidArgumentError, NotFoundError
from tests.unit.governor.stage import document, phase

ENVIRONMENT = frozenset({"sparring.environment:DummyEnvironment"})
AGENT = frozenset({"sparring.agent:DummyBrain", "sparring.agent:DummyMuscle"})


def read(
    text: bytes, *, token: str = "t", seed: int | None = None, placement: str = ""
) -> tuple[Submission, ExperimentRun]:
    return read_submission(text, client_token=token, file_name="play.yml", seed=seed, placement=placement)


def problems(text: bytes) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        read(text)
    assert caught.value.reason == "DOCUMENT_INVALID"
    return [str(each) for each in caught.value.problems]


def test_a_submission_has_the_document_as_it_was_read() -> None:
    submission, run = read(document())
    assert (submission.uid, submission.document, submission.file_name) == ("play", document(), "play.yml")
    assert (submission.seed, submission.fingerprint.hex()) == (7, run.fingerprint)


def test_a_seed_that_is_given_takes_the_place_of_the_documents() -> None:
    assert read(document(), seed=23)[0].seed == 23


def test_a_seed_that_nobody_gave_is_drawn_once_and_kept() -> None:
    text = document().replace(b"seed: 7\n", b"")
    submission, run = read(text)
    assert submission.seed == run.seed
    assert run.seed_drawn


def test_every_wish_without_a_token_is_one_of_its_own() -> None:
    assert read(document(), token="")[0].client_token != read(document(), token="")[0].client_token


@pytest.mark.parametrize(("learning", "deterministic"), [("async", False), ("episode", True)])
def test_asynchronous_learning_is_not_deterministic(learning: str, deterministic: bool) -> None:
    assert read(document(phase(more=f"learning: {learning}")))[0].deterministic is deterministic


def test_every_problem_of_a_document_is_told() -> None:
    text = document(phase(worker=-1).replace("actuators:", "aktuators:"))
    assert len(problems(text)) == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (phase(more="evaluate_every: 2"), "phase_config.evaluate_every: evaluation inside a train phase is not"),
        (phase(more="lanes: 4"), "phase_config.lanes: more than one lane is not supported yet"),
        (
            phase("again").replace("sensors:", "replay: [{experiment_run: other}]\n          sensors:"),
            "agents[0].replay: replay of stored experience is not supported yet",
        ),
    ],
    ids=["evaluation", "lanes", "replay"],
)
def test_what_nobody_plays_yet_is_refused_with_its_line(text: str, line: str) -> None:
    found = problems(document(text))
    assert len(found) == 1
    assert line in found[0]


def test_a_placement_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        read(document(), placement="elsewhere")
    assert caught.value.reason == "PLACEMENT_UNKNOWN"


def test_a_class_that_no_host_has_is_refused() -> None:
    _, run = read(document())
    with pytest.raises(NotFoundError) as caught:
        check_announced(run, {"environment": [frozenset()], "agent": [AGENT]})
    assert caught.value.reason == "COMPONENT_UNKNOWN"
    assert caught.value.metadata["component"] == "environment sparring.environment:DummyEnvironment"
    assert "sparring.agent:DummyBrain" in caught.value.metadata["announced"]


@pytest.mark.parametrize(
    "announced",
    [
        {},
        {"environment": []},
        {"environment": [ENVIRONMENT], "agent": [AGENT]},
        {"environment": [frozenset()], "agent": [AGENT], "simulation": [ENVIRONMENT]},
    ],
    ids=["nobody-there", "no-worker-yet", "hosts", "inline"],
)
def test_a_class_that_somebody_has_or_may_have_is_taken(announced: dict[str, list[frozenset[str]]]) -> None:
    check_announced(read(document())[1], announced)
