"""YAML text to a tree that knows its lines; what is malformed becomes problems, never a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sparring.experiment.problems import Problem, describe, problem
from sparring.experiment.tree import Entry, MappingNode, Mark, Node, Path, ScalarNode, SequenceNode

if TYPE_CHECKING:
    from ruamel.yaml import YAML
    from ruamel.yaml import nodes as yaml_nodes

MAX_DEPTH = 64
MAX_NODES = 200_000
_TAG = "tag:yaml.org,2002:"
_START = Mark(1, 1)


def parse_yaml(text: str, file: str) -> tuple[Node | None, list[Problem]]:
    """Read one YAML document.

    Args:
        text: the document; YAML 1.2 unless it says otherwise. Aliases and merge keys (`<<`) are followed.
        file: its name, for the problems.

    Returns:
        The tree (None when there is none to speak of) and what is wrong with the text. Aliases share their nodes; a
        tree written out in full has at most `MAX_NODES` nodes and `MAX_DEPTH` levels.
    """
    # Lazy: reading documents is not what most processes that import this package do.
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = MAX_DEPTH
    yaml.composer.warn_double_anchors = False
    try:
        root = yaml.compose(text.removeprefix("\ufeff"))
    except MarkedYAMLError as error:
        return None, [_malformed(error, file)]
    except (YAMLError, ValueError) as error:
        message = f"not readable as YAML: {str(error).splitlines()[0]}"
        return None, [problem(file, _START, (), "unreadable text", "YAML", message)]
    if root is None:
        return None, [problem(file, _START, (), "an empty document", "a mapping with uid, seed, schedule")]
    builder = _Builder(yaml, file)
    tree = builder.build(root, ())
    return tree, builder.problems


def _malformed(error: Any, file: str) -> Problem:
    """Put a parser's error into one line."""
    mark = error.problem_mark or error.context_mark
    place = _place(mark) if mark is not None else _START
    what = str(error.problem or error.context or error).splitlines()[0]
    if "maximum depth" in what:
        what = f"nested more than {MAX_DEPTH} levels deep"
    if "'\\t'" in what:
        what += " (a tab; YAML is indented with spaces)"
    elif "mapping values are not allowed" in what:
        what += " (is the line above indented rightly, or does a text with ': ' lack quotes?)"
    elif "single document" in str(error.context):
        what = "a second document begins here; a file holds one"
    message = f"not valid YAML: {what} (column {place.column})"
    return problem(file, place, (), what, "valid YAML", message)


def _place(mark: Any) -> Mark:
    return Mark(mark.line + 1, mark.column + 1)


class _Builder:
    """Turns composed YAML nodes into a tree, noting what cannot be part of a document."""

    def __init__(self, yaml: YAML, file: str) -> None:
        self.problems: list[Problem] = []
        self._constructor: Any = yaml.constructor
        self._file = file
        self._done: dict[int, tuple[Node, int]] = {}
        self._open: set[int] = set()
        self._total = 0

    def build(self, node: yaml_nodes.Node, path: Path) -> Node:
        """Return the tree below `node`."""
        return self._sized(node, path)[0]

    def _sized(self, node: yaml_nodes.Node, path: Path) -> tuple[Node, int]:
        """Return the tree and how many nodes it has when its aliases are written out."""
        mark = _place(node.start_mark)
        identity = id(node)
        if identity in self._done:
            return self._done[identity]
        if identity in self._open:
            self._report(mark, path, "an alias to itself", "a value that ends")
            return ScalarNode(None, mark), 1
        self._open.add(identity)
        built, size = self._new(node, mark, path)
        self._open.discard(identity)
        if size > MAX_NODES:
            self._report(mark, path, f"more than {MAX_NODES} values", "a document of human size")
            built, size = ScalarNode(None, mark), 1
        self._done[identity] = built, size
        return built, size

    def _new(self, node: Any, mark: Mark, path: Path) -> tuple[Node, int]:
        tag = str(node.tag)
        match node.id:
            case "mapping" if tag == f"{_TAG}map":
                entries, size = self._entries(node, path)
                return MappingNode(entries, mark), size
            case "sequence" if tag == f"{_TAG}seq":
                below = [self._sized(item, (*path, index)) for index, item in enumerate(node.value)]
                return SequenceNode(tuple(item for item, _ in below), mark), 1 + sum(size for _, size in below)
            case "scalar":
                return ScalarNode(self._scalar(node, tag, mark, path), mark), 1
        self._tag(tag, mark, path)
        return ScalarNode(None, mark), 1

    def _scalar(self, node: Any, tag: str, mark: Mark, path: Path) -> bool | int | float | str | None:
        match tag.removeprefix(_TAG):
            case "str" | "timestamp" | "value":
                return str(node.value)
            case "null":
                return None
            case "bool" | "int" | "float":
                try:
                    value: bool | int | float = self._constructor.construct_object(node)
                except (ValueError, KeyError, ArithmeticError):
                    self._report(mark, path, describe(str(node.value)), "a number")
                    return None
                return value
        self._tag(tag, mark, path)
        return None

    def _entries(self, node: Any, path: Path) -> tuple[dict[str, Entry], int]:
        own: dict[str, Entry] = {}
        merged: list[tuple[dict[str, Entry], int]] = []
        size = 1
        for key_node, value_node in node.value:
            mark = _place(key_node.start_mark)
            if str(key_node.tag) == f"{_TAG}merge":
                merged.extend(self._merge(value_node, path))
                continue
            key = self._key(key_node, mark, path)
            if key is None:
                continue
            if key in own:
                first = own[key].mark.line
                message = f"{key!r} is given twice in the same mapping, first in line {first}; keep one"
                self.problems.append(
                    problem(self._file, mark, (*path, key), f"{key!r} twice", f"{key!r} once", message)
                )
                continue
            below, below_size = self._sized(value_node, (*path, key))
            own[key] = Entry(mark, below)
            size += below_size
        result: dict[str, Entry] = {}
        for entries, merged_size in reversed(merged):
            result.update(entries)
            size += merged_size
        return result | own, size

    def _merge(self, node: Any, path: Path) -> list[tuple[dict[str, Entry], int]]:
        """Follow a `<<` key: a mapping, or a list of mappings of which the first wins."""
        found = []
        for each in node.value if node.id == "sequence" else [node]:
            built, size = self._sized(each, (*path, "<<"))
            if isinstance(built, MappingNode):
                found.append((dict(built.entries), size))
            else:
                self._report(built.mark, (*path, "<<"), "something else", "a mapping or a list of mappings")
        return found

    def _key(self, node: Any, mark: Mark, path: Path) -> str | None:
        if node.id != "scalar":
            self._report(mark, path, "a list or mapping as a key", "text as a key")
            return None
        key = str(node.value)
        if str(node.tag) != f"{_TAG}str":
            kind = str(node.tag).removeprefix(_TAG)
            message = f'the key {key} is not text but {kind}; put it in quotes: "{key}"'
            self.problems.append(problem(self._file, mark, (*path, key), kind, "text as a key", message))
        return key

    def _tag(self, tag: str, mark: Mark, path: Path) -> None:
        self._report(mark, path, f"the tag {tag.replace(_TAG, '!!')}", "a plain value, list or mapping")

    def _report(self, mark: Mark, path: Path, found: str, expected: str) -> None:
        self.problems.append(problem(self._file, mark, path, found, expected))
