"""Faults between a rollout worker and its sessions: what agents see, what environments get, what is kept, and once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparring.simulation.control import Cause, RolloutGauge
from sparring.simulation.faults.provider import with_faults
from sparring.types.errors import SparringError
from sparring.types.faults import Fault, FaultKind
from sparring.types.frames import Strike
from sparring.types.layout import Layout
from sparring.types.record import EnvironmentDeclarations, RowLayout
from sparring.types.space import Discrete
from tests.unit.simulation.faulty_stage import ONE, PUSHES, FaultyStage, Ledger, Tank, played, process, sensor
from tests.unit.simulation.stage import Stage


@pytest.fixture(scope="module")
def true() -> FaultyStage:
    """The episode without faults; pushes 0 1 0 1 0."""
    stage = FaultyStage([])
    played(stage)
    return stage


@pytest.fixture
def seen(true: FaultyStage) -> list[float]:
    """What its agent saw."""
    return true.levels()


def test_the_world_without_faults_moves(seen: list[float]) -> None:
    assert [level - seen[0] for level in seen] == [0, 0, 1, 1, 2, 2]


def test_a_phase_without_faults_has_its_sessions_as_they_are() -> None:
    stage = Stage(ONE, PUSHES)
    assert with_faults(stage, stage.plan, RolloutGauge()) is stage


def test_components_without_faults_have_their_sessions_as_they_are() -> None:
    stage = FaultyStage([process(FaultKind.KILL)])
    provider = with_faults(stage, stage.plan, RolloutGauge())
    assert provider.muscle(stage.plan.agents[0]) is stage.muscles["pusher"]
    assert provider.environment(stage.plan.environments[0]) is not stage.tank


def test_a_provider_that_knows_nowhere_to_keep_faults_is_refused() -> None:
    stage = Stage(ONE, PUSHES)
    plan = replace(stage.plan, faults=(process(FaultKind.KILL),))
    with pytest.raises(SparringError) as caught:
        with_faults(stage, plan, RolloutGauge())
    assert caught.value.reason == "FAULTS_NOT_KEPT"


def test_a_frozen_sensor_keeps_showing_what_it_showed_last(seen: list[float], true: FaultyStage) -> None:
    stage = FaultyStage([sensor(FaultKind.SENSOR_FREEZE, from_step=2, until_step=5)])
    played(stage)
    assert stage.levels() == [*seen[:2], seen[1], seen[1], seen[1], seen[5]]
    assert stage.struck() == [(0, 2, "sensor_freeze")]
    assert stage.digests() != true.digests()
    assert stage.ledger.closed


def test_a_sensor_frozen_from_the_beginning_shows_the_beginning(seen: list[float]) -> None:
    stage = FaultyStage([sensor(FaultKind.SENSOR_FREEZE)])
    played(stage)
    assert stage.levels() == [seen[0]] * 6


def test_a_bias_is_added_in_its_steps_only_and_freezes_with_the_sensor(seen: list[float]) -> None:
    stage = FaultyStage([sensor(FaultKind.SENSOR_BIAS, value=0.5, until_step=2)])
    played(stage)
    assert stage.levels() == [seen[0] + 0.5, seen[1] + 0.5, *seen[2:]]
    both = [sensor(FaultKind.SENSOR_FREEZE, from_step=1), sensor(FaultKind.SENSOR_BIAS, value=0.5)]
    stage = FaultyStage(both)
    played(stage)
    assert stage.levels() == [seen[0] + 0.5] * 6


def test_store_brain_and_agent_have_the_same_reading(seen: list[float], true: FaultyStage) -> None:
    stage = FaultyStage([sensor(FaultKind.SENSOR_BIAS, value=500.0)])
    played(stage)
    rows = b"".join(one.rows for one in stage.record_session.rows[0])
    assert np.frombuffer(rows[:8])[0] == stage.levels()[0] == seen[0] + 500
    assert stage.record_session.summaries[0].episode_return == true.record_session.summaries[0].episode_return


def test_a_lost_actuator_is_left_alone_and_the_record_has_what_was_set(seen: list[float]) -> None:
    lost = Fault("lost", FaultKind.ACTUATOR_LOST, "tank.push", from_step=3)
    stage = FaultyStage([lost])
    played(stage)
    layout = Layout([Discrete(5), Discrete(5)])
    assert [layout.is_present(given, 0) for given in stage.tank.given] == [True, True, False, False, False]
    assert [level - seen[0] for level in stage.levels()] == [0, 0, 1, 1, 1, 1]
    assert stage.struck() == [(0, 3, "lost")]
    (tank,) = stage.record_session.environments
    rows = b"".join(one.rows for one in stage.record_session.rows[0])
    declared = EnvironmentDeclarations(tank.uid, tank.sensors, tank.actuators, tank.rewards)
    (columns,) = RowLayout.of([declared]).columns(rows)
    assert columns.parts[1].arrays[0].ravel().tolist() == [0, 0, 1, 0, 1, 0]  # row 0 is the beginning
    assert columns.parts[1].present()[:, 0].tolist() == [False, *[True] * 5]


def test_faults_of_data_strike_in_every_attempt_and_only_in_their_episodes() -> None:
    ledger = Ledger()
    fault = sensor(FaultKind.SENSOR_BIAS, value=1.0, episodes=(1,))
    first, again = FaultyStage([fault], ledger, episodes=2), FaultyStage([fault], ledger, episodes=2)
    played(first)
    played(again)
    plain = FaultyStage([], episodes=2)
    played(plain)
    assert first.digests() == again.digests()
    assert [a == b for a, b in zip(first.digests(), plain.digests(), strict=True)] == [True, False]
    assert first.struck() == [(1, 0, "sensor_bias")]


def test_a_kill_strikes_once_and_the_replay_ends_as_without_it(true: FaultyStage) -> None:
    ledger = Ledger()
    faults = [process(FaultKind.KILL, episodes=(0,), from_step=3)]
    stage = FaultyStage(faults, ledger)
    outcome = stage.run()
    assert (outcome.cause, stage.tank.strikes, len(stage.tank.given)) == (Cause.LOST, [Strike(kill=True)], 2)
    assert stage.struck() == [(0, 3, "kill")]
    again = FaultyStage(faults, ledger)
    played(again)
    assert again.tank.strikes == []
    assert again.digests() == true.digests()


def test_what_stops_breaks_or_delays_changes_no_result_and_is_kept_once(true: FaultyStage) -> None:
    faults = [
        process(FaultKind.FREEZE, value=0.001, from_step=2),
        process(FaultKind.DROP, from_step=4),
        process(FaultKind.DELAY, value=0.001, from_step=1, until_step=4),
    ]
    stage = FaultyStage(faults)
    played(stage)
    assert (stage.tank.strikes, stage.tank.frames_lost) == ([Strike(freeze_s=0.001)], 1)
    assert sorted(stage.struck()) == [(0, 1, "delay"), (0, 2, "freeze"), (0, 4, "drop")]
    assert stage.ledger.asked == 3
    assert stage.digests() == true.digests()


def test_a_fault_after_the_end_of_an_episode_does_not_strike() -> None:
    faults = [
        process(FaultKind.KILL, from_step=6),
        Fault("muscle", FaultKind.FREEZE, "pusher", agent=True, from_step=6),
    ]
    stage = FaultyStage(faults)
    played(stage)
    assert stage.ledger.kept == {}


def test_a_server_that_cannot_be_killed_says_so() -> None:
    stage = FaultyStage([process(FaultKind.KILL)])
    stage.tank = Tank(refuses=True)
    outcome = stage.run()
    assert outcome.cause is Cause.FAILED
    assert outcome.error is not None
    assert outcome.error.reason == "FAULT_IMPOSSIBLE"
    assert "does not know how" in outcome.error.message


def test_no_frame_of_a_component_in_this_process_can_be_dropped() -> None:
    stage = FaultyStage([Fault("drop", FaultKind.DROP, "pusher", agent=True)])
    outcome = stage.run()
    assert outcome.error is not None
    assert outcome.error.reason == "FAULT_IMPOSSIBLE"
    assert "placement: service" in outcome.error.message
    assert stage.muscles["pusher"].closed
    assert stage.muscles["pusher"].asked == []


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault("f", FaultKind.SENSOR_FREEZE, "tank.depth"), "has no 'depth'"),
        (Fault("f", FaultKind.ACTUATOR_LOST, "tank.depth"), "has no 'depth'"),
    ],
)
def test_what_the_environment_does_not_have_is_said_at_its_start(fault: Fault, why: str) -> None:
    outcome = FaultyStage([fault]).run()
    assert outcome.error is not None
    assert outcome.error.reason == "FAULT_IMPOSSIBLE"
    assert why in outcome.error.message
