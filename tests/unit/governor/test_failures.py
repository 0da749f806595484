"""What fails ends its run, with reason and message, and leaves nothing behind."""

from __future__ import annotations

import pytest

from sparring.governor.rollout_frames import Cause, RolloutEnded
from sparring.governor.run_record import StateName, Status
from sparring.types.errors import (
    AuthorError,
    DeadlineError,
    HungError,
    InvalidArgumentError,
    NotFoundError,
    UnavailableError,
)
from sparring.types.holding import SessionEvent
from tests.unit.governor.stage import Stage, document, phase

NOTHING: dict[str, dict[str, float]] = {}
RAISED = AuthorError("AUTHOR_CODE_FAILED", "environment 'arena' raised in update in step 3.", component="arena", step=3)


def check_failed(stage: Stage, run: str, reason: str, *states: str) -> None:
    found = stage.store.runs[run]
    assert (found.status, found.state, found.error_reason) == (Status.FAILED, StateName.DONE, reason)
    assert stage.log.states()[-len(states) :] == list(states)
    assert stage.broker.held == {}
    assert all(session.closed for session in stage.brains.sessions)
    assert all(stream.closed for stream in stage.rollouts.streams)


async def test_a_document_that_cannot_be_read_any_more_ends_its_run(stage: Stage) -> None:
    stage.store.fail("document", NotFoundError("RUN_UNKNOWN", "There is no such document."))
    ended = await stage.play(document())
    check_failed(stage, ended.run, "RUN_UNKNOWN", "INITIALIZING", "ERROR_HANDLING_INITIALIZING", "FINALIZING", "DONE")


async def test_a_condition_that_nobody_has_ends_its_run(stage: Stage) -> None:
    ended = await stage.play(document(tail="run_config: {condition: {name: 'nowhere.at_all:Condition'}}\n"))
    check_failed(stage, ended.run, "COMPONENT_UNKNOWN", "ERROR_HANDLING_INITIALIZING", "FINALIZING", "DONE")


async def test_a_refused_parameter_is_shown_with_its_line(stage: Stage) -> None:
    wrong = InvalidArgumentError("PARAMETERS_INVALID", "DummyEnvironment has no parameter 'size'.")
    stage.describer.refusing["sparring.environment:DummyEnvironment"] = wrong
    ended = await stage.play(document())
    check_failed(stage, ended.run, "DOCUMENT_INVALID", "STARTING_SETUP", *ERROR_WHILE_STARTING)
    assert "play.yml:7: schedule[0].train.environments[0].environment" in ended.error_message
    assert "no parameter 'size'" in ended.error_message
    assert stage.log.of("acquire") == []


async def test_a_sensor_that_no_environment_has_is_shown_before_anything_starts(stage: Stage) -> None:
    text = document(phase(), phase("test", mode="test").replace("arena.1", "arena.17"))
    ended = await stage.play(text)
    check_failed(stage, ended.run, "DOCUMENT_INVALID", *ERROR_WHILE_STARTING)
    assert "schedule[1].test.agents[0].sensors[1]" in ended.error_message
    assert stage.log.of("acquire") == []


async def test_a_host_that_cannot_be_asked_is_no_mistake_of_the_document(stage: Stage) -> None:
    absent = UnavailableError("SERVICE_ABSENT", "There is no worker for environment.")
    stage.describer.refusing["sparring.environment:DummyEnvironment"] = absent
    ended = await stage.play(document())
    check_failed(stage, ended.run, "SERVICE_ABSENT", *ERROR_WHILE_STARTING)


async def test_a_brain_of_another_run_that_is_not_there_is_found_out_at_once(stage: Stage) -> None:
    text = phase().replace("sensors:", "load: {experiment_run: other, phase: 0}\n          sensors:")
    ended = await stage.play(document(text))
    check_failed(stage, ended.run, "BRAIN_STATE_UNKNOWN", *ERROR_WHILE_STARTING)
    assert stage.log.of("acquire") == []


