"""Seeds depend on the run's seed and on what they are for, and on nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.types.errors import InvalidArgumentError
from sparring.types.mode import Mode
from sparring.types.seeds import Seeds, generator

NAMES = ("grid", "weather", "grid2", "")


def every_seed(seeds: Seeds) -> dict[tuple[object, ...], int]:
    """Return the seeds of a small run by what they are for."""
    found: dict[tuple[object, ...], int] = {}
    for phase, rollout, name in product(range(3), range(3), NAMES):
        found["environment", phase, rollout, name] = seeds.environment_session(phase, rollout, name)
        found["muscle", phase, rollout, name] = seeds.muscle_session(phase, rollout, name)
        found["brain", phase, name] = seeds.brain(phase, name)
        for mode, episode in product(Mode, range(3)):
            key = (phase, mode, rollout, name, episode)
            found["environment", *key] = seeds.environment_episode(*key)
            found["muscle", *key] = seeds.muscle_episode(*key)
    return found


def test_all_seeds_of_a_run_differ() -> None:
    found = every_seed(Seeds(42))
    assert len(set(found.values())) == len(found)


def test_the_same_run_seed_gives_the_same_seeds_and_another_gives_others() -> None:
    one, again, other = (every_seed(Seeds(seed)) for seed in (42, 42, 43))
    assert one == again
    assert not set(one.values()) & set(other.values())


def test_seeds_are_frozen_for_ever() -> None:
    seeds = Seeds(42)
    assert [
        seeds.environment_session(0, 0, "grid"),
        seeds.environment_episode(0, Mode.TRAIN, 0, "grid", 0),
        seeds.muscle_session(0, 0, "defender"),
        seeds.muscle_episode(1, Mode.EVALUATE, 2, "defender", 3),
        seeds.brain(0, "defender"),
    ] == PINNED


def test_seeds_are_the_same_in_another_process() -> None:
    program = "from sparring.types.seeds import Seeds; print(Seeds(42).brain(0, 'defender'))"
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "3"}
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60, env=surroundings
    )
    assert int(ended.stdout) == Seeds(42).brain(0, "defender")


@given(st.integers(0, 2**200), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.text())
def test_every_seed_fits_31_bits(run_seed: int, phase: int, episode: int, name: str) -> None:
    seed = Seeds(run_seed).environment_episode(phase, Mode.TRAIN, 0, name, episode)
    assert 0 <= seed < 2**31
    assert type(seed) is int


def test_no_global_random_state_is_read_or_changed() -> None:
    before = np.random.get_state()[1].copy()  # type: ignore[index]
    every_seed(Seeds(7))
    generator(3).random()
    assert np.array_equal(before, np.random.get_state()[1])  # type: ignore[index]


def test_a_generator_begins_anew_for_every_seed() -> None:
    assert generator(3).random() == generator(3).random() == np.random.Generator(np.random.PCG64(3)).random()
    assert generator(3).random() != generator(4).random()


@pytest.mark.parametrize("seed", [-1, 1.5, "42", None, True])
def test_a_run_seed_is_an_integer_and_not_negative(seed: object) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        Seeds(seed)  # type: ignore[arg-type]
    assert caught.value.reason == "SEED_INVALID"


@pytest.mark.parametrize("place", [(-1, 0), (0, -1), (2**32, 0)])
def test_a_place_that_cannot_be_is_refused(place: tuple[int, int]) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        Seeds(1).environment_session(*place, "grid")
    assert caught.value.reason == "SEED_KEY_INVALID"


PINNED = [285436257, 1631692943, 392913773, 624683373, 1589269736]
