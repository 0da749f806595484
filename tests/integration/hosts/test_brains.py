"""A brain in a slot: one owner, several rollout workers, one at a time at author code; older epochs are refused."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import numpy as np
import pytest

from sparring.agent.server.host import make_pool
from sparring.client.brain_session import BrainSession, open_brain
from sparring.client.experience_session import StreamExperience, open_experience
from sparring.host.pool import SlotPool
from sparring.rpc.retry import Backoff
from sparring.types.declaration import Component, Timeouts
from sparring.types.errors import (
    AuthorError,
    FailedPreconditionError,
    InvalidArgumentError,
    LostError,
    NotFoundError,
)
from sparring.types.frames import Origin, Policy
from sparring.types.holding import Admitted, SessionEvent, SessionEventKind
from sparring.types.learning import (
    DiscardEpisode,
    EpisodeEnd,
    ExperienceBatch,
    Learn,
    Learning,
    StartBrain,
)
from sparring.types.mode import Mode
from sparring.types.plan import Grant, RolloutPlan
from tests.integration.hosts.pools import SEARCH, settings
from tests.support.eventually import eventually
from tests.unit.agent.experience import ACTUATORS, SENSORS, key, readings, start, started, steps, tell

SOON_S = 20.0
QUICK = Backoff(attempts=20, first_s=0.02, most_s=0.1, budget_s=2.0)
PLUGINS = ("tests.unit.agent", "tests.integration.hosts")


@dataclass
class Host:
    pool: SlotPool
    events: list[SessionEvent]
    stack: AsyncExitStack

    async def grant(self, token: str = "brain") -> Grant:
        async def admitted() -> Admitted | None:
            answer = await self.pool.admit(token, "", time.time() + 30, "run-1")
            return answer if isinstance(answer, Admitted) else None

        return Grant(token, "worker", "agent", (await eventually(admitted, within_s=SOON_S)).address)

    async def own(self, grant: Grant, epoch: int = 1, begin: StartBrain | None = None) -> BrainSession:
        """Open the owner's stream; with `begin`, start the brain."""
        owner = open_brain(grant, "thinker", epoch=epoch, reconnecting=QUICK)
        self.stack.push_async_callback(owner.close)
        if begin is not None:
            await owner.start(begin, SOON_S)
        return owner

    async def join(self, grant: Grant, rollout: int = 0, epoch: int = 1, lanes: int = 1) -> StreamExperience:
        plan = RolloutPlan(
            Origin("run-1", 0, rollout),
            "train",
            Mode.TRAIN,
            Component("vanilla", {}),
            (),
            (),
            1,
            grant,
            Learning.EPISODE,
            lanes=lanes,
            epoch=epoch,
        )
        experience = await asyncio.to_thread(open_experience, grant, "thinker", SENSORS, ACTUATORS, plan)
        self.stack.push_async_callback(asyncio.to_thread, experience.close)
        return experience

    async def event(self, token: str = "brain") -> SessionEvent:
        async def found() -> SessionEvent | None:
            return next((event for event in self.events if event.token == token), None)

        return await eventually(found, within_s=SOON_S)


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    pool = make_pool(settings(plugins=PLUGINS), SEARCH)
    events: list[SessionEvent] = []
    pool.on_session_event(events.append)
    async with pool.running(), AsyncExitStack() as stack:
        yield Host(pool, events, stack)


def send(experience: StreamExperience, episode: int, rollout: int = 0, count: int = 4) -> tuple[float, ...]:
    """Tell of a whole episode; the objectives."""
    found = steps(episode, count, rollout)
    for first in range(0, count, 2):
        experience.send(ExperienceBatch((episode,), first, tuple(found[first : first + 2])))
    objectives = [value for _ in range(0, count, 2) for value in experience.receive(SOON_S).objectives]
    experience.send(EpisodeEnd(key(episode, rollout), 0, count, readings(episode, count, rollout)))
    experience.receive(SOON_S)
    return tuple(objectives)


