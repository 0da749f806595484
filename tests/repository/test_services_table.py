"""services/README.md is true: it names the services there are, and each lives on what the table lets it import."""

import re
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.support.repository import PROTOS, ROOT, SERVICES, below

# Only the store's image holds these.
STORE_LIBRARIES = ("sqlalchemy", "alembic", "pyarrow", "duckdb")

IMPORT_EVERYTHING = """
import importlib, importlib.abc, pkgutil, sys

service, refused = sys.argv[1], set(sys.argv[2:])

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        for one in refused:
            if name == one or name.startswith(one + "."):
                raise ModuleNotFoundError(f"{name} is not among what this service may import", name=name)

sys.meta_path.insert(0, Refuse())
package = importlib.import_module(f"sparring.{service}")
for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if not found.name.endswith(".__main__"):
        importlib.import_module(found.name)
"""


@dataclass(frozen=True)
class Row:
    """One service, as the table has it."""

    name: str
    protos: tuple[str, ...]
    command: str
    image: str
    imports: tuple[str, ...]

    @property
    def planned(self) -> bool:
        return self.image == "planned"


def quoted(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


def rows() -> list[Row]:
    lines = (ROOT / "services" / "README.md").read_text().splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return [
        Row(quoted(name)[0], quoted(protos), quoted(command)[0], image.strip("`"), quoted(imports))
        for name, protos, command, image, imports in (cells_of for cells_of in cells if len(cells_of) == 5)
    ]


ROWS = rows()
READY = [row for row in ROWS if not row.planned]


def test_the_table_has_every_area_of_the_protocol_that_serves_something() -> None:
    serving = {
        path.relative_to(PROTOS).parts[0]
        for path in below(PROTOS, ".proto")
        if re.search(r"^service ", path.read_text(), re.MULTILINE) and "thirdparty" not in path.parts
    }
    assert {row.name for row in ROWS} == serving | {"dashboard"}


def test_a_planned_service_has_no_package_yet_and_every_other_has_one() -> None:
    assert {row.name: (SERVICES / row.name).is_dir() for row in ROWS} == {row.name: not row.planned for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_protos_of_a_service_exist_and_its_command_has_its_name(row: Row) -> None:
    assert row.command == f"sparring serve {row.name}"
    assert [path for path in row.protos if not (ROOT / "protos" / path).is_file()] == []


@pytest.mark.parametrize("row", READY, ids=lambda row: row.name)
def test_a_service_needs_only_what_the_table_lets_it_import(row: Row) -> None:
    packages = {path.name for path in SERVICES.iterdir() if (path / "__init__.py").is_file()}
    assert set(row.imports) <= packages
    refused = [f"sparring.{name}" for name in sorted(packages - set(row.imports) - {row.name})]
    if row.image != "store":
        refused += STORE_LIBRARIES
    command = [sys.executable, "-c", IMPORT_EVERYTHING, row.name, *refused]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
