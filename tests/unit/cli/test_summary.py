"""How a run ended, for people."""

from dataclasses import replace

import pytest

from sparring.cli.playing.summary import Failure, Summary
from sparring.cli.playing.summary_table import print_summary
from tests.unit.cli.samples import FAILED, FINISHED, TRAIN, console, printed


def shown(summary: Summary) -> tuple[str, str]:
    """Return what is printed, and what is complained about."""
    out, complaints = console(), console()
    print_summary(out, complaints, summary)
    return printed(out), printed(complaints)


@pytest.mark.parametrize(
    ("status", "code"),
    [("finished", 0), ("submitted", 0), ("failed", 1), ("refused", 2), ("cancelled", 130), ("running", 1)],
)
def test_the_exit_code_says_how_it_ended(status: str, code: int) -> None:
    assert Summary("dummy.yml", status).exit_code == code


def test_a_finished_run_shows_phases_digest_store_and_three_commands() -> None:
    out, complaints = shown(Summary.of("dummy.yml", FINISHED, [TRAIN], store="data", reach="--store data"))
    assert complaints == ""
    assert [" ".join(line.split()) for line in out.splitlines() if line.strip(" ─")] == [
        "phase mode episodes steps steps/s mean return",
        "train train 5 50 1,234 2.5",
        f"digest {'ab' * 32}",
        "run dummy-1, seed 42",
        "store data",
        "next sparring plot dummy-1 --store data",
        'sparring query "SELECT phase_name, avg(episode_return) FROM episodes '
        "WHERE run = 'dummy-1' GROUP BY ALL\" --store data",
        "sparring verify dummy-1 --store data",
    ]


def test_a_run_without_episodes_has_nothing_to_plot() -> None:
    out, _ = shown(Summary.of("dummy.yml", FAILED, []))
    assert "next    sparring runs show dummy-1\n" in out
    assert "plot" not in out


def test_asynchronous_learning_is_said_beside_the_digest() -> None:
    out, _ = shown(Summary.of("dummy.yml", replace(FINISHED, deterministic=False), [TRAIN]))
    assert "learning was asynchronous" in out


def test_a_failed_run_says_what_where_and_what_to_do() -> None:
    out, complaints = shown(Summary.of("dummy.yml", FAILED, [TRAIN]))
    text = " ".join(complaints.replace("│", " ").split())
    assert "dummy-1 failed: AUTHOR_CODE_FAILED" in text
    assert "Environment 'arena' raised in update in step 3: RuntimeError: the pump is broken" in text
    assert "What to do: Correct the code, then run again" in text
    assert "dummy-1" in out


def test_a_name_in_brackets_is_not_taken_for_markup() -> None:
    phase = replace(TRAIN, name="[red]")
    out, complaints = shown(
        Summary("[bold].yml", "failed", run="r-1", phases=(phase,), failure=Failure("LOST", "[blink]"))
    )
    assert "[red]" in out
    assert "[blink]" in complaints


def test_a_cancelled_run_says_that_what_is_committed_is_kept() -> None:
    out, _ = shown(Summary("dummy.yml", "cancelled", run="dummy-1"))
    assert "what is committed is kept" in out


def test_a_refused_document_was_not_started() -> None:
    failure = Failure("DOCUMENT_INVALID", "dummy.yml has 2 problems; nothing was started.")
    assert shown(Summary("dummy.yml", "refused", failure=failure)) == ("", f"{failure.message}\n")


def test_a_submitted_run_can_be_watched_next() -> None:
    out, _ = shown(Summary("dummy.yml", "submitted", run="dummy-1", seed=1, reach="--connect broker:7000"))
    assert "sparring runs watch dummy-1 --connect broker:7000" in out