async def test_slots_that_do_not_come_end_the_run(stage: Stage) -> None:
    stage.broker.failing = DeadlineError("BUNDLE_UNAVAILABLE", "environment: 0 of 1 slots free.")
    ended = await stage.play(document())
    check_failed(stage, ended.run, "BUNDLE_UNAVAILABLE", "STARTING_SIMULATION_CONTROLLERS", *ERROR_WHILE_STARTING)


async def test_a_brain_that_cannot_be_started_ends_the_run(stage: Stage) -> None:
    stage.brains.failing["start"] = [AuthorError("AUTHOR_CODE_FAILED", "the brain of agent 'apprentice' raised.")]
    ended = await stage.play(document(phase(worker=2)))
    check_failed(stage, ended.run, "AUTHOR_CODE_FAILED", "STARTING_AGENT_CONDUCTORS", *ERROR_WHILE_STARTING)
    assert stage.log.of("rollout") == []


async def test_an_environment_that_cannot_be_started_ends_the_run(stage: Stage) -> None:
    stage.rollouts.refusal = InvalidArgumentError("PLAN_INVALID", "environment 'arena' has no place.")
    ended = await stage.play(document())
    assert ended.error_message == "environment 'arena' has no place."
    check_failed(stage, ended.run, "PLAN_INVALID", "STARTING_RUN", *ERROR_WHILE_STARTING)


async def test_author_code_that_raises_ends_the_run_with_its_own_words(stage: Stage) -> None:
    stage.rollouts.endings[0, 1] = [RolloutEnded(Cause.FAILED, RAISED)]
    ended = await stage.play(document(phase(worker=2)))
    check_failed(stage, ended.run, "AUTHOR_CODE_FAILED", *ERROR_WHILE_HANDLING)
    assert ended.error_message == "environment 'arena' raised in update in step 3."
    assert (0, 1) not in stage.store.keys(ended.run)
    assert (0, 0) in stage.store.keys(ended.run)


async def test_the_error_is_durable_before_anything_is_closed(stage: Stage) -> None:
    stage.rollouts.endings[0, 0] = [RolloutEnded(Cause.FAILED, RAISED)]
    await stage.play(document())
    first = next(one for one in stage.store.transitions if one.error_reason)
    assert (first.state, first.status) == (StateName.ERROR_HANDLING_TRANSCEIVING, Status.RUNNING)
    assert (first.error_reason, first.error_message) == (RAISED.reason, RAISED.message)
    assert stage.log.first("record ERROR_HANDLING") < stage.log.first("brain apprentice: shutdown")


async def test_a_session_that_hangs_ends_the_run_naming_it(stage: Stage) -> None:
    stage.rollouts.gate(0, 0)
    async with stage.governing(document()) as (run, governor):
        await stage.reached(governor, StateName.TRANSCEIVING)
        token = stage.broker.token("environment arena")
        await stage.watched(token)
        stage.broker.happen(SessionEvent.hung(token, "DEADLINE_PASSED", "update did not return within 1 s."))
    check_failed(stage, run, "DEADLINE_PASSED", *ERROR_WHILE_HANDLING)
    assert stage.store.runs[run].error_message == "environment arena: update did not return within 1 s."


async def test_a_brain_that_hangs_ends_the_run_naming_it(stage: Stage) -> None:
    stage.rollouts.gate(0, 0)
    async with stage.governing(document()) as (run, governor):
        await stage.reached(governor, StateName.TRANSCEIVING)
        token = stage.broker.token("brain apprentice")
        await stage.watched(token)
        stage.broker.happen(SessionEvent.hung(token, "DEADLINE_PASSED", "think did not return within 1 s."))
    check_failed(stage, run, "DEADLINE_PASSED", "HANDLING_DEAD_WORKERS", *ERROR_WHILE_TRANSCEIVING)
    assert "the brain of agent 'apprentice'" in stage.store.runs[run].error_message


