"""The tutorial works: its files are written, its commands run in order, and they print what its pages show."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial"
PAGES = ("first-run.md", "own-environment.md", "own-agent.md")
LIMIT_S = 120
_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (\S+\.\w+)\n")
_NUMBER = re.compile(r"-?\d+[.,][\d.,]*\d")


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in _FENCED.findall(page.read_text())]


def pattern(line: str) -> re.Pattern[str]:
    """Return what a shown line stands for.

    White space of any width; anything in place of `...`; any number in place of one with a point or a comma.
    """
    words = (
        r"-?[\d.,]+" if _NUMBER.fullmatch(word) else re.escape(word).replace(r"\.\.\.", ".*") for word in line.split()
    )
    return re.compile(r"\s*".join(words))


def run(script: str, folder: Path) -> str:
    """Run a block as people type it, outside of a terminal; return all that it printed."""
    tools = folder / ".tools"
    tools.mkdir(exist_ok=True)
    tool = tools / "sparring"
    # -P: as with the installed command, the current folder is nowhere on the path.
    tool.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m sparring "$@"\n')
    tool.chmod(0o755)
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("SPARRING_", "PYTHONPATH"))}
    variables |= {"PATH": f"{tools}{os.pathsep}{variables['PATH']}", "NO_COLOR": "1", "COLUMNS": "160"}
    strict = "" if "$?" in script else "set -e\n"
    done = subprocess.run(
        ["bash", "-c", strict + script],
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, script + done.stdout
    return done.stdout


def follow(page: Path, folder: Path) -> None:
    """Do what a page says, from its first line to its last, in a folder."""
    printed = ""
    for block in blocks(page):
        if block.language == "bash":
            printed = run(block.text, folder)
        elif block.language == "text":
            for line in block.text.splitlines():
                assert pattern(line).search(printed), f"{page.name}: {line!r} is not in:\n{printed}"
        else:
            named = _FILE.match(block.text)
            assert named is not None, block.text
            (folder / named[1]).write_text(block.text)


def test_the_tutorial_can_be_followed_from_an_empty_folder_page_by_page(tmp_path: Path) -> None:
    for page in PAGES:
        follow(TUTORIAL / page, tmp_path)


def test_every_page_of_the_tutorial_is_followed() -> None:
    assert {page.name for page in TUTORIAL.iterdir()} == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_files_to_write_commands_to_run_and_what_they_print(page: str) -> None:
    languages = {block.language for block in blocks(TUTORIAL / page)}
    assert {"yaml", "bash", "text"} <= languages <= {"yaml", "python", "bash", "text"}
