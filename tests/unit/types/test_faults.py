"""Faults strike where the document and its seed say, and a process that is struck dies or stands still."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from sparring.types.episode import EpisodeKey
from sparring.types.faults import Fault, FaultKind
from sparring.types.mode import Mode
from sparring.types.seeds import Seeds

SEEDS = Seeds(42)
STRUCK = "from sparring.types.frames import Strike; from sparring.types.strike import carry_out; carry_out(Strike({}))"


def key(episode: int) -> EpisodeKey:
    return EpisodeKey(0, Mode.TRAIN, 0, episode)


def fault(name: str = "kill grid", kind: FaultKind = FaultKind.KILL, **when: object) -> Fault:
    return Fault(name, kind, "grid", **when)  # type: ignore[arg-type]


def episodes(fault: Fault, seeds: Seeds = SEEDS, **where: int) -> list[int]:
    return [number for number in range(1000) if fault.strikes_in(replace(key(number), **where), seeds)]


def test_a_fault_without_a_when_strikes_in_every_episode() -> None:
    assert len(episodes(fault())) == 1000


def test_episodes_and_rollout_narrow_it() -> None:
    assert episodes(fault(episodes=(3, 5))) == [3, 5]
    assert episodes(fault(episodes=(3,), rollout=1)) == []
    assert episodes(fault(episodes=(3,), rollout=1), rollout=1) == [3]


def test_a_probability_is_drawn_from_the_seed_for_each_episode() -> None:
    drawn = episodes(fault(probability=0.1))
    assert 60 < len(drawn) < 140
    assert drawn == episodes(fault(probability=0.1), Seeds(42))
    others = [
        episodes(fault(probability=0.1), Seeds(43)),
        episodes(fault("kill other", probability=0.1)),
        episodes(fault(probability=0.1), rollout=1),
        episodes(fault(probability=0.1), phase=1),
    ]
    assert all(drawn != other for other in others)
    assert set(drawn) < set(episodes(fault(probability=0.2)))
    assert episodes(fault(probability=0.0)) == []
    assert len(episodes(fault(probability=1.0))) == 1000


def test_a_fault_covers_its_steps() -> None:
    windowed = fault(from_step=2, until_step=4)
    assert [step for step in range(6) if windowed.covers(step)] == [2, 3]
    assert [step for step in range(6) if fault(from_step=4).covers(step)] == [4, 5]


def test_a_fault_of_data_names_its_environment_and_field() -> None:
    sensor = Fault("sensor_freeze grid.bus.1", FaultKind.SENSOR_FREEZE, "grid.bus.1")
    assert (sensor.component, sensor.field) == ("grid", "bus.1")
    assert Fault("kill a.b", FaultKind.KILL, "a.b", agent=True).component == "a.b"
    assert {kind for kind in FaultKind if kind.of_data} == {
        FaultKind.SENSOR_FREEZE,
        FaultKind.SENSOR_BIAS,
        FaultKind.ACTUATOR_LOST,
    }


def test_a_process_that_is_struck_kills_itself() -> None:
    done = subprocess.run([sys.executable, "-c", STRUCK.format("kill=True")], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.skipif(not hasattr(os, "WUNTRACED"), reason="needs POSIX job control")
def test_a_process_that_is_frozen_stops_and_goes_on() -> None:
    child = subprocess.Popen([sys.executable, "-c", STRUCK.format("freeze_s=0.1")])
    _, stopped = os.waitpid(child.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(stopped)
    assert child.wait(60) == 0
