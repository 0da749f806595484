"""Progress where nobody watches a terminal."""

from dataclasses import replace
from pathlib import Path

import pytest

from sparring.cli.playing.lines import EVERY_S, Lines
from sparring.cli.playing.scoreboard import PlannedPhase
from sparring.cli.playing.summary import Summary
from tests.unit.cli.samples import FINISHED, RUN, TRAIN, commit, console, printed, progress, transition


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_lines_are_few() -> None:
    out, clock = console(), Clock()
    lines = Lines(out, console(), clock)
    with lines.watching(RUN, [PlannedPhase(0, "train", "train", 2, 5)], file="dummy.yml", store="data"):
        for revision in range(1, 4):
            lines.event(commit(revision, episode=revision - 1))
        clock.now_s += EVERY_S
        lines.progress(progress(episode=3))
        lines.progress(progress(episode=3, step=5))
    assert printed(out).splitlines() == [
        "Run dummy-1: dummy.yml, seed 42",
        "train: 3 of 10 episodes, 34 steps, 120 steps/s, mean return 2.5",
    ]


def test_a_line_says_that_the_store_is_waited_for() -> None:
    out, clock = console(), Clock()
    lines = Lines(out, console(), clock)
    with lines.watching(RUN, [], file="dummy.yml", store="data"):
        lines.progress(progress(rollout=1, waiting="STORE_FULL"))
        clock.now_s += EVERY_S
        lines.progress(progress())
        clock.now_s += EVERY_S
        lines.progress(progress(rollout=1))
    waits, goes_on = [line for line in printed(out).splitlines() if line.startswith("train")]
    assert waits.endswith("waits for the store (STORE_FULL)")
    assert goes_on.endswith("mean return -")


def test_a_line_says_what_was_lost_and_that_it_goes_on() -> None:
    out = console()
    lines = Lines(out, console(), Clock())
    handling = replace(RUN, state="HANDLING_DEAD_WORKERS")
    with lines.watching(RUN, [], file="dummy.yml", store="data"):
        lines.event(transition(1, handling, "brain of one: Process 8 was killed by SIGKILL."))
        lines.event(transition(2, RUN, "phase 0 (train)"))
    assert printed(out).splitlines()[1:] == [
        "lost: brain of one: Process 8 was killed by SIGKILL. It goes on from what is committed."
    ]


def test_without_a_plan_there_is_no_total() -> None:
    out, clock = console(), Clock()
    lines = Lines(out, console(), clock)
    with lines.watching(RUN, [], file="dummy.yml", store="data"):
        clock.now_s += EVERY_S
        lines.event(commit(1))
    assert "train: 1 episode, 10 steps, - steps/s, mean return 2.5" in printed(out)


def test_the_end_is_the_summary() -> None:
    out = console()
    Lines(out, console()).ended(Summary.of("dummy.yml", FINISHED, [TRAIN], store="data"))
    assert "ab" * 32 in printed(out)


async def test_at_the_end_there_is_a_line_of_returns_and_then_a_picture(tmp_path: Path) -> None:
    out = console()
    lines = Lines(out, console(), pictures=str(tmp_path))
    with lines.watching(RUN, [], file="dummy.yml", store=str(tmp_path)):
        lines.event(commit(1))
        lines.event(commit(2, episode=1, episode_return=5.0))
        lines.event(commit(2, episode=1, episode_return=5.0))  # told twice, counted once
    lines.ended(Summary.of("dummy.yml", FINISHED, [TRAIN], store=str(tmp_path)))
    assert "return  train  ▁█ " in printed(out)
    assert "plots" not in printed(out)
    await lines.afterwards()
    picture = tmp_path / "plots" / "dummy-1.png"
    assert printed(out).endswith(f"plot    {picture}\n")
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("folder", "status"), [("", "finished"), ("data", "cancelled")])
async def test_no_picture_is_drawn_where_none_is_wanted(
    folder: str, status: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = Lines(console(), console(), pictures=folder)
    with lines.watching(RUN, [], file="dummy.yml", store="data"):
        lines.event(commit(1))
    lines.ended(Summary.of("dummy.yml", replace(FINISHED, status=status), [TRAIN]))
    await lines.afterwards()
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240


async def test_a_picture_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "plots").write_text("in the way")
    out = console()
    lines = Lines(out, console(), pictures=str(tmp_path))
    with lines.watching(RUN, [], file="dummy.yml", store="data"):
        lines.event(commit(1))
    lines.ended(Summary.of("dummy.yml", FINISHED, [TRAIN]))
    await lines.afterwards()
    assert "No picture: " in printed(out)
    assert "cannot be written" in printed(out)
