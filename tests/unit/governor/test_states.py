"""The states of a run: their order, and that each transition is durable before it takes effect."""

from __future__ import annotations

import pytest

from sparring.governor.run_record import StateName, Status
from sparring.governor.states import STATES
from sparring.types.errors import UnavailableError
from sparring.types.mode import Mode
from tests.unit.governor.stage import Stage, document, phase

START = [
    "STARTING_SIMULATION_CONTROLLERS",
    "STARTING_ENVIRONMENT_CONDUCTORS",
    "STARTING_AGENT_CONDUCTORS",
    "STARTING_RUN",
]
PLAY = [*START, "TRANSCEIVING", "STOPPING_SIMULATION", "STOPPING_RUN"]
TWO_PHASES = document(phase("train"), phase("test", mode="test", episodes=2))


def test_there_is_a_class_for_every_state() -> None:
    assert set(STATES) == set(StateName)
    assert len(set(STATES.values())) == len(StateName)


async def test_a_run_of_two_phases_goes_through_its_states_in_order(stage: Stage) -> None:
    ended = await stage.play(TWO_PHASES)
    assert stage.log.states() == ["INITIALIZING", "STARTING_SETUP", *PLAY, *PLAY, "FINALIZING", "DONE"]
    assert ended.status is Status.FINISHED
    assert stage.store.keys(ended.run) == [(0, 0), (0, 1), (0, 2)]
    assert stage.store.keys(ended.run, 1, Mode.TEST) == [(0, 0), (0, 1)]


@pytest.mark.parametrize(
    ("state", "effect"),
    [
        ("STARTING_SETUP", "describe "),
        ("STARTING_SIMULATION_CONTROLLERS", "acquire "),
        ("STARTING_AGENT_CONDUCTORS", "brain apprentice: start"),
        ("STARTING_RUN", "rollout 0: start"),
        ("STOPPING_SIMULATION", "rollout 0: decide STOP_SIMULATION"),
        ("STOPPING_RUN", "brain apprentice: save"),
        ("STOPPING_RUN", "seal 0"),
    ],
)
async def test_a_transition_is_durable_before_it_takes_effect(stage: Stage, state: str, effect: str) -> None:
    await stage.play(document())
    assert stage.log.first(f"record {state} ") < stage.log.first(effect)


async def test_without_a_store_that_takes_transitions_nothing_takes_effect(stage: Stage) -> None:
    run = await stage.submit(document())
    stage.store.fail("record", UnavailableError("STORE_BUSY", "The disk is full."))
    with pytest.raises(UnavailableError):
        await stage.governor(run).run()
    assert stage.log == []


async def test_a_run_without_a_store_in_the_middle_is_left_with_nothing_held(stage: Stage) -> None:
    run = await stage.submit(document())
    governor = stage.governor(run)
    stage.store.on_record = lambda transition: (
        stage.store.fail("record", UnavailableError("STORE_BUSY", "The disk is full."))
        if transition.state is StateName.TRANSCEIVING
        else None
    )
    with pytest.raises(UnavailableError):
        await governor.run()
    assert (stage.broker.held, stage.status(run)) == ({}, Status.RUNNING)


async def test_the_last_transition_says_how_the_run_ended(stage: Stage) -> None:
    await stage.play(document())
    last = stage.store.transitions[-1]
    assert (last.state, last.status, last.message) == (StateName.DONE, Status.FINISHED, "finished")
    assert {one.status for one in stage.store.transitions[:-1]} == {Status.RUNNING}


async def test_transitions_name_their_phase(stage: Stage) -> None:
    await stage.play(TWO_PHASES)
    named = {(one.phase, one.phase_name, one.mode) for one in stage.store.transitions}
    assert named == {(0, "", Mode.TRAIN), (0, "train", Mode.TRAIN), (1, "test", Mode.TEST)}


async def test_everything_of_all_phases_is_described_before_the_first_one_begins(stage: Stage) -> None:
    other = phase("test", mode="test").replace("DummyEnvironment", "OtherEnvironment")
    await stage.play(document(phase(), other))
    described = [number for number, line in enumerate(stage.log) if line.startswith("describe")]
    assert len(described) == 4
    assert max(described) < stage.log.first("acquire")


async def test_nothing_is_held_when_a_run_is_done(stage: Stage) -> None:
    await stage.play(document(phase(worker=3)))
    assert stage.broker.held == {}
    assert all(session.closed for session in stage.brains.sessions)
    assert all(stream.closed for stream in stage.rollouts.streams)


async def test_a_brain_is_started_with_what_the_document_and_the_environments_say(stage: Stage) -> None:
    ended = await stage.play(document())
    start = stage.brains.of("apprentice").started
    assert [one.uid for one in start.sensors] == ["arena.0", "arena.1"]
    assert [one.uid for one in start.actuators] == ["arena.0"]
    assert (start.origin.run, start.rollouts, start.mode) == (ended.run, 1, Mode.TRAIN)
    assert start.objective.name == "sparring.agent:DummyObjective"


async def test_brains_go_on_from_the_phase_before(stage: Stage) -> None:
    await stage.play(TWO_PHASES)
    first, second = (session.started for session in stage.brains.sessions)
    assert first.state is None
    assert second.state is not None
    assert second.state.data == b"apprentice after 0"


async def test_a_governor_on_its_own_claims_the_next_run(stage: Stage) -> None:
    run = await stage.submit(document())
    governor = stage.lonely_governor()
    await governor.run()
    assert (governor.experiment_run_id, stage.status(run)) == (run, Status.FINISHED)
    assert governor.experiment_run is not None
    assert governor.experiment_run.uid == "play"
