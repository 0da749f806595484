"""A document checked as far as it can be without playing it."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Final

from sparring.cli.checking.questions import Answer, Elsewhere, Hosted, Questions, hosted_parts
from sparring.experiment.class_use import modules_of
from sparring.experiment.document import Document, load_document
from sparring.experiment.problems import DocumentError, Problem
from sparring.experiment.run import ExperimentRun, Phase
from sparring.experiment.tree import Path
from sparring.host.describing import describe
from sparring.types.errors import NotFoundError, SparringError

if TYPE_CHECKING:
    from sparring.cli.access.connection import Connection

ENTRY: Final = "sparring.cli.checking.answers:answer"
_SPARE_S: Final = 15.0
"""For the start of the process that is asked, on top of what author code may take."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found.

    Attributes:
        problems: what is wrong; empty: nothing.
        unchecked: `file:line: path: message` of what could not be asked.
        described: by class and parameters (JSON), what environments offer: a serialized DescribeResponse.
    """

    problems: tuple[Problem, ...] = ()
    unchecked: tuple[str, ...] = ()
    described: Mapping[str, bytes] = field(default_factory=dict)


def read(file: str) -> tuple[Document | None, tuple[Problem, ...]]:
    """Read a document; what is wrong with its text, if anything is."""
    try:
        return load_document(FilePath(file)), ()
    except DocumentError as error:
        return None, error.problems


async def check_components(document: Document, connection: Connection | None = None) -> Report:
    """Ask about every class, environment and agent that a document names.

    Args:
        document: without problems of its own.
        connection: asks services behind a broker, instead of trying classes on this machine.
    """
    run = document.expand(seed=0)
    questions = Questions.of(run) if connection is None else Questions(run)
    folder = os.path.dirname(os.path.abspath(document.name))  # noqa: ASYNC240 - a name is made absolute, nothing more
    answers = await _try_classes(questions, folder)
    elsewhere = await _ask_servers(run, connection)
    problems = questions.problems(answers, elsewhere)
    return Report(problems, tuple(elsewhere.unchecked), dict(_described(questions, answers)))


def _described(questions: Questions, answers: Sequence[Answer]) -> Iterator[tuple[str, bytes]]:
    """Yield what environments offer, for the system that plays the document: it need not ask again."""
    for question, answer in zip(questions.distinct, answers, strict=True):
        if question["ask"] == "environment" and not isinstance(answer, SparringError):
            name = json.dumps([question["name"], question["parameters"]], sort_keys=True)
            yield name, base64.b64decode(answer["response"])


async def _try_classes(questions: Questions, folder: str) -> list[Answer]:
    if not questions.asked:
        return []
    run = questions.run
    return await describe(
        ENTRY,
        questions.distinct,
        timeout_s=max(phase.timeouts.start_s for phase in run.phases) + _SPARE_S,
        plugins=sorted(modules_of(run)),
        search_paths=[folder],
    )


async def _ask_servers(run: ExperimentRun, connection: Connection | None) -> Elsewhere:
    found = Elsewhere()
    wanted = [
        (phase, path, uid, hosted)
        for phase in run.phases
        for path, uid, hosted in hosted_parts(phase)
        if hosted.source.foreign or connection is not None
    ]
    if not wanted:
        return found
    # Late: gRPC is only loaded where a server is asked.
    from sparring.cli.checking.servers import Servers

    async with AsyncExitStack() as opened:
        servers = Servers(connection, opened)
        for phase, path, uid, hosted in wanted:
            if not servers.reaches(hosted.source):
                text = "not checked: only --connect BROKER can ask services"
                found.unchecked.append(str(phase.places.problem((*path, "service"), "", "", text)))
                continue
            try:
                described = await servers.describe(hosted)
            except NotFoundError as error:
                found.problems.append(_unknown(phase, path, hosted, error))
            except SparringError as error:
                found.refused[path] = error.message
            else:
                if described is not None:
                    found.described[phase.number, uid] = described
    return found


def _unknown(phase: Phase, path: Path, hosted: Hosted, error: SparringError) -> Problem:
    key = "name" if hosted.source.name else "service" if hosted.source.service else "address"
    found = getattr(hosted.source, key)
    return phase.places.problem((*path, key), found, f"{hosted.role} that somebody has", error.message)


def lines_of(file: str, report: Report | Sequence[Problem]) -> list[str]:
    """Return what `sparring check` prints of a file."""
    if not isinstance(report, Report):
        return [str(each) for each in report]
    problems = [str(each) for each in report.problems]
    return [*problems, *report.unchecked, *([] if problems else [f"{file}: ok"])]
