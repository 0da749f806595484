"""Progress where nobody watches a terminal."""

from sparring.cli.playing.lines import EVERY_S, Lines
from sparring.cli.playing.scoreboard import PlannedPhase
from sparring.cli.playing.summary import Summary
from tests.unit.cli.samples import FINISHED, RUN, TRAIN, commit, console, printed, progress


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
