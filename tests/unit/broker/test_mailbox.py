"""The way of effects to the task that talks to a peer."""

import asyncio

import pytest

from sparring.broker.mailbox import Mailbox
from sparring.broker.majordomo.effects import Reply, WatchEnded
from sparring.types.errors import ExhaustedError


def reply(size: int = 1) -> Reply:
    return Reply(1, bytes(size), final=False)


async def test_effects_come_in_their_order_to_a_reader_that_waits_and_to_one_that_does_not() -> None:
    mailbox = Mailbox()
    reading = asyncio.create_task(mailbox.get())
    await asyncio.sleep(0)
    first, second = reply(), WatchEnded(1)
    mailbox.put(first)
    mailbox.put(second)
    assert (await reading, await mailbox.get()) == (first, second)


@pytest.mark.parametrize(("count", "size"), [(65, 1), (2, 5 * 2**20)])
async def test_a_mailbox_with_too_many_replies_or_bytes_is_not_roomy_until_they_are_read(count: int, size: int) -> None:
    mailbox = Mailbox()
    for _ in range(count):
        mailbox.put(reply(size))
    assert not mailbox.roomy
    waiting = asyncio.create_task(mailbox.roomy_within(10))
    await asyncio.sleep(0)
    await mailbox.get()
    assert await waiting
    assert mailbox.roomy


async def test_a_reader_that_does_not_keep_up_is_not_waited_for_for_ever() -> None:
    mailbox = Mailbox()
    mailbox.put(reply(9 * 2**20))
    assert not await mailbox.roomy_within(0.01)


async def test_after_an_overflow_the_reader_is_told() -> None:
    mailbox = Mailbox()
    reading = asyncio.create_task(mailbox.get())
    await asyncio.sleep(0)
    mailbox.overflow()
    with pytest.raises(ExhaustedError) as caught:
        await reading
    assert caught.value.reason == "READER_TOO_SLOW"
    mailbox.put(reply())
    assert mailbox.left() == []


async def test_what_nobody_read_is_there_for_whoever_cleans_up() -> None:
    mailbox = Mailbox()
    mailbox.put(WatchEnded(1))
    assert mailbox.left() == [WatchEnded(1)]
