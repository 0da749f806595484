"""What a host can run, asked of its plugins in a process of its own."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from sparring.host.describing import describe
from sparring.types.errors import SparringError

ANNOUNCE_S: Final = 60.0

_log = logging.getLogger(__name__)


async def announcements(entry: str, plugins: Sequence[str], search_paths: Sequence[str]) -> list[tuple[str, str]]:
    """Ask what the plugins have; one that cannot be imported is told to the log, and has nothing.

    Args:
        entry: Answers {"ask": "announce"} with {"announcements": [[name, role], ...], "problems": {module: text}}.
        plugins: Modules that may be imported.
        search_paths: As in `SlotConfiguration`.

    Raises:
        SparringError: What came of it instead.
    """
    (answer,) = await describe(
        entry, [{"ask": "announce"}], timeout_s=ANNOUNCE_S, plugins=plugins, search_paths=search_paths
    )
    if isinstance(answer, SparringError):
        raise answer
    for module, problem in answer["problems"].items():
        _log.error("plugin %s cannot be imported: %s", module, problem)
    return [(name, role) for name, role in answer["announcements"]]
