"""Every reason that the code gives has a page below docs/errors, and every page is about a reason that there is."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import grpc

from sparring.types import errors
from tests.support.repository import ROOT, SERVICES, below, is_generated, short

PAGES = ROOT / "docs" / "errors"
INDEX = PAGES / "README.md"
REASON = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
LONGEST_PAGE = 20
CLASSES = {
    name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, errors.SparringError)
}
MAKERS = {*CLASSES, "cls", "kind"}
"""What is called with a reason of one word as its first argument; reasons of several words are found anywhere."""
PUT_TOGETHER = {
    "services/sparring/agent/server/describing.py": {"BRAIN_UNKNOWN", "MUSCLE_UNKNOWN"},
    "services/sparring/agent/uids.py": {
        f"{kind}_{problem}" for kind in ("SENSOR", "ACTUATOR", "REWARD") for problem in ("UNKNOWN", "AMBIGUOUS")
    },
    "services/sparring/environment/declarations.py": {"SENSOR_REPEATED", "ACTUATOR_REPEATED", "REWARD_REPEATED"},
    "services/sparring/environment/named_values.py": {
        f"{kind}_{problem}" for kind in ("SENSOR", "REWARD") for problem in ("UNKNOWN", "REPEATED")
    },
}
"""Reasons that no literal shows whole, by the file that puts them together."""
CODES = {code.name for code in grpc.StatusCode if code is not grpc.StatusCode.OK}
"""A server that sends no reason has its status code taken for one (sparring.rpc.status)."""


def literals(node: ast.AST | None) -> Iterator[str]:
    """Yield the reasons that an expression can be: a literal, or one of several."""
    match node:
        case ast.Constant(value=str(text)) if REASON.fullmatch(text) and not text.startswith("SPARRING_"):
            yield text
        case ast.BoolOp(values=each) | ast.Tuple(elts=each) | ast.Set(elts=each):
            for one in each:
                yield from literals(one)
        case ast.IfExp(body=yes, orelse=no):
            yield from literals(yes)
            yield from literals(no)


def named(node: ast.expr) -> str:
    """Return the last name of an expression like `a.b.c`, or nothing."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def given(call: ast.Call) -> Iterator[str]:
    """Yield the reasons among the arguments of a call."""
    for place, argument in enumerate(call.args):
        for text in literals(argument):
            if "_" in text or (place == 0 and named(call.func) in MAKERS):
                yield text
    for keyword in call.keywords:
        if keyword.arg == "reason":
            yield from literals(keyword.value)


def reasons(tree: ast.AST) -> Iterator[str]:
    """Yield every reason that a module gives, assigns, or looks for."""
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                yield from given(node)
            case ast.Assign(targets=[ast.Name(id="reason")]) | ast.AnnAssign(target=ast.Name(id="reason")):
                yield from literals(node.value)
            case ast.Compare(left=ast.Attribute(attr="reason"), comparators=others):
                for other in others:
                    yield from literals(other)
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "reason":
                        yield from literals(value)


def sources() -> list[Path]:
    return [path for path in below(SERVICES, ".py") if not is_generated(path)]


def all_reasons() -> dict[str, set[str]]:
    """Return every reason with the files that know it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sources():
        for reason in (*reasons(ast.parse(path.read_text())), *PUT_TOGETHER.get(short(path), ())):
            found[reason].add(short(path))
    for code in CODES:
        found[code].add("a status without a reason")
    return found


def pages() -> dict[str, str]:
    """Return the text of every page by its reason."""
    return {path.stem: path.read_text() for path in PAGES.glob("*.md") if path != INDEX}


def test_every_reason_has_a_page_of_its_own() -> None:
    found = all_reasons()
    assert len(found) > len(CODES)
    missing = {reason: sorted(places) for reason, places in found.items() if reason not in pages()}
    assert missing == {}, "write docs/errors/REASON.md and name it in docs/errors/README.md"


def test_every_page_is_about_a_reason_that_there_is() -> None:
    assert sorted(pages().keys() - all_reasons().keys()) == []


def test_no_reason_is_put_together_where_nobody_finds_it() -> None:
    found = {
        short(path)
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and node.args and named(node.func) in CLASSES
        if isinstance(node.args[0], ast.JoinedStr)
    }
    assert found == set(PUT_TOGETHER)


def test_every_page_says_what_it_means_and_what_to_do() -> None:
    for reason, text in pages().items():
        lines = text.splitlines()
        assert lines[0] == f"# {reason}"
        assert len(lines) <= LONGEST_PAGE, reason
        assert any(line.startswith("**When.** ") for line in lines), reason
        assert any(line.startswith("**Do.** ") for line in lines), reason


def test_the_index_lists_every_page_once() -> None:
    listed = re.findall(r"\[([A-Z0-9_]+)\]\((\w+)\.md\)", INDEX.read_text())
    assert all(name == target for name, target in listed)
    assert sorted(name for name, _ in listed) == sorted(pages())
