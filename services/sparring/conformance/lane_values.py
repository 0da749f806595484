"""One lane of an answer, as it can be compared with the same episode alone."""

from __future__ import annotations

from typing import Any

from sparring.conformance.ledger import Ledger
from sparring.types.lanes import LaneWeaver
from sparring.types.values import Values

Seen = tuple[Values, dict[str, Values], tuple[int, ...], bool]
"""Readings, present rewards, times, and whether the episode is over."""


def lane_values(ledger: Ledger, answer: Any, lane: int, rewarded: bool = True) -> Seen:
    """Return what a lane shows in the last answer."""
    readings = LaneWeaver(ledger.sensors.spaces, ledger.lanes).part(ledger.readings, lane)
    times = [*answer.time.ticks[lane : lane + 1], *answer.time.timestamps_ns[lane : lane + 1]]
    return readings, _rewards(ledger, lane) if rewarded else {}, tuple(times), ledger.over[lane]


def _rewards(ledger: Ledger, lane: int) -> dict[str, Values]:
    layout, uids = ledger.rewarded
    found = {}
    for field, uid in enumerate(uids):
        if layout.is_present(ledger.rewards, field, lane):
            packed = layout.fields[field]
            texts = ledger.rewards.texts[packed.text_start : packed.text_start + packed.text_count]
            alone = Values(ledger.rewards.data[layout.segment(field)], b"", texts)
            found[uid] = LaneWeaver([layout.spaces[field]], ledger.lanes).part(alone, lane)
    return found
