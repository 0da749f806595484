"""Named points at which a process can be made to end itself: between two steps that must survive a loss in between.

Tests of losses arm them by the variable SPARRING_FAIL_POINTS: `NAME:COUNT:FILE`, several of them separated by commas.
When a point is reached for the COUNT-th time in a process, and FILE is not there yet, FILE is made and the process is
killed as by SIGKILL. Nothing is armed otherwise, and a point costs one look into an empty dictionary.

The points:

- `steps-durable`: the store has made steps durable, and not yet the rows that commit them.
- `rows-durable`: the store has committed episodes, and not yet said so.
- `slots-granted`: a governor was granted the slots of a rollout worker, and has started none of them.
- `round-learned`: a brain has learned from a round, and its policy was not taken yet.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections import Counter
from typing import Final

VARIABLE: Final = "SPARRING_FAIL_POINTS"

_Armed = dict[str, list[tuple[int, str]]]


def _armed(text: str) -> _Armed:
    points: _Armed = {}
    for each in filter(None, text.split(",")):
        name, count, file = each.split(":", 2)
        points.setdefault(name, []).append((int(count), file))
    return points


_ARMED: Final = _armed(os.environ.get(VARIABLE, ""))
_REACHED: Final[Counter[str]] = Counter()


def reach(name: str) -> None:
    """End this process if the point is armed and due; where none is armed, nothing happens."""
    if name not in _ARMED:
        return
    _REACHED[name] += 1
    for count, file in _ARMED[name]:
        if _REACHED[name] >= count:
            with contextlib.suppress(FileExistsError):
                os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o644))
                os.kill(os.getpid(), signal.SIGKILL)
