"""Where a picture goes, and how it gets there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sparring.types.errors import FailedPreconditionError

FOLDER: Final = "plots"


def usual_place(run: str, store: str, connect: str) -> Path:
    """Return the file of a run's picture: in the store's folder if there is one here, else in this folder.

    Not among the run's own files: tools read those as one data set.
    """
    if connect or "://" in store:
        return Path(f"{run}.png")
    return Path(store) / FOLDER / f"{run}.png"


def write(file: Path, content: bytes) -> None:
    """Write a file, and make its folder.

    Raises:
        FailedPreconditionError: OUTPUT_NOT_WRITABLE.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError as error:
        raise not_writable(file, error) from error


def not_writable(file: Path, error: OSError) -> FailedPreconditionError:
    """Return the error that a file or a folder cannot be written."""
    text = f"{file} cannot be written: {error.strerror or error}."
    return FailedPreconditionError("OUTPUT_NOT_WRITABLE", text, file=str(file))
