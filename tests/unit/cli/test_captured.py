"""What is written to standard error while something is being drawn."""

import os
import subprocess
import sys

import pytest

from sparring.cli.showing.captured import captured


def test_lines_of_this_process_and_its_children_are_handed_on(capfd: pytest.CaptureFixture[str]) -> None:
    lines: list[str] = []
    with captured(lines.append) as real:
        os.write(2, b"from here\n")
        subprocess.run([sys.executable, "-c", "import sys; sys.stderr.write('from a child')"], check=True, timeout=60)
        real.write("seen by everybody\n")
    assert lines == ["from here", "from a child"]
    assert capfd.readouterr().err == "seen by everybody\n"


def test_afterwards_standard_error_is_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    with captured(lambda line: None):
        pass
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_what_is_no_text_does_no_harm(capfd: pytest.CaptureFixture[str]) -> None:
    lines: list[str] = []
    with captured(lines.append):
        os.write(2, b"\xff\n")
    assert lines == ["\ufffd"]
