"""The grammar of a stream of steps and commits."""

import pytest

from sparring.store import recording
from sparring.store.recording import Grammar
from sparring.types.episode import EpisodeSummary, StepRows
from sparring.types.errors import SparringError
from tests.unit.store.builders import BONUS, DECLARED, play

LAYOUT = DECLARED.layout


def reason(grammar: Grammar, *calls: str) -> str:
    """Return why the last of these frames is refused."""
    for call in calls[:-1]:
        step(grammar, call)
    with pytest.raises(SparringError) as caught:
        step(grammar, calls[-1])
    return caught.value.reason


def step(grammar: Grammar, call: str) -> None:
    one = play(1, steps=4, batch=5)
    match call:
        case "begin":
            grammar.begin(1)
        case "steps":
            grammar.add(one.batches[0])
        case "commit":
            grammar.commit(one.summary, one.rows)
        case "drop":
            grammar.drop(1)
        case "declare":
            grammar.declare(1, 0, [BONUS])
        case "declare elsewhere":
            grammar.declare(1, 1, [BONUS])


def test_an_episode_begins_gets_its_rows_and_is_committed() -> None:
    grammar = Grammar(LAYOUT)
    for call in ("begin", "steps"):
        step(grammar, call)
    assert grammar.commit(play(1, steps=4).summary, 5).rows == 5
    step(grammar, "begin")  # played again


@pytest.mark.parametrize(
    "calls",
    [
        ("steps",),
        ("commit",),
        ("declare",),
        ("begin", "begin"),
        ("begin", "drop", "steps"),
        ("begin", "steps", "commit", "commit"),
    ],
)
def test_frames_that_may_not_come_are_refused(calls: tuple[str, ...]) -> None:
    assert reason(Grammar(LAYOUT), *calls) == "GRAMMAR_VIOLATED"


def test_dropping_what_is_not_open_is_no_error() -> None:
    Grammar(LAYOUT).drop(5)


@pytest.mark.parametrize("calls", [("begin", "commit"), ("begin", "steps", "steps")])
def test_missing_rows_and_rows_that_come_twice_are_noticed(calls: tuple[str, ...]) -> None:
    assert reason(Grammar(LAYOUT), *calls) == "COUNT_MISMATCH"


def test_a_summary_with_another_number_of_steps_is_noticed() -> None:
    grammar = Grammar(LAYOUT)
    grammar.begin(1)
    grammar.add(play(1, steps=4, batch=5).batches[0])
    summary: EpisodeSummary = play(1, steps=3).summary
    with pytest.raises(SparringError) as caught:
        grammar.commit(summary, 5)
    assert caught.value.reason == "COUNT_MISMATCH"


def test_late_rewards_make_the_rows_from_there_on_longer() -> None:
    played = play(1, steps=4, late_at=2)
    grammar = Grammar(LAYOUT)
    grammar.begin(1)
    grammar.add(played.batches[0])
    grammar.declare(1, 0, [BONUS])
    grammar.add(played.batches[1])
    ended = grammar.commit(played.summary, 5)
    assert [(each.row, each.environment) for each in ended.late] == [(2, 0)]


@pytest.mark.parametrize("rows", [b"", bytes(1), bytes(LAYOUT.size + 8)])
def test_rows_of_another_size_are_malformed(rows: bytes) -> None:
    grammar = Grammar(LAYOUT)
    grammar.begin(1)
    with pytest.raises(SparringError) as caught:
        grammar.add(StepRows(1, 0, 1, rows))
    assert caught.value.reason == "FRAME_MALFORMED"


def test_texts_that_nobody_declared_are_malformed() -> None:
    grammar = Grammar(LAYOUT)
    grammar.begin(1)
    with pytest.raises(SparringError) as caught:
        grammar.add(StepRows(1, 0, 1, bytes(LAYOUT.size), ("what?",)))
    assert caught.value.reason == "FRAME_MALFORMED"


def test_rewards_of_an_environment_that_does_not_exist_are_malformed() -> None:
    assert reason(Grammar(LAYOUT), "begin", "declare elsewhere") == "FRAME_MALFORMED"


def test_a_stream_has_a_bounded_number_of_open_episodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MOST_OPEN", 2)
    grammar = Grammar(LAYOUT)
    grammar.begin(1)
    grammar.begin(2)
    with pytest.raises(SparringError) as caught:
        grammar.begin(3)
    assert caught.value.reason == "GRAMMAR_VIOLATED"
