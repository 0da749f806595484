"""Every reason that an error can have is a name, and has a page once there are pages."""

import ast
import re
from pathlib import Path

from sparring.types import errors
from tests.support.repository import ROOT, SERVICES, below, is_generated, short

PAGES = ROOT / "docs" / "errors"
REASON = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
CLASSES = {
    name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, errors.SparringError)
}


def reasons(path: Path) -> list[str]:
    """Return the literal reasons given to the errors of our tree in this file."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
        first = node.args[0]
        if name in CLASSES and isinstance(first, ast.Constant) and isinstance(first.value, str):
            found.append(first.value)
    return found


def all_reasons() -> dict[str, str]:
    sources = [path for path in below(SERVICES, ".py") if not is_generated(path)]
    return {reason: short(path) for path in sources for reason in reasons(path)}


def test_every_reason_is_written_in_upper_snake_case() -> None:
    found = all_reasons()
    assert found
    assert {reason: path for reason, path in found.items() if not REASON.fullmatch(reason)} == {}


def test_every_reason_has_a_page_once_there_are_pages() -> None:
    if PAGES.is_dir():
        pages = {path.stem for path in PAGES.glob("*.md")}
        assert {reason: path for reason, path in all_reasons().items() if reason not in pages} == {}
