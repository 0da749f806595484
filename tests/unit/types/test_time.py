"""Simulated time is kept without loss."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.types.errors import InvalidArgumentError
from sparring.types.time import SimTime

INT64 = st.integers(-(2**63), 2**63 - 1)
REPRESENTABLE = st.datetimes(datetime(1678, 1, 1), datetime(2262, 1, 1))


@given(REPRESENTABLE)
def test_a_timestamp_becomes_nanoseconds_and_comes_back(moment: datetime) -> None:
    nanoseconds = SimTime(simtime_timestamp=moment).timestamp_ns
    assert nanoseconds is not None
    assert nanoseconds % 1000 == 0
    assert SimTime(timestamp_ns=nanoseconds).simtime_timestamp == moment.replace(tzinfo=UTC)


@given(INT64)
def test_nanoseconds_are_kept_to_the_last_one(nanoseconds: int) -> None:
    time = SimTime(timestamp_ns=nanoseconds)
    assert time.timestamp_ns == nanoseconds
    again = SimTime(time.ticks, time.simtime_timestamp, timestamp_ns=nanoseconds)
    assert again == time
    assert hash(again) == hash(time)


@given(INT64)
def test_ticks_are_int64(ticks: int) -> None:
    assert SimTime(simtime_ticks=ticks).ticks == SimTime(ticks).simtime_ticks == ticks


def test_a_zone_is_converted_and_no_zone_is_utc() -> None:
    moment = datetime(2024, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert SimTime(None, moment) == SimTime(None, datetime(2024, 3, 1, 10))
    assert SimTime(None, datetime(1970, 1, 1, 0, 0, 1)).timestamp_ns == 1_000_000_000
    assert SimTime(None, moment).simtime_timestamp is moment


def test_numpy_integers_become_plain_ones() -> None:
    assert type(SimTime(np.int32(3)).ticks) is int  # type: ignore[arg-type]


def test_time_is_empty_by_default_and_frozen() -> None:
    time = SimTime()
    assert (time.ticks, time.simtime_timestamp, time.timestamp_ns) == (None, None, None)
    with pytest.raises(AttributeError):
        time.simtime_ticks = 3  # type: ignore[misc]


def test_time_is_copied_and_pickled() -> None:
    time = SimTime(3, timestamp_ns=12345)
    assert pickle.loads(pickle.dumps(time)) == copy.deepcopy(time) == time


def test_time_reads_well() -> None:
    assert str(SimTime(3, datetime(2024, 3, 1))) == "tick 3, 2024-03-01T00:00:00"
    assert str(SimTime()) == "no simulated time"


@pytest.mark.parametrize(
    "given_values",
    [
        {"simtime_ticks": 1.5},
        {"simtime_ticks": True},
        {"simtime_ticks": "3"},
        {"simtime_ticks": 2**63},
        {"simtime_timestamp": "2024-03-01"},
        {"simtime_timestamp": datetime(2300, 1, 1)},
        {"timestamp_ns": 1e9},
        {"timestamp_ns": -(2**63) - 1},
        {"simtime_timestamp": datetime(2024, 3, 1), "timestamp_ns": 0},
    ],
)
def test_what_is_no_time_is_refused(given_values: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        SimTime(**given_values)
    assert caught.value.reason == "SIMTIME_INVALID"