async def test_a_brain_learns_over_streams_what_it_learns_in_this_process(host: Host) -> None:
    grant = await host.grant()
    owner = await host.own(grant, begin=start())
    experience = await host.join(grant)
    here, _ = started()
    for episode in range(3):
        told = [value for answer in tell(here, episode) for value in answer.objectives]
        assert np.array_equal(await asyncio.to_thread(send, experience, episode), told, equal_nan=True)
        learn = Learn(episode, (key(episode),))
        assert await owner.learn(learn, SOON_S) == here.learn(learn)
    assert await owner.save(SOON_S) == here.save()
    await owner.shutdown(SOON_S)
    event = await host.event()
    assert (event.kind, event.reason) == (SessionEventKind.ENDED, "")


async def test_a_policy_that_comes_while_nothing_is_asked_is_told_to_all(host: Host) -> None:
    grant = await host.grant()
    owner = await host.own(grant, begin=start(rollouts=2))
    both = [await host.join(grant, rollout) for rollout in (0, 1)]
    for rollout, experience in enumerate(both):
        await asyncio.to_thread(send, experience, 0, rollout)
    learned = await owner.learn(Learn(0, (key(0, 0), key(0, 1))), SOON_S)
    for experience in both:
        assert await asyncio.to_thread(experience.wait_for_policy, 1, SOON_S) == learned.policy
    late = await host.join(grant, 2)
    assert late.joined.policy == learned.policy


async def test_in_step_mode_the_policy_comes_with_the_answer(host: Host) -> None:
    grant = await host.grant()
    await host.own(grant, begin=start(learning=Learning.STEP))
    experience = await host.join(grant)

    def step() -> Policy | None:
        experience.send(ExperienceBatch((0,), 0, tuple(steps(0)[:1])))
        return experience.receive(SOON_S).policy

    policy = await asyncio.to_thread(step)
    assert policy is not None
    assert policy.version == 1


async def test_what_is_refused_harms_nobody(host: Host) -> None:
    grant = await host.grant()
    owner = await host.own(grant, begin=start())
    experience = await host.join(grant)

    def misplaced() -> None:
        experience.send(EpisodeEnd(key(7), 0, 3, readings(7, 3)))
        with pytest.raises(InvalidArgumentError) as caught:
            experience.receive(SOON_S)
        assert caught.value.reason == "EXPERIENCE_INCOMPLETE"

    await asyncio.to_thread(misplaced)
    with pytest.raises(FailedPreconditionError) as caught:
        await owner.learn(Learn(0, (key(5),)), SOON_S)
    assert caught.value.reason == "EXPERIENCE_MISSING"
    await asyncio.to_thread(send, experience, 0)
    assert (await owner.learn(Learn(0, (key(0),)), SOON_S)).policy is not None


async def test_an_episode_that_is_discarded_may_be_told_again(host: Host) -> None:
    grant = await host.grant()
    owner = await host.own(grant, begin=start())
    experience = await host.join(grant)
    await asyncio.to_thread(send, experience, 0)
    await asyncio.to_thread(experience.discard, DiscardEpisode(key(0)))
    await asyncio.to_thread(send, experience, 0)
    here, _ = started()
    tell(here, 0)
    assert await owner.learn(Learn(0, (key(0),)), SOON_S) == here.learn(Learn(0, (key(0),)))


async def test_author_code_that_raises_fails_the_rollout_worker_and_its_owner(host: Host) -> None:
    grant = await host.grant()
    objective = Component("tests.unit.agent.brains:Mood", {"fault": "raise"})
    owner = await host.own(grant, begin=start(objective=objective))
    experience = await host.join(grant)
    with pytest.raises(AuthorError) as caught:
        await asyncio.to_thread(send, experience, 0)
    assert "no mood" in caught.value.message
    with pytest.raises(AuthorError):
        await owner.learn(Learn(0, (key(0),)), SOON_S)
    assert (await host.event()).reason == "AUTHOR_CODE_FAILED"


