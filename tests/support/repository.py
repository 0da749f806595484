"""The repository's files as tests see them: what is tracked or about to be, never what was built."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ROOT / "services" / "sparring"
PROTOS = ROOT / "protos" / "sparring" / "api"


@cache
def files() -> tuple[Path, ...]:
    """Return the files that git tracks or would add, without those deleted in the working tree."""
    # A checkout may belong to somebody else than who runs the tests.
    command = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=30).stdout
    found = tuple(ROOT / name for name in sorted(listed.split("\0")) if name and (ROOT / name).is_file())
    assert found, "git lists no file"
    return found


def below(folder: Path, *suffixes: str) -> list[Path]:
    """Return the files below `folder` with one of these suffixes."""
    return [path for path in files() if path.is_relative_to(folder) and path.suffix in suffixes]


def is_generated(path: Path) -> bool:
    """Tell whether protoc wrote the file: its length and its names are not ours."""
    return path.is_relative_to(SERVICES / "api")


def text_of(path: Path) -> str | None:
    """Return the text of the file, None for a binary one."""
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return None


def short(path: Path) -> str:
    """Return the path as people write it."""
    return str(path.relative_to(ROOT))
