"""Rules about single files: their size, their names, what must not stand in them."""

import os
import re
import shutil
import subprocess
import sys

from tests.support.repository import ROOT, SERVICES, below, files, is_generated, short, text_of

LONGEST_FILE = 400
LONGEST_README = 150
LARGEST_BYTES = 1_000_000
VAGUE = re.compile(r"(^|_)(util|utils|helper|helpers|common|misc)(_|$)")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/")
HOST = re.compile(r"https?://(?:[^@/\s'\"]*@)?([^/:\s'\"]+)")


def test_no_source_file_is_too_long_to_read() -> None:
    sources = [path for path in below(SERVICES, ".py") if not is_generated(path)]
    assert sources
    lengths = {short(path): len(path.read_text().splitlines()) for path in sources}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_the_readme_is_a_front_door_and_not_a_book() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= LONGEST_README


def test_every_name_says_what_it_holds() -> None:
    parts = {part: path for path in files() for part in path.relative_to(ROOT).parts}
    assert [short(path) for part, path in parts.items() if VAGUE.search(part.split(".")[0])] == []


def test_no_large_file_is_tracked() -> None:
    assert [short(path) for path in files() if path.stat().st_size > LARGEST_BYTES] == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = [
        f"{short(path)}:{number}: {line.strip()}"
        for path in files()
        for number, line in enumerate((text_of(path) or "").splitlines(), start=1)
        if MACHINE_PATH.search(line)
    ]
    assert found == []


def test_no_file_names_the_host_packages_were_fetched_from() -> None:
    hosts = configured_hosts()
    found = [short(path) for path in files() for host in hosts if host in (text_of(path) or "")]
    assert found == []


def test_npm_lock_files_hold_versions_and_checksums_only() -> None:
    locks = [path for path in files() if path.name == "package-lock.json"]
    assert [short(path) for path in locks if '"resolved"' in path.read_text()] == []


def test_the_changelog_has_a_place_for_the_next_change() -> None:
    assert re.search(r"^## \[?Unreleased\]?$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_what_ci_starts_is_executable() -> None:
    scripts = [path for path in below(ROOT / ".ci", "") if path.read_text().startswith("#!")]
    assert ROOT / ".ci" / "run" in scripts
    assert [short(path) for path in scripts if not os.access(path, os.X_OK)] == []


def configured_hosts() -> set[str]:
    """Return the hosts that pip and npm fetch from on this machine."""
    commands = [[sys.executable, "-m", "pip", "config", "list"]]
    if npm := shutil.which("npm"):
        commands.append([npm, "config", "get", "registry"])
    said = [
        subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60).stdout
        for command in commands
    ]
    return {host for text in said for host in HOST.findall(text) if host not in {"localhost", "127.0.0.1"}}
