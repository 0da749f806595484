"""Who writes an environment or an agent loads numpy and gymnasium, and nothing of the wire."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.repository import SERVICES, below, is_generated, short

HEAVY = ("grpc", "google.protobuf", "pydantic", "pydantic_settings", "sqlalchemy", "sparring.api")
# What may stand at the top of a module that authors load, among our own packages.
AUTHOR_PACKAGES = ("environment", "agent")
SERVER_MODULES = ("server", "__main__.py")


@pytest.mark.parametrize(
    "statement",
    [
        "from sparring.environment import Environment",
        "from sparring.agent import Brain, Muscle, Objective",
        "import sparring.types",
    ],
)
def test_what_authors_import_loads_nothing_of_the_wire(statement: str) -> None:
    program = f"import sys\n{statement}\nprint(*(name for name in {HEAVY!r} if name in sys.modules))"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == []


@pytest.mark.parametrize("package", AUTHOR_PACKAGES)
def test_author_facing_modules_import_only_types_of_ours(package: str) -> None:
    folder = SERVICES / package
    modules = [path for path in below(folder, ".py") if path.relative_to(folder).parts[0] not in SERVER_MODULES]
    assert modules
    allowed = ("sparring.types", f"sparring.{package}")
    wrong = [
        f"{short(path)}: {name}"
        for path in modules
        for name in imported_at_the_top(path)
        if is_within(name, ("sparring", *HEAVY))
        and (not is_within(name, allowed) or is_within(name, (f"sparring.{package}.server",)))
    ]
    assert wrong == []


def test_the_private_layer_of_grpc_has_one_owner() -> None:
    users = {
        path.relative_to(SERVICES).parts[0]
        for path in below(SERVICES, ".py")
        if "grpc._cython" in path.read_text() and not is_generated(path)
    }
    assert users <= {"rpc"}


def imported_at_the_top(path: Path) -> Iterator[str]:
    """Yield the full names that the module's own statements import; lazy imports inside functions are left out."""
    for statement in ast.parse(path.read_text()).body:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            yield from (f"{statement.module}.{alias.name}" for alias in statement.names)


def is_within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)