async def test_a_brain_that_ends_with_a_reason_ends_the_run(stage: Stage) -> None:
    stage.rollouts.gate(0, 0)
    async with stage.governing(document()) as (run, governor):
        await stage.reached(governor, StateName.TRANSCEIVING)
        token = stage.broker.token("brain apprentice")
        await stage.watched(token)
        stage.broker.happen(SessionEvent.ended(token, "AUTHOR_CODE_FAILED", "thinking raised ValueError."))
    check_failed(stage, run, "AUTHOR_CODE_FAILED", *ERROR_WHILE_TRANSCEIVING)


async def test_a_brain_that_raises_while_it_learns_ends_the_run(stage: Stage) -> None:
    stage.brains.learns = True
    stage.brains.failing["learn"] = [AuthorError("AUTHOR_CODE_FAILED", "thinking raised ValueError.")]
    ended = await stage.play(document(phase(worker=2)))
    check_failed(stage, ended.run, "AUTHOR_CODE_FAILED", "TRANSCEIVING", *ERROR_WHILE_TRANSCEIVING)


async def test_a_brain_that_cannot_be_saved_ends_the_run(stage: Stage) -> None:
    stage.brains.failing["save"] = [HungError("DEADLINE_PASSED", "the brain of agent 'apprentice' did not answer.")]
    ended = await stage.play(document())
    check_failed(stage, ended.run, "DEADLINE_PASSED", "STOPPING_RUN", *ERROR_WHILE_TRANSCEIVING)


async def test_an_audit_that_does_not_add_up_ends_the_run(stage: Stage) -> None:
    run = await stage.submit(document())
    governor = stage.governor(run)
    stage.store.on_seal = stage.store.committed.popitem
    await governor.run()
    check_failed(stage, run, "AUDIT_FAILED", "STOPPING_RUN", *ERROR_WHILE_TRANSCEIVING)


async def test_a_bug_in_a_state_ends_the_run_and_not_the_service(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.rollouts.objectives = lambda key: NOTHING["nothing"]
    run = await stage.submit(document())
    governor = stage.governor(run)
    await governor.run()
    found = stage.store.runs[run]
    assert (found.status, found.error_reason) == (Status.FAILED, "INTERNAL")
    assert found.error_message == "KeyError: 'nothing'"
    assert any(record.exc_info is not None for record in caplog.records)
    assert stage.broker.held == {}


async def test_what_fails_while_closing_does_not_hide_the_first_error(stage: Stage) -> None:
    stage.rollouts.endings[0, 0] = [RolloutEnded(Cause.FAILED, RAISED)]
    stage.brains.failing["shutdown"] = [HungError("DEADLINE_PASSED", "no answer")]
    ended = await stage.play(document())
    check_failed(stage, ended.run, "AUTHOR_CODE_FAILED", *ERROR_WHILE_TRANSCEIVING)


async def test_rollout_workers_that_do_not_end_are_taken_away(stage: Stage) -> None:
    stage.rollouts.deaf = True
    stage.rollouts.gate(1, 0)
    stage.rollouts.endings[0, 0] = [RolloutEnded(Cause.FAILED, RAISED)]
    ended = await stage.play(document(phase(worker=2)))
    check_failed(stage, ended.run, "AUTHOR_CODE_FAILED", *ERROR_WHILE_TRANSCEIVING)


async def test_a_run_that_was_failing_when_its_governor_was_lost_only_ends(stage: Stage) -> None:
    run = await stage.submit(document())
    stage.wish(run, error_reason="AUTHOR_CODE_FAILED", error_message="update raised.")
    await stage.governor(run).run()
    check_failed(stage, run, "AUTHOR_CODE_FAILED", "FINALIZING", "DONE")
    assert stage.log.of("acquire", "describe") == []


ERROR_WHILE_STARTING = ("ERROR_HANDLING_STARTING", "STOPPING_TRANSCEIVING", "FINALIZING", "DONE")
ERROR_WHILE_TRANSCEIVING = ("ERROR_HANDLING_TRANSCEIVING", "STOPPING_TRANSCEIVING", "FINALIZING", "DONE")
ERROR_WHILE_HANDLING = ("HANDLING_SIMULATION_CONTROLLER_TERMINATION", *ERROR_WHILE_TRANSCEIVING)
