"""Descriptions in short-lived processes: author code is constructed, asked, and gone, whatever it does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sparring.host import process
from sparring.host.pipe import LIMIT_BYTES, encode
from sparring.host.slot_end import describe as describe_end
from sparring.types import errors
from sparring.types.errors import AuthorError, HungError, SparringError

Answer: TypeAlias = dict[str, Any] | SparringError


async def describe(
    entry: str,
    questions: Sequence[Mapping[str, Any]],
    *,
    timeout_s: float,
    plugins: Sequence[str] = (),
    search_paths: Sequence[str] = (),
) -> list[Answer]:
    """Ask `entry` in a process of its own; one answer per question, in order.

    Args:
        entry: `module:function`, called with each question, a JSON object, and the plugins; returns a JSON object, or
            raises a SparringError.
        questions: The questions.
        timeout_s: For all of them together, the start of the process included.
        plugins: As in `SlotConfiguration`.
        search_paths: As in `SlotConfiguration`.

    Returns:
        Answers, or the error that one raised. A question at which the process dies has an error, and those behind it
        are asked in another process. When the deadline passes, the question it was at and all behind it have an error.
    """
    until = time.monotonic() + timeout_s
    level = logging.getLevelName(logging.getLogger("sparring").getEffectiveLevel())
    asked = {
        "entry": entry,
        "plugins": list(plugins),
        "search_paths": list(search_paths),
        "import_path": process.import_path(),
        "log_level": level,
    }
    answers: list[Answer] = []
    while len(answers) < len(questions):
        late = HungError("DEADLINE_PASSED", f"It was not described within {timeout_s:g} s.", timeout_s=f"{timeout_s:g}")
        try:
            async with asyncio.timeout(until - time.monotonic()):
                trouble = await _ask({**asked, "questions": list(questions[len(answers) :])}, answers)
        except TimeoutError:
            return answers + [late] * (len(questions) - len(answers))
        if trouble is not None:
            answers.append(trouble)
    return answers


async def _ask(request: Mapping[str, Any], answers: list[Answer]) -> SparringError | None:
    """Run one process; what it answers is added to `answers`. Returns why it did not answer all, if it did not."""
    child = await process.spawn(
        "describing_main", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LIMIT_BYTES
    )
    assert child.stdin is not None
    assert child.stdout is not None
    wanted = len(answers) + len(request["questions"])
    try:
        with contextlib.suppress(ConnectionError):
            child.stdin.write(encode(request))
            await child.stdin.drain()
        while len(answers) < wanted and (line := await child.stdout.readline()):
            answers.append(_answer(json.loads(line)))
        if len(answers) == wanted:
            return None
        status = await child.wait()
        return AuthorError("PROCESS_DIED", f"The process in which it was tried {describe_end(status)}.")
    finally:
        # Closing its input would do; but author code may have started something, or may not be listening.
        process.kill(child.pid)
        child.stdin.close()
        await child.wait()


def _answer(message: Mapping[str, Any]) -> Answer:
    if "error" not in message:
        answer: dict[str, Any] = message["answer"]
        return answer
    kind: type[SparringError] = getattr(errors, message["error"])
    return kind(message["reason"], message["message"], **message["metadata"])
