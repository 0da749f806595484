"""Recomputing digests from stored steps finds every difference and names the episode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sparring.store.checking import Checked, check_pieces, refuse_differences
from sparring.store.episodes import CommittedEpisode, Place
from sparring.store.segments.frames import damaged
from sparring.store.steps import Piece
from sparring.types.digest import EpisodeDigest
from sparring.types.errors import FailedPreconditionError
from tests.unit.store.builders import DECLARED, Played, play


def committed(played: Played) -> CommittedEpisode:
    return CommittedEpisode("dummy-1", played.summary, 1, 5, Place(0, 0), played.late, phase_name="warm-up")


def pieces(played: Played) -> list[Piece]:
    return [
        Piece(batch, tuple(late for late in played.late if late.row <= batch.first_step)) for batch in played.batches
    ]


def check(episodes: list[Played], stored: list[Piece]) -> list[Checked]:
    return list(check_pieces(DECLARED, map(committed, episodes), iter(stored)))


def test_what_was_stored_as_it_came_is_right() -> None:
    episodes = [play(0), play(1, 7, late_at=3), play(4, 2)]
    stored = [piece for each in episodes for piece in pieces(each)]
    checked = check(episodes, stored)
    assert [each.difference for each in checked] == [None] * 3
    assert [each.digest for each in checked] == [each.summary.digest for each in episodes]


@pytest.mark.parametrize("at", [0, 8, 24, 32, 40, 48, 56, 64, 72, 88, 90])
def test_a_flipped_bit_anywhere_in_a_row_is_found(at: int) -> None:
    played = play(1, 2, batch=9)
    [piece] = pieces(played)
    rows = bytearray(piece.steps.rows)
    rows[DECLARED.layout.size + at] ^= 1
    [checked] = check([played], [replace(piece, steps=replace(piece.steps, rows=bytes(rows)))])
    assert checked.difference is not None
    assert checked.difference.message == (
        "Phase 0 (warm-up), train, rollout 0, episode 1: a stored value differs from what was committed."
    )


def test_missing_rows_are_found() -> None:
    played = play(1, 5)
    first, *_ = pieces(played)
    [checked] = check([played], [first])
    assert checked.difference is not None
    assert "it has 3 stored rows, expected 6" in checked.difference.message


def test_a_missing_episode_is_found_and_others_are_right() -> None:
    episodes = [play(0), play(1), play(2)]
    stored = [*pieces(episodes[0]), *pieces(episodes[2])]
    checked = check(episodes, stored)
    assert [each.difference is None for each in checked] == [True, False, True]


def test_rows_of_an_episode_that_was_never_committed_are_passed_over() -> None:
    episodes = [play(0), play(2)]
    stored = [*pieces(episodes[0]), *pieces(play(1)), *pieces(episodes[1])]
    assert [each.difference for each in check(episodes, stored)] == [None, None]


def test_an_end_flag_of_the_row_that_the_steps_do_not_have_is_found() -> None:
    played = play(1)
    played.summary = replace(played.summary, terminated=False)
    [checked] = check([played], pieces(played))
    assert checked.difference is not None
    assert "terminated" in checked.difference.message


def test_once_reading_fails_the_rest_is_unreadable() -> None:
    def failing() -> Iterator[Piece]:
        yield from pieces(play(0))
        raise damaged("the disk is gone")

    checked = list(check_pieces(DECLARED, map(committed, [play(0), play(1), play(2)]), failing()))
    assert checked[0].difference is not None or checked[0].digest == play(0).summary.digest
    assert [each.digest for each in checked[1:]] == [b"", b""]
    assert all(each.difference and "the disk is gone" in each.difference.message for each in checked[1:])


def test_a_difference_can_be_an_error_that_names_the_episode() -> None:
    played = play(7)
    refuse_differences(check([played], pieces(played)))
    with pytest.raises(FailedPreconditionError) as caught:
        refuse_differences(check([played], []))
    assert caught.value.reason == "DATA_DAMAGED"
    assert "episode 7" in str(caught.value)


def test_late_rewards_that_no_row_followed_still_count() -> None:
    played = play(1, 2)
    late = play(1, 4, late_at=3).late
    digest: EpisodeDigest = DECLARED.digest(played.summary.key)
    for batch in played.batches:
        digest.rows(batch.rows)
    digest.declare_rewards(0, late[0].declarations)
    played.late = late
    played.summary = replace(played.summary, digest=digest.digest())
    stored = [Piece(batch) for batch in played.batches]
    assert [each.difference for each in check([played], stored)] == [None]
