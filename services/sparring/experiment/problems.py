"""What is wrong with a document: one `Problem` per mistake, and the error that carries them all."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from sparring.experiment.tree import Mark, Path
from sparring.types.errors import InvalidArgumentError

NOTHING = "nothing"
_PHASE = re.compile(r'schedule\[\d+\](\.[^.\[]+|\["([^"\\]|\\.)*"\])')
_SIMPLE_KEY = re.compile(r"[^\s.\[\]\"'\\]+\Z")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a document.

    Attributes:
        file: the document's name as it was given.
        line: where, counted from 1.
        column: where, counted from 1.
        path: which value, as in `schedule[0].train.agents[0].brain.name`; empty for the document as a whole.
        found: what the document says.
        expected: what it should say.
        message: both in one sentence, with a suggestion where there is one.
    """

    file: str
    line: int
    column: int
    path: str
    found: str
    expected: str
    message: str

    def __str__(self) -> str:
        """Return `file:line: path: message`."""
        where = f"{self.file}:{self.line}"
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class DocumentError(InvalidArgumentError):
    """The document cannot be run; `problems` lists everything that is wrong with it, in the order of its lines."""

    def __init__(self, reason: str, message: str, problems: Iterable[Problem] = (), **metadata: object) -> None:
        super().__init__(reason, message, **metadata)
        self.problems: tuple[Problem, ...] = tuple(problems)

    @classmethod
    def of(cls, file: str, problems: Iterable[Problem]) -> Self:
        """Build the error for everything that is wrong with one file."""
        every = tuple(problems)
        count = f"{len(every)} problem{'' if len(every) == 1 else 's'}"
        lines = "\n".join(map(str, every))
        return cls("DOCUMENT_INVALID", f"{file} has {count}:\n{lines}", every, file=file, count=len(every))

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), self.reason, self.message, self.problems, self.metadata)

    def with_values(self, **metadata: object) -> Self:
        """Return the same error with more metadata."""
        return type(self)(self.reason, self.message, self.problems, **{**self.metadata, **metadata})


def _restore(
    kind: type[DocumentError], reason: str, message: str, problems: tuple[Problem, ...], metadata: dict[str, str]
) -> DocumentError:
    """Rebuild the error from a pickle."""
    return kind(reason, message, problems, **metadata)


def problem(file: str, mark: Mark, path: Path, found: str, expected: str, message: str = "") -> Problem:
    """Build a problem; without a `message` it says "expected ..., found ..."."""
    text = message or f"expected {expected}, found {found}"
    return Problem(file, mark.line, mark.column, *map(_printable, (format_path(path), found, expected, text)))


def format_path(path: Path) -> str:
    """Write a path the way people read it: `schedule[0].train.agents[0].brain.name`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _SIMPLE_KEY.match(step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step, ensure_ascii=False)}]"
    return text


def describe(value: object) -> str:
    """Name a value of a document in words: "the text 'two'", "a list of 3", "nothing"."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text {_short(value)!r}"
        case list() | tuple():
            return f"a list of {len(value)}"
        case dict():
            return f"a mapping with {_short(', '.join(map(str, value)))}" if value else "an empty mapping"
        case _:
            return _short(repr(value))


def closest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known word most like `word`, or None when nothing is alike."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    found = difflib.get_close_matches(word.lower(), list(by_lower), n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return "; did you mean X?" or nothing, to be put behind a message."""
    found = closest(word, known, cutoff)
    return f"; did you mean {found!r}?" if found else ""


def one_of(words: Iterable[str]) -> str:
    """Return the words as a choice: "train or test"; "nothing" for none."""
    every = list(words)
    if len(every) < 2:
        return every[0] if every else "nothing"
    return f"{', '.join(every[:-1])} or {every[-1]}"


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return each problem once, by line and column; what is written once and used often is one mistake."""
    seen: dict[tuple[int, int, str, str], Problem] = {}
    for each in problems:
        absent = _PHASE.sub("", each.path) if each.found == NOTHING else ""
        seen.setdefault((each.line, each.column, absent, each.found), each)
    return tuple(sorted(seen.values(), key=lambda each: (each.line, each.column)))


def _printable(text: str) -> str:
    """Escape what would break the line or reach the terminal as a command."""
    return text if text.isprintable() else "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def _short(text: str, limit: int = 80) -> str:
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
