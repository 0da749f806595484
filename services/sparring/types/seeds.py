"""All seeds of a run, derived from one; nothing else in Sparring invents a seed.

A seed is keyed by what it is for (kind, phase, mode, rollout, episode) and by the *name* of the environment or agent,
never by its place in a list: adding an agent does not change another's stream, and the number of rollout workers does
not change rollout 0's. The keys are spawn keys of `numpy.random.SeedSequence(run_seed)`; each kind's key has a fixed
length, so that no two are alike. The numbers of kinds and modes are frozen: changing one changes every result.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from hashlib import sha256
from operator import index
from typing import SupportsIndex

import numpy as np

from sparring.types.errors import InvalidArgumentError
from sparring.types.mode import Mode

_LIMIT = 2**31 - 1
_MODES = {Mode.TRAIN: 0, Mode.TEST: 1, Mode.EVALUATE: 2}


class _Kind(IntEnum):
    """What a seed is for; the first word of its key."""

    ENVIRONMENT_SESSION = 1
    ENVIRONMENT_EPISODE = 2
    MUSCLE_SESSION = 3
    MUSCLE_EPISODE = 4
    BRAIN = 5
    FAULT = 6


class Seeds:
    """The seeds of one run. Every seed is an int in [0, 2**31), which every simulator and language accepts.

    Args:
        run_seed: the document's seed, any integer that is not negative.

    Raises:
        InvalidArgumentError: SEED_INVALID, for a negative seed or something that is no integer.
    """

    def __init__(self, run_seed: int) -> None:
        self.run_seed = _seed(run_seed)

    def environment_session(self, phase: int, rollout: int, environment: str) -> int:
        """Return the seed with which an environment instance is made."""
        return self._draw(_Kind.ENVIRONMENT_SESSION, phase, rollout, *_words(environment))

    def environment_episode(self, phase: int, mode: Mode, rollout: int, environment: str, episode: int) -> int:
        """Return the seed of one episode of an environment: the `request.seed` of its reset."""
        return self._draw(_Kind.ENVIRONMENT_EPISODE, phase, _MODES[mode], rollout, episode, *_words(environment))

    def muscle_session(self, phase: int, rollout: int, agent: str) -> int:
        """Return the seed with which an agent's muscle is made for a rollout worker."""
        return self._draw(_Kind.MUSCLE_SESSION, phase, rollout, *_words(agent))

    def muscle_episode(self, phase: int, mode: Mode, rollout: int, agent: str, episode: int) -> int:
        """Return the seed of one episode of a muscle."""
        return self._draw(_Kind.MUSCLE_EPISODE, phase, _MODES[mode], rollout, episode, *_words(agent))

    def brain(self, phase: int, agent: str) -> int:
        """Return the seed with which an agent's brain is made; all rollout workers share it."""
        return self._draw(_Kind.BRAIN, phase, *_words(agent))

    def fault(self, phase: int, mode: Mode, rollout: int, fault: str, episode: int) -> int:
        """Return the seed by which it is drawn whether a fault of the document strikes in an episode."""
        return self._draw(_Kind.FAULT, phase, _MODES[mode], rollout, episode, *_words(fault))

    def _draw(self, *key: int) -> int:
        if any(not 0 <= word < 2**32 for word in key):
            raise InvalidArgumentError(
                "SEED_KEY_INVALID", f"Phase, rollout and episode are integers in [0, 2**32), not {key[1:5]}."
            )
        sequence = np.random.SeedSequence(self.run_seed, spawn_key=key)
        return int(sequence.generate_state(1, np.uint32)[0]) & _LIMIT


def generator(seed: int) -> np.random.Generator:
    """Return a fresh generator for a seed; this is what `self.rng` of environments and muscles is."""
    return np.random.Generator(np.random.PCG64(seed))


def _seed(given: object) -> int:
    """Return a run seed as a plain int."""
    if isinstance(given, SupportsIndex) and not isinstance(given, bool) and index(given) >= 0:
        return index(given)
    raise InvalidArgumentError(
        "SEED_INVALID", f"The seed of a run is an integer and not negative; {given!r} is not.", seed=given
    )


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[int, ...]:
    """Return four words of a name's SHA-256: the same in every process, unlike `hash`."""
    digest = sha256(name.encode()).digest()
    return tuple(int.from_bytes(digest[start : start + 4], "little") for start in range(0, 16, 4))
