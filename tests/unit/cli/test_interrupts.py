"""Ctrl-C: once for an orderly end, twice for an end now."""

import asyncio
import os
import signal

import pytest

from sparring.cli.playing.interrupts import Interrupts
from tests.support.eventually import eventually


class Ends:
    """Notes that the process would have ended."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


async def test_the_first_one_cancels_what_is_under_way() -> None:
    interrupts = Interrupts(Ends())

    async def work() -> None:
        with interrupts.handled():
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.Event().wait()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(work())
    assert interrupts.count == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_gentle_action_goes_before_cancelling(number: signal.Signals) -> None:
    interrupts, asked = Interrupts(Ends()), asyncio.Event()
    with interrupts.handled(), interrupts.gently(asked.set):
        os.kill(os.getpid(), number)
        async with asyncio.timeout(10):
            await asked.wait()


async def test_the_second_one_ends_the_process() -> None:
    ends = Ends()
    interrupts = Interrupts(ends)
    with interrupts.handled(), interrupts.gently(lambda: None):
        os.kill(os.getpid(), signal.SIGINT)
        await eventually(lambda: interrupts.count == 1)
        assert ends.count == 0
        os.kill(os.getpid(), signal.SIGINT)
        await eventually(lambda: ends.count == 1)


async def test_afterwards_signals_are_as_they_were() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Interrupts(Ends()).handled():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
