"""`make` is the front door for developers: it lists what it can do."""

import re
import subprocess

from tests.support.repository import ROOT


def test_make_alone_lists_every_target_with_one_line() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    ).stdout
    described = re.findall(r"^  make ([a-z-]+) +\S", listed, re.MULTILINE)
    assert {"help", "run", "test", "heavy", "check", "bench", "protos", "profile", "clean"} <= set(described)
    assert len(described) == len(listed.splitlines())
