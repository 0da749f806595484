"""Writes the files of a scaffold from the templates in `sparring/scaffolds`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sparring
from sparring.types.errors import FailedPreconditionError

TEMPLATE: Final = ".template"
_FOLDER: Final = Path(sparring.__file__).parent / "scaffolds"
_CONTRACT: Final = ("space", "environment")
"""Areas of the protos that an environment is served by."""


@dataclass(frozen=True, slots=True)
class Language:
    """What differs between the languages, besides their files.

    Attributes:
        port: Of the server, in documents and texts; 0 where nothing stands at a port.
        steps: Commands to type next, in the new folder.
    """

    port: int
    steps: tuple[str, ...]


LANGUAGES: Final = {
    "python": Language(0, ("sparring run experiment.yml",)),
    "cpp": Language(50061, ("make", "build/{name} --port 50061 &", "sparring run experiment.yml")),
    "node": Language(50062, ("npm install", "node main.js --port 50062 &", "sparring run experiment.yml")),
    "java": Language(50063, ("make", "build/run --port 50063 &", "sparring run experiment.yml")),
}


def reserved() -> frozenset[str]:
    """Return the names that mean something else: words of the languages, and what scaffolds use already."""
    return frozenset((_FOLDER / "reserved.txt").read_text(encoding="utf-8").split())


def write_environment(folder: Path, language: str) -> list[str]:
    """Write a scaffold.

    Args:
        folder: New; its name is the environment's: small letters, digits, hyphens.
        language: One of `LANGUAGES`.

    Returns:
        The commands to type next.

    Raises:
        FailedPreconditionError: INSTALLATION_INCOMPLETE, the templates are not there.
    """
    chosen, name = LANGUAGES[language], folder.name
    module = name.replace("-", "_")
    kind = "".join(part.capitalize() for part in name.split("-"))
    source = f"address: 127.0.0.1:{chosen.port}" if chosen.port else f"name: {module}:{kind}"
    words = {"name": name, "module": module, "class": kind, "port": str(chosen.port), "source": source}
    pieces = [(path, path.relative_to(_FOLDER / language)) for path in _files(_FOLDER / language)]
    if language != "python":
        areas = (_FOLDER / "protos" / "sparring" / "api" / area for area in _CONTRACT)
        pieces += [(path, path.relative_to(_FOLDER)) for area in areas for path in _files(area)]
    if not any(path.suffix == ".proto" for path, _ in pieces) and language != "python":
        raise _incomplete()
    for path, place in pieces:
        target = folder / str(place).replace("__module__", module).replace("__class__", kind).removesuffix(TEMPLATE)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == TEMPLATE:
            target.write_text(_filled(path.read_text(encoding="utf-8"), words), encoding="utf-8")
        else:
            shutil.copyfile(path, target)
    return [f"cd {folder}", *(step.format(name=name) for step in chosen.steps)]


def _filled(text: str, words: dict[str, str]) -> str:
    for key, word in words.items():
        text = text.replace("{{" + key + "}}", word)
    return text


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder, those behind links too: in a checkout what examples share is linked."""
    if not folder.is_dir():
        raise _incomplete()
    for place, _, names in os.walk(folder, followlinks=True):
        yield from (Path(place) / name for name in sorted(names))


def _incomplete() -> FailedPreconditionError:
    return FailedPreconditionError(
        "INSTALLATION_INCOMPLETE",
        f"This installation of Sparring has no templates in {_FOLDER}; install the wheel, or a whole checkout.",
        folder=_FOLDER,
    )
