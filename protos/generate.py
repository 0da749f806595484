"""Generate the Python code of every .proto file into the source tree, or show how the tree differs from them.

Runs with the environment of protos/requirements.txt: `make protos` and `make check` set it up.
"""

import argparse
import difflib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROTOS = Path(__file__).resolve().parent
SERVICES = PROTOS.parent / "services"
PACKAGE = Path("sparring") / "api"
PACKAGE_DOCSTRING = '"""Generated from the .proto files by `make protos`; never edited by hand."""\n'


def generate(target: Path) -> None:
    """Write the code of all .proto files under `target`, with one `__init__.py` per package."""
    sources = sorted(path for path in (PROTOS / PACKAGE).rglob("*.proto"))
    if not sources:
        raise SystemExit(f"no .proto files below {PROTOS / PACKAGE}")
    with_services = [path for path in sources if re.search(r"^service\s", path.read_text(), re.MULTILINE)]
    _protoc(sources, f"--python_out={target}", f"--pyi_out={target}")
    if with_services:
        _protoc(with_services, f"--grpc_python_out={target}", f"--mypy_grpc_out={target}")
    packages = {parent for path in (target / PACKAGE).rglob("*.py") for parent in path.relative_to(target).parents}
    for package in packages:
        if package.is_relative_to(PACKAGE):
            (target / package / "__init__.py").write_text(PACKAGE_DOCSTRING)


def _protoc(sources: list[Path], *outputs: str) -> None:
    # protoc finds its plugins (protoc-gen-mypy_grpc) beside the interpreter that runs it.
    plugin = Path(sys.executable).parent / "protoc-gen-mypy_grpc"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"--plugin={plugin}", f"--proto_path={PROTOS}", *outputs]
    names = [str(path.relative_to(PROTOS)) for path in sources]
    finished = subprocess.run([*command, *names], cwd=PROTOS, capture_output=True, text=True, check=False, timeout=120)
    said = [line for line in finished.stderr.splitlines() if not line.startswith("Writing mypy")]
    if said:
        print(*said, sep="\n", file=sys.stderr)
    if finished.returncode:
        raise SystemExit(finished.returncode)


def read(root: Path) -> dict[Path, str]:
    """Return the text of every generated file below `root`, by its path relative to `root`."""
    files = sorted((root / PACKAGE).rglob("*.py*"))
    return {path.relative_to(root): path.read_text() for path in files if path.suffix in {".py", ".pyi"}}


def differences(committed: dict[Path, str], generated: dict[Path, str]) -> list[str]:
    """Return a unified diff from what is committed to what the .proto files give now, one line per element."""
    lines: list[str] = []
    for path in sorted(committed.keys() | generated.keys()):
        before, after = committed.get(path, "").splitlines(), generated.get(path, "").splitlines()
        lines += difflib.unified_diff(before, after, f"committed/{path}", f"generated/{path}", n=1, lineterm="")
    return lines


def install(committed: dict[Path, str], generated: dict[Path, str]) -> None:
    """Write what changed into the source tree and remove what no .proto file gives any more."""
    for path, text in generated.items():
        if committed.get(path) != text:
            (SERVICES / path).parent.mkdir(parents=True, exist_ok=True)
            (SERVICES / path).write_text(text)
    for path in committed.keys() - generated.keys():
        (SERVICES / path).unlink()
    for package in sorted((SERVICES / PACKAGE).rglob("*"), reverse=True):
        if package.is_dir() and not any(path.suffix in {".py", ".pyi"} for path in package.rglob("*")):
            shutil.rmtree(package)


def main() -> int:
    """Generate; with --check change nothing and return 1 if the tree is not what the .proto files give."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare, and fail on a difference")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        committed, generated = read(SERVICES), read(Path(folder))
    if not check:
        install(committed, generated)
        return 0
    lines = differences(committed, generated)
    if lines:
        print(*(line[:200] for line in lines[:60]), sep="\n")
        print("The generated code is not what the .proto files give: run `make protos` and commit the result.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
