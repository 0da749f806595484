"""What a document says and where: a tree of plain values that know their line and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Step: TypeAlias = str | int
Path: TypeAlias = tuple[Step, ...]
Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text; both numbers count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A single value."""

    value: bool | int | float | str | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """A list."""

    items: tuple[Node, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping with its value; `mark` is the key's place."""

    mark: Mark
    node: Node


@dataclass(frozen=True, slots=True)
class MappingNode:
    """A mapping; its keys are text, in the order of the document."""

    entries: Mapping[str, Entry]
    mark: Mark


Node: TypeAlias = ScalarNode | SequenceNode | MappingNode


def plain(node: Node) -> Plain:
    """Return the node's value without places, as new lists and dicts."""
    match node:
        case ScalarNode(value=value):
            return value
        case SequenceNode(items=items):
            return [plain(item) for item in items]
        case MappingNode(entries=entries):
            return {key: plain(entry.node) for key, entry in entries.items()}


def node_of(value: Mapping[str, Plain] | bool | int | float | str | None, mark: Mark) -> Node:
    """Return a value as a node all of whose parts are at one place."""
    if isinstance(value, Mapping):
        entries = {key: Entry(mark, node_of(below, mark)) for key, below in value.items()}  # type: ignore[arg-type]
        return MappingNode(entries, mark)
    return ScalarNode(value, mark)


def find(root: Node, path: Path) -> Node | None:
    """Return the node at `path`, or None where the document says nothing."""
    node: Node | None = root
    for step in path:
        node = child(node, step)
        if node is None:
            return None
    return node


def child(node: Node | None, step: Step) -> Node | None:
    """Return what lies one step below `node`, or None."""
    if isinstance(node, MappingNode) and step in node.entries:
        return node.entries[str(step)].node
    if isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def mark_of(root: Node, path: Path, *, key: bool = False) -> Mark:
    """Return the place of what is at `path`, or else of the nearest thing above it that is written.

    A list item or a single value is at its own place; a mapping or list under a key is where its key is. With `key`,
    a single value too is where its key is.
    """
    node, mark = root, root.mark
    for step in path:
        below = child(node, step)
        if below is None:
            return mark
        if isinstance(node, MappingNode) and (key or not isinstance(below, ScalarNode)):
            mark = node.entries[str(step)].mark
        else:
            mark = below.mark
        node = below
    return mark


def replace(root: Node, path: Path, new: Node | None) -> Node:
    """Return the tree with `new` at `path`; None removes what is there (a list closes the gap)."""
    if not path:
        return root if new is None else new
    step, rest = path[0], path[1:]
    below = child(root, step)
    if below is None:
        return root
    inner = replace(below, rest, new) if rest else new
    if isinstance(root, MappingNode):
        entries = dict(root.entries)
        if inner is None:
            del entries[str(step)]
        else:
            entries[str(step)] = Entry(entries[str(step)].mark, inner)
        return MappingNode(entries, root.mark)
    assert isinstance(root, SequenceNode)
    assert isinstance(step, int)
    between = () if inner is None else (inner,)
    return SequenceNode(root.items[:step] + between + root.items[step + 1 :], root.mark)


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Yield every node with its path, parents first."""
    yield path, node
    if isinstance(node, MappingNode):
        for key, entry in node.entries.items():
            yield from walk(entry.node, (*path, key))
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.items):
            yield from walk(item, (*path, index))