async def test_a_brain_that_hangs_is_killed_and_named(host: Host) -> None:
    grant = await host.grant()
    begin = replace(start("tests.integration.hosts.brains:Stuck", Learning.STEP), timeouts=Timeouts(think_s=0.3))
    await host.own(grant, begin=begin)
    experience = await host.join(grant)
    with pytest.raises(LostError):
        await asyncio.to_thread(send, experience, 0)
    event = await host.event()
    assert event.kind is SessionEventKind.HUNG
    assert event.message.startswith("Think of agent 'thinker' did not return within 0.3 s; it was at ")
    assert "brains.py:" in event.message


async def test_nobody_joins_a_brain_that_is_not_there(host: Host) -> None:
    grant = await host.grant()
    with pytest.raises((NotFoundError, LostError)) as early:
        await host.join(grant)
    assert early.value.reason == "SESSION_UNKNOWN"
    await host.own(grant, begin=start())
    with pytest.raises((NotFoundError, LostError)) as wrong:
        await host.join(replace(grant, token="another"))
    assert wrong.value.reason == "SESSION_UNKNOWN"


async def test_older_epochs_are_refused_on_every_stream(host: Host) -> None:
    grant = await host.grant()
    owner = await host.own(grant, epoch=2, begin=start())
    with pytest.raises(FailedPreconditionError) as older:
        await host.join(grant, epoch=1)
    assert older.value.reason == "EPOCH_STALE"
    experience = await host.join(grant, epoch=2)
    newer = await host.own(grant, epoch=3)
    assert await newer.attach() == 1
    with pytest.raises(FailedPreconditionError) as stale:
        await asyncio.to_thread(send, experience, 0)
    assert stale.value.reason == "EPOCH_STALE"
    with pytest.raises(FailedPreconditionError) as owned:
        await owner.save(SOON_S)
    assert owned.value.reason == "EPOCH_STALE"
    await asyncio.to_thread(send, await host.join(grant, epoch=3), 0)
    assert (await newer.learn(Learn(0, (key(0),)), SOON_S)).policy is not None


async def test_a_brain_waits_for_an_owner_as_long_as_it_was_told_to(host: Host) -> None:
    grant = await host.grant()
    owner = await host.own(grant, begin=replace(start(), orphan_s=5.0))
    experience = await host.join(grant)
    await owner.close()
    await asyncio.to_thread(send, experience, 0)  # rollout workers go on meanwhile
    newer = await host.own(grant, epoch=2)
    assert await newer.attach() == 1
    await newer.close()
    assert host.events == []


async def test_a_brain_whose_owner_never_comes_back_ends(host: Host) -> None:
    grant = await host.grant()
    owner = await host.own(grant, begin=replace(start(), orphan_s=0.3))
    experience = await host.join(grant)
    await owner.close()
    event = await host.event()
    assert (event.kind, event.reason) == (SessionEventKind.LOST, "LINGER_OVER")
    with pytest.raises(LostError):
        await asyncio.to_thread(send, experience, 0)


async def test_a_rollout_worker_that_joins_again_replaces_its_older_stream(host: Host) -> None:
    grant = await host.grant()
    await host.own(grant, begin=start())
    first = await host.join(grant)
    second = await host.join(grant)
    with pytest.raises(LostError):
        await asyncio.to_thread(send, first, 0)
    assert len(await asyncio.to_thread(send, second, 0)) == 4


async def test_the_end_of_a_brain_is_the_end_of_its_streams_and_the_slot_is_free(host: Host) -> None:
    grant = await host.grant()
    owner = await host.own(grant, begin=start())
    experience = await host.join(grant)
    await owner.shutdown(SOON_S)
    with pytest.raises(LostError):
        await asyncio.to_thread(send, experience, 0)
    again = await host.grant("again")
    await host.own(again, begin=start())
    assert len(await asyncio.to_thread(send, await host.join(again), 0)) == 4


async def test_a_brain_whose_process_is_killed_is_lost(host: Host) -> None:
    grant = await host.grant()
    owner = await host.own(grant, begin=start())
    os.kill(host.pool.slots[0].pid, signal.SIGKILL)
    with pytest.raises(LostError):
        await owner.save(SOON_S)
    assert (await host.event()).reason == "PROCESS_DIED"
