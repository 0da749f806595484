"""The short-lived process of a description: reads questions from its input, writes an answer per line, and ends."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from sparring.types.errors import AuthorError, InvalidArgumentError, NotFoundError, SparringError


def main() -> int:
    """Answer the questions of one request."""
    request = json.loads(sys.stdin.readline())
    # Author code may print; the answers have the real output to themselves.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    sys.path[:0] = request["search_paths"]
    module, _, function = request["entry"].partition(":")
    ask: Callable[[dict[str, Any], list[str]], dict[str, Any]] = getattr(importlib.import_module(module), function)
    for question in request["questions"]:
        answers.write(json.dumps(_ask(ask, question, request["plugins"])) + "\n")
    answers.flush()
    return 0


def _ask(
    ask: Callable[[dict[str, Any], list[str]], dict[str, Any]], question: dict[str, Any], plugins: list[str]
) -> dict[str, Any]:
    try:
        return {"answer": ask(question, plugins)}
    except SparringError as error:
        kind = {InvalidArgumentError: "invalid", NotFoundError: "unknown", AuthorError: "author"}.get(
            type(error), "author"
        )
        return {"error": kind, "reason": error.reason, "message": error.message, "metadata": error.metadata}


if __name__ == "__main__":
    sys.exit(main())
