"""The short-lived process of a description: reads questions from its input, writes an answer per line, and ends.

Started by its file's name, as `slot_main`.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

if __name__ == "__main__" and importlib.util.find_spec("sparring") is None:
    sys.path.append(str(Path(__file__).resolve().parents[2]))

import importlib
import json
import logging
import os
import signal
from collections.abc import Callable
from typing import Any, TypeAlias

from sparring.host.lifeline import die_with_parent, end_with
from sparring.rpc import logs
from sparring.types import errors
from sparring.types.errors import InternalError, SparringError

Entry: TypeAlias = Callable[[dict[str, Any], list[str]], dict[str, Any]]

_log = logging.getLogger(__name__)


def main() -> int:
    """Answer the questions of one request."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who decides
    request = json.loads(sys.stdin.buffer.readline())
    end_with(sys.stdin.fileno())
    # Author code may print; the answers have the real output to themselves.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    logs.configure(default_level=request["log_level"])
    sys.path.extend(path for path in request["import_path"] if path not in sys.path)
    sys.path[:0] = request["search_paths"]
    module, _, function = request["entry"].partition(":")
    ask: Entry = getattr(importlib.import_module(module), function)
    for question in request["questions"]:
        answers.write(json.dumps(_ask(ask, question, request["plugins"])) + "\n")
    return 0


def _ask(ask: Entry, question: dict[str, Any], plugins: list[str]) -> dict[str, Any]:
    try:
        return {"answer": ask(question, plugins)}
    except SparringError as error:
        kind = next(each.__name__ for each in type(error).__mro__ if hasattr(errors, each.__name__))
        return {"error": kind, "reason": error.reason, "message": error.message, "metadata": error.metadata}
    except Exception as error:
        _log.exception("the question %s failed", question)
        text = f"{type(error).__name__}: {error}"
        return {"error": InternalError.__name__, "reason": "DESCRIPTION_FAILED", "message": text, "metadata": {}}


if __name__ == "__main__":
    sys.exit(main())
