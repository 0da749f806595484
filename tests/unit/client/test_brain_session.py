"""The owner's stream to a brain: its life, its failures, and coming back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sparring.client.access import NO_ACCESS, open_session_channel
from sparring.client.brain_session import BrainSession, open_brain
from sparring.codec.session import Refused
from sparring.rpc.retry import Backoff
from sparring.types.episode import EpisodeKey
from sparring.types.errors import (
    AuthorError,
    FailedPreconditionError,
    HungError,
    InvalidArgumentError,
    LostError,
    SparringError,
)
from sparring.types.frames import Policy
from sparring.types.learning import BrainStarted, Learn, Learned, Save, Saved
from sparring.types.mode import Mode
from sparring.types.plan import Grant
from tests.support.eventually import eventually
from tests.unit.client.owner_server import STATE, TOKEN, OwnerServer, answer, owned, start

QUICK = Backoff(attempts=20, first_s=0.02, most_s=0.1, budget_s=2.0)
ROUND = Learn(0, (EpisodeKey(0, Mode.TRAIN, 1, 4),))


SOON_S = 10.0


@contextlib.asynccontextmanager
async def owning(grant: Grant, *, epoch: int = 3, **options: Any) -> AsyncIterator[BrainSession]:
    brain = open_brain(grant, "defender", epoch=epoch, **options)
    try:
        yield brain
    finally:
        await brain.close()


@pytest.fixture
async def server() -> AsyncIterator[OwnerServer]:
    async with owned() as server:
        yield server


@pytest.fixture
async def brain(server: OwnerServer) -> AsyncIterator[BrainSession]:
    async with owning(server.grant, reconnecting=QUICK) as brain:
        yield brain


async def test_a_brain_goes_through_its_whole_life(brain: BrainSession, server: OwnerServer) -> None:
    assert await brain.start(start(), SOON_S) == BrainStarted(True, Policy(0, STATE))
    assert await brain.learn(ROUND, SOON_S) == Learned(Policy(1, STATE))
    assert await brain.save(SOON_S) == Saved(STATE, (), 3)
    await brain.shutdown(SOON_S)
    assert [epoch for epoch, _ in server.applied] == [3, 3, 3, 3]
    assert (server.applied[0][1].token, server.applied[1][1]) == (TOKEN, ROUND)
    with pytest.raises(FailedPreconditionError) as caught:
        await brain.save(SOON_S)
    assert caught.value.reason == "SESSION_CLOSED"


async def test_requests_made_at_once_take_turns(brain: BrainSession) -> None:
    await brain.start(start(), SOON_S)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(brain.learn(Learn(number, ()), SOON_S)) for number in range(5)]
    assert [task.result().policy.version for task in tasks if task.result().policy] == [1, 2, 3, 4, 5]


async def test_an_answer_lost_with_its_stream_comes_again_and_is_applied_once(
    brain: BrainSession, server: OwnerServer
) -> None:
    await brain.start(start(), SOON_S)
    server.breaks = {2, 3}
    assert await brain.learn(ROUND, SOON_S) == Learned(Policy(1, STATE))
    assert await brain.save(SOON_S) == Saved(STATE, (), 3)
    assert server.attached == [1, 2]
    assert [type(request) for _, request in server.applied[1:]] == [Learn, Save]


async def test_another_governor_takes_a_brain_over(server: OwnerServer) -> None:
    async with owning(server.grant) as first:
        await first.start(start(), SOON_S)
        await first.learn(ROUND, SOON_S)
    async with owning(server.grant, epoch=4) as second:
        assert await second.attach() == 2
        assert await second.save(SOON_S) == Saved(STATE, (), 3)
    assert [epoch for epoch, _ in server.applied] == [3, 3, 4]


async def test_a_brain_that_is_not_there_cannot_be_taken_over(brain: BrainSession) -> None:
    with pytest.raises(LostError) as caught:
        await brain.attach()
    assert caught.value.reason == "SESSION_UNKNOWN"


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (AuthorError("AUTHOR_CODE_FAILED", "no gradient"), AuthorError),
        (FailedPreconditionError("EPOCH_STALE", "Epoch 3 is older than 4."), FailedPreconditionError),
        (HungError("DEADLINE_PASSED", "thinking took 600 s"), HungError),
        (LostError("PROCESS_DIED", "The slot's process is gone."), LostError),
    ],
)
async def test_the_end_of_the_stream_says_what_it_means(
    brain: BrainSession, server: OwnerServer, raised: SparringError, kind: type[SparringError]
) -> None:
    def fail(request: Any) -> Any:
        raise raised

    await brain.start(start(), SOON_S)
    server.answers = fail
    with pytest.raises(kind) as caught:
        await brain.learn(ROUND, SOON_S)
    assert caught.value.reason == raised.reason
    assert caught.value.metadata["component"] == "the brain of agent 'defender'"
    with pytest.raises(kind):
        await brain.save(SOON_S)


async def test_a_refused_request_leaves_the_brain_unharmed(brain: BrainSession, server: OwnerServer) -> None:
    await brain.start(start(), SOON_S)
    server.answers = lambda request: Refused(InvalidArgumentError("EPISODE_UNKNOWN", "Nobody sent episode 4."))
    with pytest.raises(InvalidArgumentError, match="Nobody sent episode 4"):
        await brain.learn(ROUND, SOON_S)
    server.answers = answer
    assert await brain.learn(ROUND, SOON_S) == Learned(Policy(1, STATE))


async def test_a_brain_that_thinks_too_long_is_hung(brain: BrainSession, server: OwnerServer) -> None:
    async def never(request: Any) -> Any:
        await asyncio.Event().wait()

    await brain.start(start(), SOON_S)
    server.answers = never
    with pytest.raises(HungError) as caught:
        await brain.learn(ROUND, 0.05)
    assert caught.value.message == "the brain of agent 'defender' did not answer Learn within 0.05 s."


async def test_a_brain_that_stays_away_is_lost(server: OwnerServer) -> None:
    quick = Backoff(attempts=3, first_s=0.01, budget_s=1.0)
    nowhere = Grant(TOKEN, "agent-1", "agent", "127.0.0.1:1")
    async with owning(nowhere, reconnecting=quick) as brain:
        with pytest.raises(LostError):
            await brain.start(start(), SOON_S)


async def test_who_gives_up_waiting_gives_up_the_stream(brain: BrainSession, server: OwnerServer) -> None:
    async def never(request: Any) -> Any:
        await asyncio.Event().wait()

    await brain.start(start(), SOON_S)
    server.answers = never
    waiting = asyncio.create_task(brain.learn(ROUND, SOON_S))
    await eventually(lambda: len(server.applied) == 2)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(LostError):
        await brain.save(SOON_S)


def test_a_grant_without_address_leads_nowhere() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        open_session_channel(Grant(TOKEN, "agent-1", "agent", ""), NO_ACCESS)
    assert caught.value.reason == "PLACE_INVALID"
