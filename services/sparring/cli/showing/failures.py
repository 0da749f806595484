"""What went wrong, for people: an error of ours in a panel, a bug in a sentence and a file."""

from __future__ import annotations

import os
import platform
import tempfile
import traceback
from datetime import datetime
from pathlib import Path

from rich.console import Group
from rich.panel import Panel
from rich.text import Text

import sparring
from sparring.cli.showing.advice import advice
from sparring.cli.showing.terminal import complaints
from sparring.types.errors import SparringError


def failure_panel(title: str, message: str, reason: str) -> Panel:
    """Return what failed, why, and what to do."""
    lines = [Text(message or "It failed and did not say why.")]
    todo = advice(reason)
    if todo:
        lines += [Text(), Text.assemble(("What to do: ", "bold"), todo)]
    return Panel(Group(*lines), title=Text(title), title_align="left", border_style="red", padding=(0, 1))


def show_error(error: SparringError) -> None:
    """Print an error of ours."""
    complaints().print(failure_panel(error.reason, error.message, error.reason))


def show_bug(error: Exception, folder: Path | None = None) -> None:
    """Print a sentence, and write the traceback to a file.

    Args:
        error: what was raised.
        folder: where the file goes; by default the usual store's folder if it is there, else that of temporary files.
    """
    text = f"Sparring has a bug: {type(error).__name__}: {error}"
    try:
        file = _write_report(error, folder or _usual_folder())
        where = f"The details are in {file}; please send that file along when you report it."
    except OSError as refused:
        where = f"The details could not be written to a file: {refused}"
    complaints().print(Text(f"{text}\n{where}", style="red"), soft_wrap=True)


def _write_report(error: Exception, folder: Path) -> Path:
    at = datetime.now().astimezone()
    file = folder / f"sparring-bug-{at:%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    head = f"sparring {sparring.__version__}, python {platform.python_version()}, {platform.platform()}, {at}\n\n"
    file.write_text(head + "".join(traceback.format_exception(error)))
    return file


def _usual_folder() -> Path:
    folder = Path("sparring-data")
    return folder if folder.is_dir() else Path(tempfile.gettempdir())
