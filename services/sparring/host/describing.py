"""Descriptions in short-lived processes: author code is constructed, asked, and gone, whatever it does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from sparring.host.pipe import LIMIT_BYTES
from sparring.rpc.grpc_environment import child_environment
from sparring.types.errors import AuthorError, HungError, InvalidArgumentError, NotFoundError, SparringError

_ERRORS: Mapping[str, type[SparringError]] = {
    "invalid": InvalidArgumentError,
    "unknown": NotFoundError,
    "author": AuthorError,
}


async def describe(
    entry: str,
    questions: Sequence[Mapping[str, Any]],
    *,
    timeout_s: float,
    plugins: Sequence[str] = (),
    search_paths: Sequence[str] = (),
) -> list[dict[str, Any] | SparringError]:
    """Ask `entry` in a process of its own; one answer per question, in order.

    Args:
        entry: `module:function`, called with each question, a JSON object; returns one, or raises a SparringError.
        questions: The questions.
        timeout_s: For all of them together, the start of the process included.
        plugins: As in `SlotConfiguration`.
        search_paths: As in `SlotConfiguration`.

    Returns:
        Answers, or the error that one raised. When the deadline passes or the process dies, the question it was at and all after it have an error.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sparring.host.describing_main",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=child_environment(os.environ),
        limit=LIMIT_BYTES,
    )
    assert process.stdin is not None and process.stdout is not None
    answers: list[dict[str, Any] | SparringError] = []
    trouble: SparringError | None = None
    try:
        async with asyncio.timeout(timeout_s):
            request = {
                "entry": entry,
                "plugins": list(plugins),
                "search_paths": list(search_paths),
                "questions": list(questions),
            }
            with contextlib.suppress(ConnectionError):
                process.stdin.write(json.dumps(request).encode() + b"\n")
                await process.stdin.drain()
                process.stdin.close()
            while len(answers) < len(questions) and (line := await process.stdout.readline()):
                answers.append(_answer(json.loads(line)))
            await process.wait()
    except TimeoutError:
        trouble = HungError("DEADLINE_PASSED", f"It was not described within {timeout_s:g} s.", timeout_s=timeout_s)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if trouble is None:
        trouble = AuthorError("PROCESS_DIED", f"The process that described it ended with {process.returncode}.")
    return answers + [trouble] * (len(questions) - len(answers))


def _answer(message: dict[str, Any]) -> dict[str, Any] | SparringError:
    if "error" not in message:
        answer: dict[str, Any] = message["answer"]
        return answer
    kind = _ERRORS.get(message["error"], AuthorError)
    return kind(message["reason"], message["message"], **message["metadata"])
