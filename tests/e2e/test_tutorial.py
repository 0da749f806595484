"""The tutorial works: its files are written, its commands run in order, and they print what the page shows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "first-run.md"
LIMIT_S = 60
_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (\S+\.\w+)\n")


class Block(NamedTuple):
    """A fenced block of the page."""

    language: str
    text: str


def blocks() -> list[Block]:
    return [Block(*found) for found in _FENCED.findall(PAGE.read_text())]


def pattern(line: str) -> re.Pattern[str]:
    """Return what a shown line stands for: white space of any width, and anything in place of `...`."""
    words = (".*" if word == "..." else re.escape(word) for word in line.split())
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


def test_the_tutorial_can_be_followed_from_its_first_line_to_its_last(tmp_path: Path) -> None:
    printed = ""
    for block in blocks():
        if block.language == "bash":
            printed = run(block.text, tmp_path)
        elif block.language == "text":
            for line in block.text.splitlines():
                assert pattern(line).search(printed), f"{line!r} is not in:\n{printed}"
        else:
            named = _FILE.match(block.text)
            assert named is not None, block.text
            (tmp_path / named[1]).write_text(block.text)


@pytest.mark.parametrize("language", ["yaml", "python", "bash", "text"])
def test_the_tutorial_has_blocks_of_each_kind(language: str) -> None:
    assert [block for block in blocks() if block.language == language]
