"""What a parent concludes from looking at a slot."""

import pytest

from sparring.host.gauge import Reading
from sparring.host.verdict import STOPPED_S, SlotWatch, Verdict

IDLE = Reading("", 0.0, 0.0, 4)


def working(overdue_s: float, count: int = 5) -> Reading:
    return Reading("update of environment 'grid'", 60 + overdue_s, overdue_s, count)


def looks(watch: SlotWatch, *seen: tuple[float, Reading, bool]) -> list[Verdict | None]:
    return [watch.look(reading, stopped, at) for at, reading, stopped in seen]


def test_who_is_in_time_is_left_alone() -> None:
    watch = SlotWatch(0.5)
    assert looks(watch, (0.0, IDLE, False), (0.1, working(0.0), False), (0.2, working(0.4), False)) == [None] * 3


def test_who_is_overdue_is_judged_at_the_second_look() -> None:
    watch = SlotWatch(0.5)
    first, second = looks(watch, (0.0, working(0.6), False), (0.1, working(0.7), False))
    assert first is None
    assert second == Verdict(True, "DEADLINE_PASSED", "update of environment 'grid' did not return within 60 s")


def test_two_different_calls_are_not_one_that_is_overdue() -> None:
    watch = SlotWatch(0.0)
    assert looks(watch, (0.0, working(0.6, 5), False), (0.1, working(0.6, 6), False)) == [None, None]


def test_the_time_in_which_nobody_looked_is_given_to_the_call() -> None:
    watch = SlotWatch(0.5)
    assert (
        looks(watch, (0.0, working(0.0), False), (100.0, working(90.0), False), (100.1, working(90.1), False))
        == [None] * 3
    )
    assert watch.look(working(100.6), False, 100.2) is None
    assert watch.look(working(100.7), False, 100.3) is not None


def test_the_next_call_gets_nothing_of_what_was_given() -> None:
    watch = SlotWatch(0.5)
    looks(watch, (0.0, working(0.0), False), (100.0, working(90.0), False))
    assert looks(watch, (100.1, working(1.0, 6), False), (100.2, working(1.1, 6), False))[1] is not None


def test_a_process_that_stays_stopped_is_lost_and_not_hung() -> None:
    watch = SlotWatch(0.5)
    verdicts = looks(
        watch, (0.0, working(9.0), True), (STOPPED_S / 2, working(9.5), True), (STOPPED_S, working(10.0), True)
    )
    assert verdicts[:2] == [None, None]
    assert verdicts[2] == Verdict(False, "PROCESS_STOPPED", "its process was stopped for 1.0 s")


@pytest.mark.parametrize("between", [(0.9, IDLE, False), (5.0, IDLE, True)], ids=["continued", "nobody looked"])
def test_being_stopped_counts_from_its_beginning_as_far_as_somebody_looked(
    between: tuple[float, Reading, bool],
) -> None:
    watch = SlotWatch(0.5)
    at = between[0]
    assert looks(watch, (0.0, IDLE, True), between, (at + 0.1, IDLE, True), (at + 0.9, IDLE, True)) == [None] * 4
