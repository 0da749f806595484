"""What a host can run, asked of its plugins in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.host.describing import describe
from sparring.types.errors import SparringError

ANNOUNCE_S = 60.0


async def announcements(entry: str, plugins: Sequence[str], search_paths: Sequence[str]) -> list[tuple[str, str]]:
    """Ask what the plugins have.

    Raises:
        SparringError: What came of it instead.
    """
    answers = await describe(
        entry, [{"ask": "announce"}], timeout_s=ANNOUNCE_S, plugins=plugins, search_paths=search_paths
    )
    if isinstance(answers[0], SparringError):
        raise answers[0]
    return [(name, role) for name, role in answers[0]["announcements"]]
