"""The syntax of spaces as text: a Python expression of literals, read as a tree and never evaluated."""

from __future__ import annotations

import ast
import math
import re
from typing import Any, NoReturn

import numpy as np

_LONGEST = 2**24
_NUMBERS = {"inf": math.inf, "Inf": math.inf, "infty": math.inf}
_DTYPES = frozenset(
    {"bool", "bool_", "int", "float", "float16", "float32", "float64"}
    | {f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)}
)
_TOKEN = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\s+|[^\s'"()\[\]{},:=]+|.""", re.DOTALL)
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_BARE_CHARSET = re.compile(r"charset=(?!['\"]|frozenset\(|set\(|\{)([^()]*)\)")


def read_tree(text: str) -> ast.expr:
    """Return the tree of a space's text.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: it is no expression, or far too long.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"it is longer than {_LONGEST} characters")
    bare = _BARE_CHARSET.sub(lambda found: f"charset={found[1]!r})", text.strip())
    return ast.parse(_as_python(bare), mode="eval").body


def _as_python(text: str) -> str:
    """Turn what numpy and gymnasium print into Python: `[1. 2.]` gets commas, `Dict('a': ...)` gets braces."""
    written: list[str] = []
    closers: list[str] = []
    before, last, gap = "", "", False
    for token in _TOKEN.findall(text):
        if token.isspace():
            gap = True
            continue
        if gap and closers[-1:] == ["]"] and last not in ",[" and token not in ",]":
            written.append(",")
        if gap:
            written.append(" ")
        if token in _CLOSERS:
            closers.append(_CLOSERS[token])
        elif token[0] in "'\"" and (before, last) == ("Dict", "("):
            closers[-1] = "})"
            written.append("{")
        elif closers and token == closers[-1][-1]:
            token = closers.pop()
        written.append(token)
        before, last, gap = last, token, False
    return "".join(written)


def name_of(node: ast.expr) -> str:
    """Return the name that a node stands for, without the module: `float32` for `np.float32`; empty if it is none."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def read_value(node: ast.expr) -> Any:
    """Return the number, text, list, tuple or set that a node stands for; `inf` is a number."""
    if isinstance(node, ast.Constant) and node.value is not Ellipsis:
        return node.value
    if isinstance(node, ast.List | ast.Tuple):
        return [read_value(part) for part in node.elts]
    if isinstance(node, ast.Set):
        return frozenset(read_value(part) for part in node.elts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        number = read_value(node.operand)
        if isinstance(number, int | float):
            return -number if isinstance(node.op, ast.USub) else number
    if name_of(node) in _NUMBERS:
        return _NUMBERS[name_of(node)]
    if isinstance(node, ast.Call) and len(node.args) == 1:
        return _read_call(node)
    refuse(node, "a number, a text, or a list of them")


def _read_call(node: ast.Call) -> Any:
    """Return what `np.array([...])`, `np.float32(1.0)`, `float('inf')` and `frozenset({...})` stand for."""
    name, inside = name_of(node.func), read_value(node.args[0])
    if name in ("frozenset", "set"):
        return frozenset(inside)
    if name in _DTYPES and not node.keywords:
        return float(inside) if name.startswith("float") else int(inside)
    if name in ("array", "asarray"):
        return inside
    refuse(node, "a number, a text, or a list of them")


def read_dtype(node: ast.expr | None, default: type[np.generic]) -> np.dtype[Any]:
    """Return the dtype that `np.float32`, `float32`, `'float32'` or `dtype('float32')` stands for."""
    if node is None:
        return np.dtype(default)
    if isinstance(node, ast.Call) and name_of(node.func) == "dtype" and len(node.args) == 1:
        node = node.args[0]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return np.dtype(node.value)
    if name_of(node) in _DTYPES:
        return np.dtype(name_of(node))
    refuse(node, f"a dtype, one of {', '.join(sorted(_DTYPES))}")


def refuse(node: ast.expr, expected: str) -> NoReturn:
    """Raise a ValueError that shows a part of the text and what should stand there."""
    found = "..." if isinstance(node, ast.Constant) and node.value is Ellipsis else ast.unparse(node)
    raise ValueError(f"expected {expected}, found {found if len(found) <= 80 else found[:80] + '...'}")
