"""Hand-made standings, each with what is said of it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from sparring.cli.access.records import EventRecord
from sparring.cli.access.standing import ServiceRecord, SessionRecord, Standing, Track, WorkerRecord
from sparring.cli.showing.explanation import explain
from sparring.cli.showing.explanation_output import explanation_to_json, print_explanation
from tests.unit.cli.samples import FAILED, FINISHED, RUN, console, printed
from tests.unit.cli.standings import (
    ALONE,
    GOVERNOR,
    NOW,
    OWNED,
    STORE,
    connected,
    host,
    loss,
    movement,
    standing,
)

ACQUIRING = replace(OWNED, state="STARTING_SIMULATION_CONTROLLERS")
LAPSED = replace(OWNED, lease_until=NOW - timedelta(seconds=40))


def said(of: Standing) -> str:
    """Return all that is said in text."""
    made, out = explain(of), console(width=1000)
    print_explanation(out, made)
    return "\n".join(line.rstrip() for line in printed(out).splitlines())


def following(of: Standing) -> list[str]:
    """Return what happens next."""
    return list(explain(of).following)


def test_a_run_that_plays_says_state_phase_time_and_commits() -> None:
    text = said(standing())
    assert "dummy-1 is running, phase 0 (train): episodes are being played (TRANSCEIVING, for 12 s)." in text
    assert (
        "3 of 10 episodes of the phase are committed; the last commit was episode 0 of rollout worker 1, 3.2 s ago."
        in text
    )
    assert "It belongs to governor-1 (epoch 1), whose lease lasts another 10 s if it is not renewed." in text


def test_what_was_said_last_is_repeated() -> None:
    event = EventRecord(9, NOW, OWNED, "A user asked to cancel.")
    assert "(TRANSCEIVING, for 12 s; it said: A user asked to cancel)." in said(standing(last=event))


def test_a_local_run_whose_owner_still_has_its_lease_says_what_shows_that_it_died() -> None:
    assert following(standing()) == [
        "Next: the phase ends when all its episodes are committed.",
        "Should its process have died, that shows within 10 s, when its lease lapses; then "
        "`sparring run --resume dummy-1 --store data` goes on at the last commit.",
    ]


def test_a_local_run_that_nobody_owns_any_more_names_the_command_that_goes_on() -> None:
    of = standing(LAPSED)
    assert "Nobody owns it: its last owner, governor-1 (epoch 1), has been silent; its lease lapsed 40 s ago." in said(
        of
    )
    assert following(of) == [
        "Nobody plays it: `sparring run --resume dummy-1 --store data` goes on at the last commit."
    ]


def test_a_lapsed_run_behind_a_broker_is_taken_over_or_waits_for_a_governor() -> None:
    assert following(connected(run=LAPSED)) == [
        "A registered governor takes it over and goes on at the last commit within seconds, unless it governs as many "
        "runs as it may."
    ]
    assert following(standing(LAPSED, services=(STORE,))) == [
        "It goes on at the last commit when a governor comes; none is registered. `sparring serve governor` starts one."
    ]


def test_a_governor_that_is_away_but_has_its_lease_may_come_back() -> None:
    sentence = following(standing(services=(STORE,)))[0]
    assert sentence.startswith("No governor is registered: it may be starting again. In 10 s the lease of governor-1")


def test_a_submission_without_a_governor_is_started_when_one_comes() -> None:
    submitted = replace(RUN, status="submitted", state="WAITING_FOR_GOVERNOR", seed=None)
    of = Standing(NOW, submitted, services=(STORE,), reach="--connect broker:7000")
    assert "dummy-1 is submitted: it is submitted, and no governor is there to take it" in said(of)
    assert following(of) == [
        "It is started when a governor comes; none is registered. `sparring serve governor` starts one."
    ]


def test_a_phase_that_waits_for_a_slot_says_who_has_it_and_until_when_it_asks() -> None:
    full = ServiceRecord("environment", (host("w1", "other-3"), host("w2", "other-3")), 1, 99.0)
    free = ServiceRecord("agent", (host("w3", slots=4),), 1, 99.0)
    (wait,) = explain(connected(full, free, run=ACQUIRING)).waits
    assert (wait.who, wait.what, wait.since_s) == (
        "the phase",
        "a slot of service environment: 2 of 2 are taken by run other-3",
        12.0,
    )
    assert wait.then == "it begins when they are free; asked until 1 h are over (59 min 48 s left)"


def test_slots_that_several_runs_have_are_counted_by_run() -> None:
    full = ServiceRecord("environment", (host("w1", "b-1", "a-2", "a-2", slots=3),), 1)
    (wait,) = explain(connected(full, run=ACQUIRING)).waits
    assert wait.what == "a slot of service environment: 3 of 3 are taken by runs a-2 (2), b-1 (1)"


def test_a_service_that_nobody_serves_is_named() -> None:
    (wait,) = explain(connected(ServiceRecord("agent", (), 1), run=ACQUIRING)).waits
    assert wait.what == "a worker of service agent: none is registered"


def test_free_slots_that_are_too_few_are_counted() -> None:
    (wait,) = explain(connected(ServiceRecord("agent", (host("w1", "x-1", slots=3),), 1), run=ACQUIRING)).waits
    assert wait.what == "more slots of service agent: 2 of 3 are free"


def test_a_run_on_this_machine_that_waits_for_slots_says_so_without_a_broker() -> None:
    (wait,) = explain(standing(ACQUIRING)).waits
    assert wait.what == "the slots of its first bundle"


def test_a_rollout_worker_without_slots_waits_while_others_play() -> None:
    queued = ServiceRecord("simulation", (host("w1", "dummy-1"),), 1, 33.0)
    (wait,) = explain(connected(queued, movements=dict([movement(0, 2, 4)]))).waits
    assert (wait.who, wait.since_s) == ("rollout worker 1", 33.0)
    assert wait.then == "it plays when a whole bundle is free; rollout workers take turns"


def test_several_rollout_workers_have_waited() -> None:
    queued = ServiceRecord("simulation", (), 1, 33.0)
    (wait,) = explain(connected(queued)).waits
    assert f"{wait}".startswith("Rollout workers 0, 1 have waited 33 s for a worker of service simulation")


def test_others_that_wait_are_no_business_of_a_run_that_has_its_slots() -> None:
    queued = ServiceRecord("simulation", (host("w1", "dummy-1", "dummy-1", slots=2),), 1, 33.0)
    assert explain(connected(queued, movements=dict([movement(0, 2, 4), movement(1, 1, 4)]))).waits == ()


def test_a_silent_host_says_when_it_is_lost_and_what_is_played_again() -> None:
    silent = ServiceRecord("environment", (host("w1", "dummy-1", silent_s=4.0, lease_left_s=3.5),))
    (wait,) = explain(connected(silent, plan=ALONE, losses=(loss(),))).waits
    assert wait.what == "environment host w1 to be heard of again (1 session: module:World)"
    assert (wait.who, wait.since_s) == ("the run", 4.0)
    assert wait.then == "lost in 3.5 s; then episode 2 of rollout worker 0 is played again (attempt 3 of 4)"


def test_a_silent_host_of_several_rollout_workers_names_no_episode() -> None:
    silent = ServiceRecord("environment", (host("w1", "dummy-1", silent_s=4.0, lease_left_s=3.5),))
    (wait,) = explain(connected(silent)).waits
    assert wait.then == "lost in 3.5 s; then the episode that it takes part in is played again"


def test_a_loss_that_was_one_too_many_ends_the_run() -> None:
    silent = ServiceRecord("environment", (host("w1", "dummy-1", silent_s=4.0, lease_left_s=3.5),))
    (wait,) = explain(connected(silent, plan=ALONE, losses=(loss(),) * 3)).waits
    assert wait.then.endswith("the run fails with RETRIES_EXHAUSTED")


def test_a_silent_host_that_holds_nothing_of_the_run_is_not_waited_for() -> None:
    silent = ServiceRecord("environment", (host("w1", "other-3", silent_s=4.0, lease_left_s=3.5),))
    assert explain(connected(silent)).waits == ()


def test_a_broken_stream_lingers() -> None:
    worker = WorkerRecord("w1", "node:7", sessions=(SessionRecord("suspended", "module:World", "dummy-1"),))
    (wait,) = explain(connected(ServiceRecord("environment", (worker,)))).waits
    assert (wait.who, wait.what) == ("module:World", "its stream, which broke, at w1 (node:7)")


def test_a_rollout_worker_that_waits_for_room_in_the_store_has_no_deadline_of_a_step() -> None:
    track, seen = movement(0, 2, 4, 3.0)
    full = replace(seen, progress=replace(seen.progress, waiting="STORE_FULL"))
    (wait,) = explain(connected(movements=dict([(track, full), movement(1, 1, 7)]))).waits
    assert str(wait).startswith("Rollout worker 0 waits for the store (STORE_FULL): it keeps what is not durable")


def test_a_rollout_worker_that_stands_still_has_a_deadline_by_the_document() -> None:
    of = connected(movements=dict([movement(0, 2, 4, 3.0), movement(1, 1, 7)]))
    (wait,) = explain(of).waits
    assert (wait.who, wait.what, wait.since_s) == ("rollout worker 0", "episode 2, step 4 to end", 3.0)
    assert wait.then.startswith("a step may take 1 min")
    rows = [" ".join(line.split()) for line in said(of).splitlines()]
    assert "0 stands still 2 of 5 2 4 120 3.0 s" in rows
    assert "1 plays 1 of 5 1 7 120 -" in rows


def test_a_rollout_worker_that_has_not_begun_its_episode_has_the_time_of_a_reset() -> None:
    (wait,) = explain(connected(movements=dict([movement(0, 2, 0, 3.0)]))).waits
    assert wait.what == "episode 2 to begin"
    assert wait.then.startswith("a reset may take 2 min")


def test_a_rollout_worker_that_has_played_its_round_waits_for_the_others() -> None:
    of = connected(movements=dict([movement(0, 1, 10, 3.0), movement(1, 1, 7)]))
    (wait,) = explain(of).waits
    assert (wait.who, wait.what) == ("rollout worker 0", "rollout worker 1")


def test_a_rollout_worker_that_was_seen_once_is_not_said_to_play() -> None:
    track, seen = movement(0, 2, 4, 1.0)
    made = explain(connected(movements={track: replace(seen, moved=False)}))
    assert (made.rollouts[0].doing, made.waits) == ("unknown", ())


def test_a_rollout_worker_that_is_done_waits_for_nobody() -> None:
    of = connected(committed={Track(0, 0): 5, Track(0, 1): 1}, movements=dict([movement(0, 4, 10, 3.0)]))
    assert [one.doing for one in explain(of).rollouts] == ["done", "unknown"]
    assert explain(of).waits == ()


def test_losses_say_what_when_how_often_and_what_is_left() -> None:
    made = explain(standing(losses=(loss(epoch=0), loss(), loss())))
    assert made.retries_left == 1
    assert (
        "Lost so far: 3 times; the last one 5.0 s ago, episode 2 of rollout worker 0: the worker w1 was lost. "
        "Retries left: 1." in made.sentences
    )


def test_retries_of_an_episode_that_is_committed_by_now_are_of_no_interest() -> None:
    assert explain(standing(losses=(loss(episode=1),))).retries_left is None


def test_a_paused_run_names_the_command_that_goes_on() -> None:
    paused = replace(OWNED, status="paused", pause_requested=True)
    assert "dummy-1 is paused, phase 0 (train): its rollout workers hold at a step's end (TRANSCEIVING" in said(
        connected(run=paused)
    )
    assert following(connected(run=paused)) == [
        "It is paused by a user, and keeps what it holds: `sparring runs resume dummy-1 --connect broker:7000` goes on."
    ]


def test_wishes_that_were_not_heeded_yet_are_pending() -> None:
    assert "A user has asked to pause it." in said(standing(replace(OWNED, pause_requested=True)))
    assert following(standing(replace(OWNED, pause_requested=True)))[0] == (
        "It holds at its next step, and keeps what it holds."
    )
    cancelling = standing(replace(OWNED, cancel_requested=True))
    assert following(cancelling) == ["It ends as cancelled at its next step; what is committed is kept."]


def test_a_full_disk_comes_before_everything_else() -> None:
    assert following(standing(free_bytes=2**20))[0].startswith(
        "The disk of the store has 1.0 MiB left: it takes nothing (STORE_FULL) until there is room"
    )
    assert not any("STORE_FULL" in each for each in following(standing(free_bytes=2**30)))


@pytest.mark.parametrize(
    ("run", "first"),
    [(FINISHED, "dummy-1 is finished 57 s ago; nobody waits for anything."), (FAILED, "dummy-1 has failed: Env")],
)
def test_a_run_that_has_ended_waits_for_nobody(run: object, first: str) -> None:
    made = explain(standing(run))  # type: ignore[arg-type]
    assert made.sentences[0].startswith(first)
    assert (made.waits, made.rollouts) == ((), ())
    assert made.following[0].startswith("Nothing more will happen.")


def test_one_that_waits_is_a_sentence_and_several_are_a_table() -> None:
    full = ServiceRecord("environment", (host("w1", "other-3"),), 1)
    absent = ServiceRecord("agent", (), 1)
    one, several = said(connected(full, run=ACQUIRING)), said(connected(full, absent, run=ACQUIRING))
    assert "The phase has waited 12 s for a slot of service environment: 1 of 1 is taken by run other-3: it" in one
    assert "who waits" not in one
    assert "who waits" in several
    assert "a worker of service agent: none is registered" in several


def test_json_has_everything_in_one_object() -> None:
    full = ServiceRecord("environment", (host("w1", "other-3"),), 1, 99.0)
    of = connected(full, run=ACQUIRING, losses=(loss(),), movements=dict([movement(0, 2, 4)]))
    found = json.loads(explanation_to_json(explain(of)))
    assert (found["run"], found["status"], found["state"]) == ("dummy-1", "running", "STARTING_SIMULATION_CONTROLLERS")
    assert found["since"] == (NOW - timedelta(seconds=12)).isoformat()
    assert found["phase"] == {"number": 0, "name": "train", "mode": "train"}
    assert found["owner"]["governor"] == "governor-1"
    assert found["owner"]["lapsed"] is False
    assert [each["committed"] for each in found["rollouts"]] == [2, 1]
    assert found["losses"][0]["what"] == "episode 2 of rollout worker 0"
    assert found["waits"][0]["since_s"] == 12.0
    assert [each["service"] for each in found["services"]] == [GOVERNOR.service, STORE.service, "environment"]


def test_a_document_that_cannot_be_read_leaves_the_rest() -> None:
    made = explain(standing(plan=None))
    assert made.rollouts == ()
    assert "3 episodes of the phase are committed" in made.sentences[1]
