"""The watchdog wakes whom it is time to wake, once, and nobody else."""

import math
import threading
import time

from sparring.rpc.step_stream.watchdog import Watchdog
from tests.unit.rpc.step_stream.pairs import SOON_S


class Waiter:
    """A stream that notes when it is woken."""

    def __init__(self) -> None:
        self.deadline = self.woken_for = math.inf
        self.woken = threading.Semaphore(0)

    def wake(self) -> None:
        self.woken.release()

    def arm(self, watchdog: Watchdog, timeout_s: float) -> None:
        self.deadline = time.monotonic() + timeout_s
        if self.deadline < watchdog.next_look:
            watchdog.hurry()


def test_a_deadline_that_is_set_later_but_comes_sooner_is_kept() -> None:
    watchdog, patient, hasty = Watchdog(), Waiter(), Waiter()
    for waiter in (patient, hasty):
        watchdog.watch(waiter)
    patient.arm(watchdog, 1000.0)
    hasty.arm(watchdog, 0.01)
    assert hasty.woken.acquire(timeout=SOON_S)
    assert not patient.woken.acquire(blocking=False)


def test_each_deadline_wakes_once() -> None:
    watchdog, waiter, other = Watchdog(), Waiter(), Waiter()
    watchdog.watch(waiter)
    watchdog.watch(other)
    for _ in range(200):
        waiter.arm(watchdog, 0.0)
        assert waiter.woken.acquire(timeout=SOON_S)
    other.arm(watchdog, 0.01)
    assert other.woken.acquire(timeout=SOON_S)
    assert not waiter.woken.acquire(blocking=False)


def test_a_deadline_that_was_moved_in_time_wakes_nobody() -> None:
    watchdog, waiter, other = Watchdog(), Waiter(), Waiter()
    watchdog.watch(waiter)
    watchdog.watch(other)
    waiter.arm(watchdog, 0.05)
    waiter.arm(watchdog, 1000.0)
    other.arm(watchdog, 0.1)
    assert other.woken.acquire(timeout=SOON_S)
    assert not waiter.woken.acquire(blocking=False)


def test_who_is_forgotten_is_left_alone_and_freed() -> None:
    watchdog, waiter, other = Watchdog(), Waiter(), Waiter()
    watchdog.watch(waiter)
    watchdog.watch(other)
    waiter.arm(watchdog, 0.05)
    watchdog.forget(waiter)
    other.arm(watchdog, 0.1)
    assert other.woken.acquire(timeout=SOON_S)
    assert not waiter.woken.acquire(blocking=False)
