"""Progress at a terminal, rendered to text."""

import re

from sparring.cli.playing.bars import MOST_BARS, Bars
from sparring.cli.playing.scoreboard import PlannedPhase
from sparring.cli.playing.summary import Summary
from tests.unit.cli.samples import FINISHED, RUN, TRAIN, commit, console, printed, progress


def shown(workers: int, *seen: object) -> list[str]:
    """Return the last picture: a line per bar."""
    out = console(terminal=True, width=140)
    bars = Bars(out, console())
    with bars.watching(RUN, [PlannedPhase(0, "train", "train", workers, 5)], file="dummy.yml", store="data"):
        for each in seen:
            if hasattr(each, "revision"):
                bars.event(each)  # type: ignore[arg-type]
            else:
                bars.progress(each)  # type: ignore[arg-type]
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", printed(out)).replace("\r", "\n")
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    return [" ".join(line.split()) for line in lines if "episodes" in line]


def test_a_bar_shows_episodes_steps_speed_and_return() -> None:
    line = shown(1, commit(1), progress(episode=1, step=4))[-1]
    assert re.search(r"train .*1/5 episodes 14 steps 120 steps/s return 2\.5", line), line


def test_every_rollout_worker_has_a_bar() -> None:
    lines = shown(2, commit(1, rollout=1))[-2:]
    assert re.search(r"train rollout 0 .*0/5 episodes", lines[0]), lines
    assert re.search(r"train rollout 1 .*1/5 episodes 10 steps", lines[1]), lines


def test_many_rollout_workers_share_one_bar() -> None:
    workers = MOST_BARS + 1
    line = shown(workers, commit(1), commit(2, rollout=3, episode_return=7.5))[-1]
    assert re.search(rf"train {workers} rollouts .*2/{5 * workers} episodes 20 steps .* mean return 5", line), line


def test_at_the_end_there_is_a_line_of_returns() -> None:
    out = console(terminal=True, width=140)
    bars = Bars(out, console())
    with bars.watching(RUN, [], file="dummy.yml", store="data"):
        bars.event(commit(1))
        bars.event(commit(2, mode="evaluate", episode_return=5.0))
    bars.ended(Summary.of("dummy.yml", FINISHED, [TRAIN]))
    assert "return  train           ▁" in printed(out)
    assert "evaluate train  █" in printed(out)
