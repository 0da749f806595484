"""Brain dumpers: how brains of earlier versions save and load, by files with tags."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import BinaryIO

_UNTAGGED = "brain"


class BrainDumper(ABC):
    """A place for dumps."""

    @abstractmethod
    def save(self, brain_state: BinaryIO, tag: str | None = None) -> None:
        """Keep what the file holds under a tag."""

    @abstractmethod
    def load(self, tag: str | None = None) -> BinaryIO | None:
        """Return what was kept under a tag, from its beginning; None if nothing."""

    @staticmethod
    def store_brain_dump(binary_io: BinaryIO, dumpers: Sequence[BrainDumper], tag: str | None = None) -> None:
        """Give a file, from its beginning, to all dumpers."""
        for dumper in dumpers:
            binary_io.seek(0)
            dumper.save(binary_io, tag)

    @staticmethod
    def load_brain_dump(dumpers: Sequence[BrainDumper], tag: str | None = None) -> BinaryIO | None:
        """Return what the first dumper has that has something; None if none has."""
        return next((found for dumper in dumpers if (found := dumper.load(tag)) is not None), None)


class MemoryBrainDumper(BrainDumper):
    """Keeps dumps as bytes by tag.

    Args:
        dumps: What it has to begin with.
    """

    def __init__(self, dumps: Mapping[str, bytes] | None = None) -> None:
        self.dumps = dict(dumps or {})

    def save(self, brain_state: BinaryIO, tag: str | None = None) -> None:
        """Keep it, instead of what had that tag before."""
        self.dumps[tag or _UNTAGGED] = brain_state.read()

    def load(self, tag: str | None = None) -> BinaryIO | None:
        """Return it."""
        found = self.dumps.get(tag or _UNTAGGED)
        return None if found is None else io.BytesIO(found)
