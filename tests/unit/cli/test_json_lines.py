"""`--json`: what programs read."""

import io
import json
import math
from typing import Any

from sparring.cli.playing.json_lines import JsonLines
from sparring.cli.playing.scoreboard import PlannedPhase
from sparring.cli.playing.summary import Summary
from sparring.cli.reference import reference_page
from sparring.experiment.problems import Problem
from tests.unit.cli.samples import FAILED, FINISHED, RUN, TRAIN, commit, progress, transition

PROBLEM = Problem("a.yml", 3, 5, "schedule[0]", "nothing", "a list", "expected a list, found nothing")


def said(*, failed: bool = False) -> list[dict[str, Any]]:
    """Return the lines of a run with one of everything."""
    out = io.StringIO()
    tell = JsonLines(out)
    tell.refused([PROBLEM])
    with tell.watching(RUN, [PlannedPhase(0, "train", "train", 1, 5)], file="dummy.yml", store="data"):
        tell.event(transition(1, RUN, "begun"))
        tell.event(commit(2))
        tell.progress(progress(episode_return=math.nan))
        tell.notice("Stopping.")
    tell.ended(Summary.of("dummy.yml", FAILED if failed else FINISHED, [TRAIN], platform="here", store="data"))
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_every_line_is_an_event_and_the_last_is_the_summary() -> None:
    events = [line["event"] for line in said()]
    assert events == ["problem", "started", "state", "episode", "progress", "notice", "summary"]


def test_every_line_of_a_run_names_it() -> None:
    assert {line.get("run") for line in said()[1:]} == {"dummy-1"}


def test_the_summary_has_the_keys_that_others_rely_on() -> None:
    summary = said()[-1]
    assert summary["status"] == "finished"
    assert summary["digest"] == "ab" * 32
    assert summary["deterministic"] is True
    assert summary["platform"] == "here"
    assert summary["seed"] == 42
    assert "error" not in summary
    assert summary["phases"] == [
        {"name": "train", "mode": "train", "episodes": 5, "steps": 50, "steps_per_second": 1234.5, "mean_return": 2.5}
    ]


def test_a_failure_says_reason_and_message() -> None:
    summary = said(failed=True)[-1]
    assert summary["status"] == "failed"
    assert summary["digest"] is None
    assert summary["error"]["reason"] == "AUTHOR_CODE_FAILED"
    assert "the pump is broken" in summary["error"]["message"]


def test_what_json_cannot_say_is_null() -> None:
    (shown,) = [line for line in said() if line["event"] == "progress"]
    assert shown["episode_return"] is None


def test_a_phase_without_an_episode_has_no_mean() -> None:
    from dataclasses import replace

    summary = Summary.of("dummy.yml", FINISHED, [replace(TRAIN, episodes=0, mean_return=math.nan)])
    assert summary.to_dict()["phases"][0]["mean_return"] is None


def test_the_reference_page_names_every_event_and_every_key() -> None:
    page = reference_page()
    for line in said(failed=True):
        assert f"| `{line['event']}` |" in page
        for key in line:
            assert f"`{key}`" in page, key
