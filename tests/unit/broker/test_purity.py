"""The rules stay pure: no wire, no event loop, no clock."""

import ast
from pathlib import Path

import pytest

import sparring.broker.majordomo

FILES = sorted(Path(next(iter(sparring.broker.majordomo.__path__))).glob("*.py"))
STANDARD = {"bisect", "collections", "dataclasses", "enum", "heapq", "math", "re", "typing", "__future__"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_rules_import_nothing_that_waits_or_knows_the_time(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            ours = name.startswith("sparring.broker.majordomo.") or name == "sparring.types.errors"
            assert ours or name.split(".")[0] in STANDARD, f"{path.name} imports {name}"


@pytest.mark.obligation(1)
def test_the_rules_know_clients_and_workers_by_numbers_alone() -> None:
    assert FILES
    for path in FILES:
        assert "peer()" not in path.read_text(), "replies are routed by request id, never by the peer's address"
