"""An experiment document: read, checked, kept with its original text."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path as FilePath

from sparring.experiment.expansion import expand
from sparring.experiment.inheritance import expand_schedule
from sparring.experiment.places import Places
from sparring.experiment.problems import DocumentError, Problem, describe, in_order, problem
from sparring.experiment.rules import check_rules
from sparring.experiment.run import ExperimentRun
from sparring.experiment.schema.document import DocumentSchema
from sparring.experiment.spelling import Speller
from sparring.experiment.tree import MappingNode, Mark, plain
from sparring.experiment.validation import validate
from sparring.experiment.yaml_tree import parse_yaml

MAX_BYTES = 8 * 1024 * 1024
_START = Mark(1, 1)


@dataclass(frozen=True)
class Document:
    """A document without problems.

    Attributes:
        name: its file name, as problems show it.
        text: exactly what was read; this is what is stored with the run.
        schema: its content, phases written out in full.
        places: where the content is written.
    """

    name: str
    text: str
    schema: DocumentSchema
    places: Places

    @property
    def uid(self) -> str:
        """Return the run's uid: the document's own, else the file's name without its ending."""
        return self.schema.uid or FilePath(self.name).stem or "experiment"

    @property
    def seed(self) -> int | None:
        """Return the document's seed, if it gives one."""
        return self.schema.seed

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def expand(self, *, seed: int | None = None) -> ExperimentRun:
        """Return the run with every default filled in; equal documents and seeds give equal runs.

        Args:
            seed: takes the place of the document's. Without either one is drawn (`seed_drawn`).
        """
        return expand(self.schema, self.places, self.uid, seed)


def load_document(source: FilePath | str | bytes, *, name: str | None = None) -> Document:
    """Read a document and check everything that can be checked without importing or asking anything.

    Args:
        source: a file's path, or the text itself (text is never taken for a path).
        name: what problems call the document; the path by default.

    Raises:
        DocumentError: DOCUMENT_INVALID, with everything that is wrong.
    """
    shown, document, problems = _inspect(source, name)
    if document is None or problems:
        raise DocumentError.of(shown, problems)
    return document


def check_document(source: FilePath | str | bytes, *, name: str | None = None) -> tuple[Problem, ...]:
    """Return what `load_document` would complain about, in the order of lines; nothing for a good document."""
    return _inspect(source, name)[2]


def _inspect(source: FilePath | str | bytes, name: str | None) -> tuple[str, Document | None, tuple[Problem, ...]]:
    shown = name or (str(source) if isinstance(source, FilePath) else "document")
    text, unread = _read(source, shown)
    if text is None:
        return shown, None, unread
    root, problems = parse_yaml(text, shown)
    if root is None:
        return shown, None, in_order(problems)
    if not isinstance(root, MappingNode):
        expected = "a mapping with uid, seed, schedule"
        problems.append(problem(shown, root.mark, (), describe(plain(root)), expected))
        return shown, None, in_order(problems)
    speller = Speller(shown)
    corrected = speller.correct(root, DocumentSchema)
    validated = validate(expand_schedule(corrected), shown)
    unreadable = {(each.line, each.column) for each in problems}
    later = [*speller.problems, *validated.problems, *check_rules(validated)]
    every = in_order([*problems, *(each for each in later if (each.line, each.column) not in unreadable)])
    if every or validated.schema is None:
        return shown, None, every
    return shown, Document(shown, text, validated.schema, validated.places), ()


def _read(source: FilePath | str | bytes, shown: str) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the text exactly as it is, or why there is none."""

    def refused(found: str, expected: str, message: str) -> tuple[None, tuple[Problem, ...]]:
        return None, (problem(shown, _START, (), found, expected, message),)

    if isinstance(source, FilePath):
        try:
            source = source.read_bytes()
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            return refused(reason, "a readable file", f"cannot read the file: {reason}")
    if len(source) > MAX_BYTES:
        return refused(f"{len(source)} bytes", f"at most {MAX_BYTES} bytes", f"larger than {MAX_BYTES} bytes")
    if isinstance(source, str):
        return source, ()
    try:
        return source.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        message = f"not UTF-8: the byte 0x{source[error.start]:02x} in line {line}"
        return None, (problem(shown, Mark(line, 1), (), "a byte that is not UTF-8", "UTF-8 text", message),)
