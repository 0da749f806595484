"""docs/how-to/environment-in-cpp.md works: from an empty folder to an environment in C++ that trains."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from tests.e2e.languages.building import require
from tests.e2e.services import free_port
from tests.e2e.test_tutorial import blocks, pattern
from tests.support.repository import ROOT

PAGE = ROOT / "docs" / "how-to" / "environment-in-cpp.md"
PORT = "50061"
MOST_COMMANDS = 9
LIMIT_S = 400


def tools(folder: Path) -> Path:
    """Make the commands that the page takes for granted: Sparring, and packages that are here already."""
    made = folder / "tools"
    made.mkdir()
    # -P: as with the installed command, the current folder is nowhere on the path.
    sparring = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m sparring "$@"\n'
    installed = '#!/bin/sh\n[ "$1 $2" = "install -y" ] && shift 2 && dpkg -s "$@" >/dev/null\n'
    for name, script in (("sparring", sparring), ("apt-get", installed)):
        (made / name).write_text(script)
        (made / name).chmod(0o755)
    return made


def test_the_page_leads_from_an_empty_folder_to_an_environment_that_trains(folder: Path) -> None:
    require("cpp")
    page = blocks(PAGE)
    commands = [line for block in page if block.language == "bash" for line in block.text.splitlines()]
    assert 0 < len(commands) <= MOST_COMMANDS
    # The page's port may be taken here: another one, in the document too, once that is written.
    port = str(free_port())
    elsewhere = f"sed -i s/{PORT}/{port}/ cosy-room/experiment.yml"
    script = []
    for line in commands:
        script.append(line.replace(PORT, port))
        if line.startswith("sparring new"):
            script.append(elsewhere)
    empty = folder / "empty"
    empty.mkdir()
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("SPARRING_", "PYTHONPATH"))}
    path = f"{tools(folder)}{os.pathsep}{variables['PATH']}"
    # Quicker for a test: two compilers at a time, less optimised.
    variables |= {"PATH": path, "NO_COLOR": "1", "COLUMNS": "160", "MAKEFLAGS": "-j2", "CXXFLAGS": "-O1"}
    done = subprocess.run(
        ["bash", "-c", "set -e\ntrap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n" + "\n".join(script)],
        cwd=empty,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    for block in page:
        if block.language == "text":
            for line in block.text.splitlines():
                assert pattern(line).search(done.stdout), f"{line!r} is not in:\n{done.stdout}"
