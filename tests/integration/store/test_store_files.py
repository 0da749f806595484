"""Files that a crash cut at random bytes: nothing acknowledged is missing, the rest is played again; damage is told."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
import pytest_asyncio

from sparring.store.composition import composed
from sparring.store.places import DATABASE, Places
from sparring.store.segments.frames import MAGIC
from sparring.types.errors import FailedPreconditionError
from tests.integration.store.crashes import (
    EPISODES,
    ROLLOUTS,
    Committed,
    Moment,
    Story,
    crash,
    opened,
    segment_of,
    told,
    verified,
)

CRASHES = 80
CHECKPOINTS = 20


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A run of a few groups of commits, all of them still in the database's log."""
    story = await told(tmp_path_factory.mktemp("story") / "store", random.Random(5))
    sizes = [moment.log for moment in story.moments]
    assert sizes == sorted(set(sizes)), "the log has grown with every group, and was not begun anew"
    return story


async def continued(story: Story, directory: Path) -> Committed:
    """Start a store over these files, play what is missing; return what was there.

    All that is there has the digest with which it was committed, and in the end all is as if nothing had happened.
    """
    async with composed(directory) as store:
        differences, found = await verified(store, story.run.run)
        assert not differences
        players = {each: await opened(store, story.run, each) for each in ROLLOUTS}
        there = {each: player.committed for each, player in players.items()}
        assert found.episodes == sum(map(len, there.values()))
        for rollout, player in players.items():
            await player.play(*sorted(set(range(EPISODES)) - there[rollout]))
            player.close()
        differences, found = await verified(store, story.run.run)
        assert (differences, found.episodes, found.digest) == ([], len(ROLLOUTS) * EPISODES, story.digest)
    return there


def holds(there: Committed, moment: Moment) -> bool:
    """Tell whether everything that was acknowledged at a moment is there."""
    return all(moment.acknowledged[rollout] <= there[rollout] for rollout in ROLLOUTS)


async def test_files_that_a_crash_cut_anywhere_hold_what_was_acknowledged(story: Story, tmp_path: Path) -> None:
    kept = lost = 0
    for seed in range(CRASHES):
        rng = random.Random(seed)
        number = rng.randrange(len(story.moments) - 1)
        directory = tmp_path / str(seed)
        crash(story, number, rng, directory)
        there = await continued(story, directory)
        assert holds(there, story.moments[number]), seed
        following = there == story.moments[number + 1].acknowledged
        assert following or there == story.moments[number].acknowledged, f"seed {seed}: a group became durable in part"
        kept, lost = kept + following, lost + (not following)
    assert kept  # some groups were durable and not yet acknowledged
    assert lost > kept  # most were cut in the middle


async def test_a_crash_while_the_log_is_copied_into_the_database_loses_nothing(story: Story, tmp_path: Path) -> None:
    rng = random.Random(9)
    for number in range(CHECKPOINTS):
        cut = rng.randint(0, len(story.checkpointed))
        directory = tmp_path / str(number)
        database = story.checkpointed[:cut] + story.database[cut:]
        story.lay_out(directory, story.log, story.segments, database)
        assert holds(await continued(story, directory), story.moments[-1]), cut


async def test_rows_that_the_disk_lost_after_all_are_played_again(story: Story, tmp_path: Path) -> None:
    rng = random.Random(3)
    for number in range(5):
        directory = tmp_path / str(number)
        log = story.log[: rng.randint(story.moments[0].log, story.moments[-1].log - 1)]
        story.lay_out(directory, log, story.segments)
        assert not holds(await continued(story, directory), story.moments[-1])


async def test_steps_that_the_disk_lost_are_told_to_their_rollout_worker_alone(story: Story, tmp_path: Path) -> None:
    story.lay_out(tmp_path, story.log, story.segments)
    cut = random.Random(1).randrange(len(MAGIC), story.moments[-1].segments[0])
    os.truncate(segment_of(Places(tmp_path), story.run.run, 0), cut)
    async with composed(tmp_path) as store:
        with pytest.raises(FailedPreconditionError) as caught:
            await opened(store, story.run, 0)
        assert caught.value.reason == "DATA_DAMAGED"
        assert f"Rollout 0 of phase 0 (train) of run {story.run.run}" in caught.value.message
        other = await opened(store, story.run, 1)
        await other.play(EPISODES)
        other.close()
        differences, found = await verified(store, story.run.run)
        assert {each.episode.summary.key.rollout for each in differences} == {0}
        assert found.episodes == len(ROLLOUTS) * EPISODES + 1
    assert segment_of(Places(tmp_path), story.run.run, 0).stat().st_size == cut, "what is left is not touched"


async def test_a_database_that_lost_a_part_of_itself_is_called_damaged(story: Story, tmp_path: Path) -> None:
    story.lay_out(tmp_path, b"", story.segments, story.checkpointed[: len(story.checkpointed) // 2 + 100])
    with pytest.raises(FailedPreconditionError) as caught:
        async with composed(tmp_path) as store:
            await opened(store, story.run, 0)
    assert caught.value.reason == "DATA_DAMAGED"
    assert DATABASE in caught.value.message
