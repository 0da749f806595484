"""Spaces read from text as `describe_space`, palaestrAI and gymnasium write it."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Text, Tuple
from numpy.typing import NDArray

from sparring.types.errors import InvalidArgumentError
from sparring.types.space_syntax import name_of, read_dtype, read_tree, read_value, refuse

_LARGEST = 2**26
_SHOWN = 200


def parse_space(text: str) -> Space[Any]:
    """Read a space from text; nothing in it is evaluated.

    Numbers may be `inf`; a dtype may be written `np.float32`, `float32` or `'float32'`; an array as a list, as
    `np.array([...])` or as numpy prints it. The keys of a Dict keep the order of the text. A `seed` is ignored.

    Raises:
        InvalidArgumentError: SPACE_TEXT_INVALID, with what was not understood.
    """
    try:
        return _space(read_tree(text))
    except SyntaxError as wrong:
        problem = f"it is no expression ({wrong.msg})"
    except (ValueError, TypeError, AssertionError, ArithmeticError, RecursionError, MemoryError) as wrong:
        problem = str(wrong) or type(wrong).__name__
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    raise InvalidArgumentError("SPACE_TEXT_INVALID", f"Cannot read the space {shown!r}: {problem}.", text=shown)


def _space(node: ast.expr) -> Space[Any]:
    """Build the space that a call stands for."""
    if not isinstance(node, ast.Call) or name_of(node.func) not in _BUILDERS:
        refuse(node, f"one of {', '.join(_BUILDERS)} with its arguments in brackets")
    given: dict[str, ast.expr] = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            refuse(node, "arguments by their names")
        given[keyword.arg] = keyword.value
    given.pop("seed", None)
    return _BUILDERS[name_of(node.func)](node.args, given)


def _box(positional: list[ast.expr], named: dict[str, ast.expr]) -> Space[Any]:
    given = _arguments(positional, named, ("low", "high", "shape", "dtype"), required=("low", "high"))
    dtype = read_dtype(given.get("dtype"), np.float32)
    low, high = read_value(given["low"]), read_value(given["high"])
    shape = tuple(read_value(given["shape"])) if "shape" in given else np.shape(low) or np.shape(high) or (1,)
    if math.prod(shape) > _LARGEST:
        raise ValueError(f"its shape {shape} has more than {_LARGEST} numbers")
    return Box(_bound(low, shape, dtype), _bound(high, shape, dtype), shape, dtype)


def _bound(given: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return a bound as an array of the Box's own dtype and shape, without loss."""
    if dtype.kind in "iu":
        numbers = np.array(given, dtype=object)
        given = np.array([_whole(number, dtype) for number in numbers.flat], dtype).reshape(numbers.shape)
    with np.errstate(over="raise"):
        array = np.asarray(given, dtype)
    return array if array.ndim else np.full(shape, array, dtype)


def _whole(number: float, dtype: np.dtype[Any]) -> int:
    """Return a bound of an integer Box; infinite ones of signed integers are the dtype's own limits."""
    if dtype.kind == "i" and math.isinf(number):
        return int(np.iinfo(dtype).max if number > 0 else np.iinfo(dtype).min)
    if number != int(number):
        raise ValueError(f"{number} is no bound of a Box of {dtype}")
    return int(number)


def _discrete(positional: list[ast.expr], named: dict[str, ast.expr]) -> Space[Any]:
    given = _arguments(positional, named, ("n",), ("start", "dtype"), required=("n",))
    start = read_value(given["start"]) if "start" in given else 0
    return Discrete(read_value(given["n"]), start=start, dtype=read_dtype(given.get("dtype"), np.int64))


def _multi_discrete(positional: list[ast.expr], named: dict[str, ast.expr]) -> Space[Any]:
    given = _arguments(positional, named, ("nvec", "dtype"), ("start",), required=("nvec",))
    start = read_value(given["start"]) if "start" in given else None
    return MultiDiscrete(read_value(given["nvec"]), read_dtype(given.get("dtype"), np.int64), start=start)


def _multi_binary(positional: list[ast.expr], named: dict[str, ast.expr]) -> Space[Any]:
    return MultiBinary(read_value(_arguments(positional, named, ("n",), required=("n",))["n"]))


def _text(positional: list[ast.expr], named: dict[str, ast.expr]) -> Space[Any]:
    """Build a Text: `Text(max_length)` as it is constructed, `Text(min_length, max_length)` as it is printed."""
    names = ("min_length", "max_length") if len(positional) == 2 else ("max_length", "min_length")
    given = _arguments(positional, named, names, ("charset",), required=("max_length",))
    return Text(**{name: read_value(node) for name, node in given.items()})


def _tuple(positional: list[ast.expr], named: dict[str, ast.expr]) -> Space[Any]:
    """Build a Tuple, its spaces in one list as it is constructed, or side by side as it is printed."""
    if not positional:
        positional = [_arguments(positional, named, ("spaces",))["spaces"]] if named else []
    elif named:
        raise ValueError("a Tuple has no arguments but its spaces")
    if len(positional) == 1 and isinstance(positional[0], ast.Tuple | ast.List):
        positional = positional[0].elts
    return Tuple([_space(node) for node in positional])


def _dict(positional: list[ast.expr], named: dict[str, ast.expr]) -> Space[Any]:
    pairs: list[tuple[str, Space[Any]]] = []
    for node in positional:
        if not isinstance(node, ast.Dict):
            refuse(node, "names with their spaces")
        for key, value in zip(node.keys, node.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                refuse(node, "keys that are text")
            pairs.append((key.value, _space(value)))
    pairs += [(name, _space(node)) for name, node in named.items()]
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a Dict has every key once")
    return Dict(pairs)


_BUILDERS: dict[str, Callable[[list[ast.expr], dict[str, ast.expr]], Space[Any]]] = {
    "Box": _box,
    "Discrete": _discrete,
    "MultiBinary": _multi_binary,
    "MultiDiscrete": _multi_discrete,
    "Text": _text,
    "Tuple": _tuple,
    "Dict": _dict,
}


def _arguments(
    positional: list[ast.expr],
    named: dict[str, ast.expr],
    names: tuple[str, ...],
    more: tuple[str, ...] = (),
    required: tuple[str, ...] = (),
) -> dict[str, ast.expr]:
    """Give positional arguments their `names`; `more` can be given by name only."""
    given = dict(zip(names, positional, strict=False))
    if len(positional) > len(names) or given.keys() & named.keys() or named.keys() - {*names, *more}:
        raise ValueError(f"its arguments are {', '.join((*names, *more))}, each once")
    given |= named
    if missing := [name for name in required if name not in given]:
        raise ValueError(f"{' and '.join(missing)} must be given")
    return given
