"""Many runs in one process: each on its own, and handed over when the process ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from sparring.governor.desk import Desk
from sparring.governor.fleet import Fleet
from sparring.governor.rollout_frames import Cause, RolloutEnded
from sparring.governor.run_record import Status, Wish
from sparring.types.errors import AuthorError, FailedPreconditionError, NotFoundError, UnavailableError
from tests.support.eventually import eventually
from tests.unit.governor.stage import LIMITS, Stage, document, phase

RAISED = RolloutEnded(Cause.FAILED, AuthorError("AUTHOR_CODE_FAILED", "update raised."))


@asynccontextmanager
async def fleet(stage: Stage, *, runs: int = 8, look_every_s: float = 30.0) -> AsyncIterator[Fleet]:
    found = Fleet(stage.ports, uid="fleet", runs=runs, look_every_s=look_every_s, limits=LIMITS)
    task = asyncio.ensure_future(found.run())
    try:
        yield found
        await found.leave(2.0)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def ended(stage: Stage, *runs: str) -> list[Status]:
    await eventually(lambda: all(stage.status(run).terminal for run in runs), message=f"{runs} are over")
    return [stage.status(run) for run in runs]


async def start(desk: Desk, text: bytes, token: str = "") -> str:
    return await desk.start(text, client_token=token, file_name="play.yml", seed=None, placement="")


async def test_a_run_is_governed_as_soon_as_it_is_submitted(stage: Stage) -> None:
    async with fleet(stage) as governors:
        run = await start(Desk(stage.ports, governors), document())
        assert await ended(stage, run) == [Status.FINISHED]
    assert stage.store.runs[run].governor == "fleet"


async def test_a_run_that_fails_does_not_harm_the_one_beside_it(stage: Stage) -> None:
    gate = stage.rollouts.gate(0, 1)
    stage.rollouts.endings[1, 0] = [RAISED]
    async with fleet(stage) as governors:
        desk = Desk(stage.ports, governors)
        good = await start(desk, document())
        await stage.logged("rollout 0: plays 1")
        bad = await start(desk, document(phase(worker=2)))
        assert await ended(stage, bad) == [Status.FAILED]
        assert stage.status(good) is Status.RUNNING
        gate.set()
        assert await ended(stage, good) == [Status.FINISHED]
    assert stage.broker.held == {}
    assert stage.store.keys(good) == [(0, 0), (0, 1), (0, 2)]


async def test_a_lapsed_run_is_found_and_taken_over(stage: Stage) -> None:
    run = await stage.submit(document())
    stage.store.give(run, "a governor that died")
    stage.store.lapsed.add(run)
    async with fleet(stage):
        assert await ended(stage, run) == [Status.FINISHED]
    assert (stage.store.runs[run].governor, stage.store.runs[run].epoch) == ("fleet", 2)


async def test_a_run_whose_owner_lives_is_left_alone(stage: Stage) -> None:
    other = await stage.submit(document())
    stage.store.give(other, "somebody else")
    async with fleet(stage) as governors:
        run = await start(Desk(stage.ports, governors), document())
        assert await ended(stage, run) == [Status.FINISHED]
    assert stage.store.runs[other].governor == "somebody else"


async def test_more_runs_than_there_is_room_for_wait_until_there_is(stage: Stage) -> None:
    gate = stage.rollouts.gate(0, 0)
    async with fleet(stage, runs=1) as governors:
        desk = Desk(stage.ports, governors)
        runs = [await start(desk, document()) for _ in range(3)]
        await stage.logged("rollout 0: plays 0")
        assert len(governors.governed) == 1
        gate.set()
        assert await ended(stage, *runs) == [Status.FINISHED] * 3


async def test_a_store_that_is_away_is_asked_again(stage: Stage) -> None:
    stage.store.fail("claim", UnavailableError("UNAVAILABLE", "The store is away."))
    run = await stage.submit(document())
    async with fleet(stage, look_every_s=0.01):
        stage.store.failing.clear()
        assert await ended(stage, run) == [Status.FINISHED]


async def test_a_process_that_ends_leaves_its_runs_to_others(stage: Stage) -> None:
    stage.rollouts.gate(0, 1)
    async with fleet(stage) as governors:
        run = await start(Desk(stage.ports, governors), document())
        await stage.logged("rollout 0: plays 1")
    assert (stage.status(run), stage.store.keys(run)) == (Status.RUNNING, [(0, 0)])
    assert (governors.governed, stage.broker.held) == ([], {})


async def test_a_wish_is_heard_at_once_where_the_run_is_governed(stage: Stage) -> None:
    stage.rollouts.gate(0, 0)
    async with fleet(stage) as governors:
        desk = Desk(stage.ports, governors)
        run = await start(desk, document())
        await stage.logged("rollout 0: plays 0")
        await desk.wish(run, Wish.CANCEL)
        assert await ended(stage, run) == [Status.CANCELLED]


async def test_the_same_token_never_makes_a_second_run(stage: Stage) -> None:
    async with fleet(stage) as governors:
        desk = Desk(stage.ports, governors)
        first = await start(desk, document(), "wish-1")
        assert await start(desk, document(), "wish-1") == first
        assert await start(desk, document(), "wish-2") != first
        await ended(stage, *stage.store.runs)


async def test_wishes_for_a_run_that_is_over_or_unknown_are_refused(stage: Stage) -> None:
    async with fleet(stage) as governors:
        desk = Desk(stage.ports, governors)
        run = await start(desk, document())
        await ended(stage, run)
        with pytest.raises(FailedPreconditionError) as over:
            await desk.wish(run, Wish.PAUSE)
        with pytest.raises(NotFoundError) as unknown:
            await desk.wish("nobody", Wish.CANCEL)
    assert (over.value.reason, unknown.value.reason) == ("RUN_ALREADY_TERMINAL", "RUN_UNKNOWN")


async def test_progress_is_shown_from_when_the_run_is_governed_here(stage: Stage) -> None:
    gate = stage.rollouts.gate(0, 1)
    async with fleet(stage) as governors:
        shown = governors.progress("play-1")
        first = asyncio.ensure_future(anext(shown))
        run = await start(Desk(stage.ports, governors), document(phase(episodes=2)))
        note = await first
        assert (run, note.phase_name, note.rollout, note.episodes) == ("play-1", "train", 0, 2)
        gate.set()
        await ended(stage, run)
        await shown.aclose()  # type: ignore[attr-defined]
