"""From a document on the wire to a submission: read, checked against what is announced and what can be played."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from sparring.experiment.class_use import ClassUse, Role, classes_of
from sparring.experiment.document import load_document
from sparring.experiment.problems import DocumentError, Problem, in_order
from sparring.experiment.run import ExperimentRun, Phase
from sparring.governor.placement import AGENT, ENVIRONMENT
from sparring.governor.ports import Announced
from sparring.governor.run_record import Submission
from sparring.types.errors import InvalidArgumentError, NotFoundError

PLACEMENTS = ("", "auto", "inline", "service")
_HOSTS = {Role.ENVIRONMENT: ENVIRONMENT, Role.MUSCLE: AGENT, Role.BRAIN: AGENT}


def read_submission(
    document: bytes, *, client_token: str, file_name: str, seed: int | None, placement: str
) -> tuple[Submission, ExperimentRun]:
    """Read a document and everything else that a user says of a run to be.

    Args:
        document: Its text.
        client_token: Made once per wish; one is made here if there is none.
        file_name: For messages.
        seed: Takes the place of the document's; without either, one is drawn.
        placement: Takes the place of the document's; empty does not.

    Raises:
        DocumentError: DOCUMENT_INVALID, with every problem.
        InvalidArgumentError: PLACEMENT_UNKNOWN.
    """
    if placement not in PLACEMENTS:
        raise InvalidArgumentError(
            "PLACEMENT_UNKNOWN", f"There is no placement {placement!r}; there are auto, inline and service."
        )
    loaded = load_document(document, name=file_name or None)
    run = loaded.expand(seed=seed)
    if problems := in_order(unsupported(run)):
        raise DocumentError.of(loaded.name, problems)
    submission = Submission(
        client_token=client_token or secrets.token_hex(16),
        uid=run.uid,
        document=document,
        file_name=file_name,
        seed=run.seed,
        placement=placement,
        fingerprint=bytes.fromhex(run.fingerprint),
        deterministic=all(phase.learning != "async" for phase in run.phases),
    )
    return submission, run


def unsupported(run: ExperimentRun) -> Iterator[Problem]:
    """Yield what a document may say, but nobody plays yet: better refused than done in another way."""
    for phase in run.phases:
        if phase.evaluate_every is not None:
            yield _not_yet(phase, ("phase_config", "evaluate_every"), "evaluation inside a train phase")
        if phase.lanes > 1:
            yield _not_yet(phase, ("phase_config", "lanes"), "more than one lane")
        for index, agent in enumerate(phase.agents):
            if agent.replay:
                yield _not_yet(phase, ("agents", index, "replay"), "replay of stored experience")


def check_announced(run: ExperimentRun, announced: Announced) -> None:
    """Check that somebody can run the classes of a document, as far as that is known.

    A service without any live worker says nothing: it may come later. A class that only a simulation worker has is
    known, too.

    Raises:
        NotFoundError: COMPONENT_UNKNOWN, with all that nobody has announced.
    """
    known = frozenset(name for workers in announced.values() for names in workers for name in names)
    missing = [use for use in classes_of(run) if use.name not in known and _hosted_now(use, announced)]
    if missing:
        names = ", ".join(dict.fromkeys(f"{use.role} {use.name}" for use in missing))
        raise NotFoundError(
            "COMPONENT_UNKNOWN",
            f"No host has announced {names}. Add the module to SPARRING_PLUGINS of the service that shall run it.",
            component=names,
            announced=", ".join(sorted(known)),
        )


def _hosted_now(use: ClassUse, announced: Announced) -> bool:
    service = _HOSTS.get(use.role)
    return service is not None and bool(announced.get(service))


def _not_yet(phase: Phase, path: tuple[str | int, ...], what: str) -> Problem:
    return phase.places.problem(
        (*phase.path, *path), what, "nothing", f"{what} is not supported yet; take it out", key=True
    )
