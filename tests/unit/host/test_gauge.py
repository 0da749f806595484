"""The gauge of a slot, as its writer and its reader see the same memory."""

import os
from collections.abc import Iterator

import pytest

from sparring.host.gauge import Reading, SharedGauge


@pytest.fixture
def ends() -> Iterator[tuple[SharedGauge, SharedGauge]]:
    """The writing and the reading end."""
    reader = SharedGauge.create()
    writer = SharedGauge(os.dup(reader.descriptor))
    yield writer, reader
    writer.close()
    reader.close()


def test_nothing_runs_at_first(ends: tuple[SharedGauge, SharedGauge]) -> None:
    assert ends[1].read() == Reading("", 0.0, 0.0, 0)


def test_it_shows_what_runs_since_when_and_until_when(ends: tuple[SharedGauge, SharedGauge]) -> None:
    writer, reader = ends
    writer.begin("update", "environment 'grid'", 60.0)
    reading = reader.read()
    assert (reading.doing, reading.overdue_s, reading.count) == ("update of environment 'grid'", 0.0, 1)
    assert 0 <= reading.since_s < 60
    writer.end()
    assert reader.read() == Reading("", 0.0, 0.0, 1)


def test_it_shows_how_far_a_call_is_past_its_deadline(ends: tuple[SharedGauge, SharedGauge]) -> None:
    writer, reader = ends
    writer.begin("think", "agent 'defender'", -2.0)
    reading = reader.read()
    assert reading.overdue_s >= 2.0
    assert reading.allowed_s == pytest.approx(-2.0, abs=1e-3)


def test_every_call_counts(ends: tuple[SharedGauge, SharedGauge]) -> None:
    writer, reader = ends
    for number in range(5):
        writer.begin("update", f"environment {number % 2}", 60.0)
        assert reader.read().doing == f"update of environment {number % 2}"
        writer.end()
    assert reader.read().count == 5


def test_more_names_and_longer_ones_than_fit_do_no_harm(ends: tuple[SharedGauge, SharedGauge]) -> None:
    writer, reader = ends
    for number in range(200):
        writer.begin("update", f"environment '{number}{'é' * 100}'", 60.0)
    assert reader.read().doing.startswith("update of environment '199")


def test_its_memory_is_given_back_and_closing_twice_is_allowed() -> None:
    def held() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = held()
    for _ in range(10):
        gauge = SharedGauge.create()
        gauge.begin("update", "environment", 1.0)
        gauge.close()
        gauge.close()
    assert held() == before
