"""A tree to typed models: every value of a wrong type becomes a problem, and what is left is validated all the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from sparring.experiment.places import Places
from sparring.experiment.problems import Problem, describe, did_you_mean, one_of
from sparring.experiment.schema.base import EXPECTED
from sparring.experiment.schema.document import DocumentSchema
from sparring.experiment.tree import Entry, MappingNode, Node, Path, child, find, node_of, plain, replace

_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a number that is neither infinite nor nan",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_LIMITS = {
    "greater_than_equal": ("a number of at least", "ge"),
    "greater_than": ("a number above", "gt"),
    "less_than_equal": ("a number of at most", "le"),
    "less_than": ("a number below", "lt"),
}
_PHASE_DEPTH = 3
_ATTEMPTS = 100
UNKNOWN = "(unknown)"
_SOURCE = {"name": "unknown:Unknown"}
# What stands for a required key that is missing or unusable, so that everything beside it is checked all the same.
_STAND_INS: dict[tuple[str, str], Any] = {
    ("environments", "environment"): {**_SOURCE, "uid": UNKNOWN},
    ("environment", "uid"): UNKNOWN,
    ("agents", "name"): UNKNOWN,
    ("agents", "brain"): _SOURCE,
    ("agents", "muscle"): _SOURCE,
}


@dataclass(frozen=True)
class Validated:
    """What came of a tree.

    Attributes:
        schema: the models, of everything that could be used; None if that is nothing.
        problems: what could not be used.
        places: where the models' values are written.
    """

    schema: DocumentSchema | None
    problems: tuple[Problem, ...]
    places: Places

    def complete(self, path: Path) -> bool:
        """Whether the list or mapping at `path` lost no item: only then may a rule say that one is missing."""
        return not any(
            gone[: len(path)] == path[: len(gone)] and len(gone) <= len(path) + 1 for gone in self.places.removed
        )


def validate(tree: Node, file: str) -> Validated:
    """Validate a document whose phases are written out in full."""
    problems: list[Problem] | None = None
    places = Places(file, tree)
    current, removed = tree, list[Path]()
    for _ in range(_ATTEMPTS):
        try:
            schema = DocumentSchema.model_validate(plain(current))
        except ValidationError as error:
            errors = error.errors(include_url=False)
            if problems is None:
                problems = [_translate(each, places) for each in errors]
            for path in _unusable(errors, current):
                smaller, gone = _without(current, path) if find(current, path) else _with_stand_in(current, path)
                if smaller is None or smaller == current:
                    return Validated(None, tuple(problems), places)
                current = smaller
                removed.append(gone)
        else:
            return Validated(schema, tuple(problems or ()), Places(file, tree, tuple(removed)))
    return Validated(None, tuple(problems or ()), places)


def _unusable(errors: list[Any], tree: Node) -> list[Path]:
    """Return what must go, deepest and last first, so that no removal moves what another names."""
    paths = {_path(error, tree) for error in errors}
    outermost = {path for path in paths if not any(path[:length] in paths for length in range(len(path)))}
    return sorted(outermost, key=lambda path: [(isinstance(step, int), step) for step in path], reverse=True)


def _without(tree: Node, path: Path) -> tuple[Node | None, Path]:
    """Take out what is at `path`. A phase is emptied instead, so that the others keep their numbers.

    Returns:
        The smaller tree (None if there is no use in going on) and the path of what was taken out.
    """
    if not path or path == ("schedule",):
        return None, path
    if path[0] == "schedule" and len(path) <= _PHASE_DEPTH:
        item = find(tree, path[:2])
        if not isinstance(item, MappingNode) or not item.entries:
            return None, path
        name, entry = next(iter(item.entries.items()))
        empty = Entry(entry.mark, MappingNode({}, entry.mark))
        return replace(tree, path[:2], MappingNode({name: empty}, item.mark)), (*path[:2], name)
    return replace(tree, path, None), path


def _with_stand_in(tree: Node, path: Path) -> tuple[Node | None, Path]:
    """Put something in place of a required key that is missing."""
    above = next((step for step in reversed(path[:-1]) if isinstance(step, str)), "")
    node = find(tree, path[:-1])
    if not isinstance(node, MappingNode) or len(path) <= _PHASE_DEPTH:
        return None, path
    value = _STAND_INS.get((above, str(path[-1])), _SOURCE["name"])
    entries = {**node.entries, str(path[-1]): Entry(node.mark, node_of(value, node.mark))}
    return replace(tree, path[:-1], MappingNode(entries, node.mark)), path


def _path(error: Any, tree: Node) -> Path:
    """Return where an error is; steps that pydantic adds for itself (a union's member, "[key]") are left out."""
    path: list[str | int] = []
    node: Node | None = tree
    for step in error["loc"]:
        below = child(node, step)
        if below is not None:
            path.append(step)
            node = below
    if error["type"] == "missing":
        path.append(error["loc"][-1])
    return tuple(path)


def _translate(error: Any, places: Places) -> Problem:
    """Say a pydantic error in the words of this document."""
    kind, path, value = error["type"], _path(error, places.root), error["input"]
    context = error.get("ctx", {})
    if kind == "missing":
        message = f"the key {path[-1]!r} is missing"
        return places.problem(path, "nothing", f"the key {path[-1]!r}", message)
    found = describe(value)
    if kind == EXPECTED:
        return places.problem(path, found, context["expected"], context["sentence"])
    if kind == "literal_error":
        words = [word.strip("'") for word in context["expected"].replace(" or ", ", ").split(", ")]
        hint = did_you_mean(value, words) if isinstance(value, str) else ""
        return places.problem(path, found, one_of(words), f"expected {one_of(words)}, found {found}{hint}")
    if kind in _LIMITS:
        words_of, name = _LIMITS[kind]
        return places.problem(path, found, f"{words_of} {context[name]}")
    expected = _KINDS.get(kind, error["msg"])
    return places.problem(path, found, expected, f"expected {expected}, found {found}{_hint(kind, value)}")


def _hint(kind: str, value: Any) -> str:
    if kind == "string_type" and isinstance(value, int | float) and not isinstance(value, bool):
        return "; put it in quotes"
    if kind == "int_type" and isinstance(value, str) and value.strip().lstrip("+-").isdigit():
        return f"; without quotes: {value.strip()}"
    if kind == "tuple_type" and isinstance(value, str):
        return f"; for a list of one write [{value}]"
    if kind == "model_type" and isinstance(value, str) and ":" in value:
        return f"; write {{name: {value!r}}}"
    return ""
