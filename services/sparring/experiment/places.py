"""Where in the file a value of the validated document was written."""

from __future__ import annotations

from dataclasses import dataclass

from sparring.experiment.problems import Problem, problem
from sparring.experiment.tree import Node, Path, Plain, find, mark_of, plain


@dataclass(frozen=True)
class Places:
    """Finds values in the document's tree, phases written out in full.

    Attributes:
        file: name of the document, for problems.
        root: the whole tree, as it was before anything unusable was taken out.
        removed: what was taken out, in this order; list indices are given as they were at that moment.
    """

    file: str
    root: Node
    removed: tuple[Path, ...] = ()

    def problem(self, path: Path, found: str, expected: str, message: str = "", *, key: bool = False) -> Problem:
        """Build a problem about the value at `path`, or its key; what is not written is shown where it belongs."""
        original = self.original(path)
        mark = mark_of(self.root, original, key=key)
        return problem(self.file, mark, original, found, expected, message)

    def line(self, path: Path) -> int:
        """Return the line of the value at `path`."""
        return mark_of(self.root, self.original(path)).line

    def written(self, path: Path) -> bool:
        """Whether the document (or a phase before) says anything at `path`."""
        return find(self.root, self.original(path)) is not None

    def value(self, path: Path) -> Plain:
        """Return what the document says at `path`; None if nothing."""
        node = find(self.root, self.original(path))
        return None if node is None else plain(node)

    def original(self, path: Path) -> Path:
        """Return the path that the value has in the file: list items that were taken out count there."""
        steps = list(path)
        for gone in reversed(self.removed):
            last, depth = gone[-1], len(gone) - 1
            if isinstance(last, int) and len(steps) > depth and tuple(steps[:depth]) == gone[:-1]:
                here = steps[depth]
                if isinstance(here, int) and here >= last:
                    steps[depth] = here + 1
        return tuple(steps)
