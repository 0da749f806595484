"""The named fail points (`sparring.types.fail_points`), armed for a run: at which time, and with which latch."""

from __future__ import annotations

from pathlib import Path

POINTS = {"steps-durable": 4, "rows-durable": 6, "slots-granted": 2, "round-learned": 5}
"""By name: the passage at which the process ends."""


def armed(folder: Path, names: tuple[str, ...] = tuple(POINTS)) -> str:
    """Return the value of the variable that arms points; each strikes once, and leaves a file of its name."""
    folder.mkdir(parents=True, exist_ok=True)
    return ",".join(f"{name}:{POINTS[name]}:{folder / name}" for name in names)


def struck(folder: Path) -> set[str]:
    """Return the points that have struck."""
    return {file.name for file in folder.iterdir()}
