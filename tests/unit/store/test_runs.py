"""The rules by which a run changes hands, states and its user's mind."""

from dataclasses import replace

import pytest

from sparring.store.runs import Run, State, Status, Transition, Wish
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError

NEW = Run("dummy-1", "dummy", 7, True, 100)
OWNED = NEW.claimed("gov-a", 1000, 15)


def transition(ordinal: int = 1, epoch: int = 1, status: Status = Status.RUNNING, **given: object) -> Transition:
    return Transition(epoch=epoch, ordinal=ordinal, state=State.TRANSCEIVING, status=status, **given)  # type: ignore[arg-type]


def test_a_claim_gives_a_new_epoch_a_lease_and_counts_transitions_anew() -> None:
    run = replace(OWNED, ordinal=9).claimed("gov-b", 2000, 15)
    assert (run.governor, run.epoch, run.ordinal, run.lease_until_ns) == ("gov-b", 2, 0, 2015)
    assert run.status is Status.RUNNING


def test_a_paused_run_stays_paused_when_it_changes_hands() -> None:
    assert replace(OWNED, status=Status.PAUSED).claimed("gov-b", 2000, 15).status is Status.PAUSED


@pytest.mark.parametrize(
    ("run", "now_ns", "free"),
    [
        (NEW, 0, True),
        (OWNED, 1015, False),
        (OWNED, 1016, True),
        (replace(NEW, status=Status.FAILED), 0, False),
        (replace(OWNED, status=Status.FINISHED), 5000, False),
    ],
)
def test_runs_can_be_claimed_that_go_on_and_have_no_living_owner(run: Run, now_ns: int, free: bool) -> None:
    assert run.can_be_claimed(now_ns) is free


def test_an_older_epoch_is_stale() -> None:
    with pytest.raises(FailedPreconditionError) as caught:
        replace(OWNED, epoch=3).check_epoch(2)
    assert caught.value.reason == "EPOCH_STALE"
    assert caught.value.metadata == {"run": "dummy-1", "epoch": "2", "newest": "3"}


def test_an_epoch_that_was_never_given_out_is_refused() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        OWNED.check_epoch(2)
    assert caught.value.reason == "EPOCH_UNKNOWN"


def test_a_transition_is_entered_once() -> None:
    once = OWNED.entered(transition(1, phase=2), 5000)
    assert (once.state, once.phase, once.ordinal) == (State.TRANSCEIVING, 2, 1)
    assert once.entered(transition(1, phase=3), 6000) is once


def test_a_transition_that_skips_one_is_refused() -> None:
    with pytest.raises(FailedPreconditionError) as caught:
        OWNED.entered(transition(2), 5000)
    assert caught.value.reason == "ORDINAL_SKIPPED"


def test_a_transition_of_an_older_owner_is_refused() -> None:
    with pytest.raises(FailedPreconditionError) as caught:
        OWNED.claimed("gov-b", 2000, 15).entered(transition(1, epoch=1), 5000)
    assert caught.value.reason == "EPOCH_STALE"


def test_a_run_that_ends_says_when_and_why_and_stays_so() -> None:
    failed = OWNED.entered(
        transition(1, status=Status.FAILED, error_reason="AUTHOR_FAILED", error_message="It broke."), 5000
    )
    done = failed.entered(transition(2, status=Status.FAILED), 6000)
    assert (done.ended_ns, done.error_reason, done.error_message) == (5000, "AUTHOR_FAILED", "It broke.")
    with pytest.raises(FailedPreconditionError) as caught:
        done.entered(transition(3, status=Status.RUNNING), 7000)
    assert caught.value.reason == "RUN_ALREADY_TERMINAL"


def test_wishes_are_noted_for_the_owner() -> None:
    assert OWNED.wished(Wish.CANCEL, 5000).cancel_requested
    paused = OWNED.wished(Wish.PAUSE, 5000)
    assert paused.pause_requested
    assert paused.status is Status.RUNNING
    assert not paused.wished(Wish.RESUME, 6000).pause_requested


def test_a_run_that_nobody_has_begun_is_cancelled_at_once() -> None:
    cancelled = NEW.wished(Wish.CANCEL, 5000)
    assert (cancelled.status, cancelled.state, cancelled.ended_ns) == (Status.CANCELLED, State.DONE, 5000)


@pytest.mark.parametrize("wish", list(Wish))
def test_a_wish_for_a_run_that_has_ended_says_why_not(wish: Wish) -> None:
    with pytest.raises(FailedPreconditionError) as caught:
        replace(OWNED, status=Status.FAILED).wished(wish, 5000)
    assert caught.value.reason == "RUN_ALREADY_TERMINAL"
    assert caught.value.metadata == {"run": "dummy-1", "state": "failed"}
