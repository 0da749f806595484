"""Unknown keys: each is reported with the nearest known one, then read as if it had been written rightly.

Reading on with the right key keeps one slip of the pen one problem, and still finds what is wrong below it.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from sparring.experiment.problems import Problem, closest, one_of, problem
from sparring.experiment.tree import Entry, MappingNode, Node, Path, SequenceNode


@dataclass
class Speller:
    """Corrects the keys of one document's tree; `problems` collects what it found."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def correct(self, node: Node, annotation: object, path: Path = ()) -> Node:
        """Return the tree with known keys only, as the models below `annotation` know them."""
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is typing.Annotated:
            return self.correct(node, arguments[0], path)
        if origin in (typing.Union, types.UnionType):
            for each in arguments:
                node = self.correct(node, each, path)
            return node
        if origin is tuple and isinstance(node, SequenceNode):
            below = (self.correct(item, arguments[0], (*path, index)) for index, item in enumerate(node.items))
            return SequenceNode(tuple(below), node.mark)
        if not isinstance(node, MappingNode):
            return node
        if origin is dict and len(node.entries) == 1:
            below_names = {
                name: Entry(entry.mark, self.correct(entry.node, arguments[1], (*path, name)))
                for name, entry in node.entries.items()
            }
            return MappingNode(below_names, node.mark)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return self._keys(node, annotation, path)
        return node

    def _keys(self, node: MappingNode, model: type[BaseModel], path: Path) -> MappingNode:
        known = model.model_fields
        entries: dict[str, Entry] = {}
        for name, entry in node.entries.items():
            right = name if name in known else self._unknown(name, entry, node.entries, model, path)
            if right is not None and right not in entries:
                below = self.correct(entry.node, known[right].annotation, (*path, right))
                entries[right] = Entry(entry.mark, below)
        return MappingNode(entries, node.mark)

    def _unknown(
        self, name: str, entry: Entry, siblings: Mapping[str, Entry], model: type[BaseModel], path: Path
    ) -> str | None:
        """Report an unknown key; return the key that it stands for, if that is plain to see and not given as well."""
        known = list(model.model_fields)
        free = [each for each in known if each not in siblings]
        belongs = _section_of(name, model)
        right = None if belongs else closest(name, free)
        given = None if belongs or right else closest(name, [each for each in known if each in siblings], 0.8)
        hint = f"known here: {', '.join(known)}"
        if belongs:
            hint = f"it belongs below {belongs!r}"
        elif right:
            hint = f"did you mean {right!r}?"
        elif given:
            hint = f"did you mean {given!r}, which is given in line {siblings[given].mark.line}?"
        message = f"unknown key {name!r}; {hint}"
        expected = one_of([right] if right else known)
        self.problems.append(problem(self.file, entry.mark, (*path, name), f"the key {name!r}", expected, message))
        return right


def _section_of(name: str, model: type[BaseModel]) -> str | None:
    """Return the key of `model` below which `name` would be known: `phase_config` for `episodes`."""
    for section, info in model.model_fields.items():
        below = info.annotation
        if isinstance(below, type) and issubclass(below, BaseModel) and name in below.model_fields:
            return section
    return None
