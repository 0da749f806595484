"""Made-up experience for the tests of brain sessions."""

from typing import Any

import numpy as np

from sparring.agent.brain_instance import BrainInstance
from sparring.types.declaration import Component, Declaration
from sparring.types.episode import EpisodeKey
from sparring.types.free_value import to_free_value
from sparring.types.layout import Layout
from sparring.types.learning import (
    BrainStarted,
    Considered,
    EpisodeEnd,
    ExperienceBatch,
    ExperienceStep,
    Learning,
    StartBrain,
)
from sparring.types.mode import Mode
from sparring.types.space import Box, Discrete
from sparring.types.values import Values
from tests.support.classes import resolve

HERE = "tests.unit.agent.brains"
SENSORS = (Declaration("w.x", Box(-9, 9, (2,), np.float32)), Declaration("w.n", Discrete(100)))
ACTUATORS = (Declaration("w.a", Discrete(5)),)
REWARDS = (Declaration("w.r", Box(-9, 9, (), np.float64)),)
LATE = (Declaration("w.late", Discrete(3)),)


def layout(declarations: tuple[Declaration, ...], lanes: int = 1) -> Layout:
    return Layout([each.space for each in declarations], lanes)


def key(episode: int, rollout: int = 0, mode: Mode = Mode.TRAIN) -> EpisodeKey:
    return EpisodeKey(0, mode, rollout, episode)


def start(brain: str = "Averager", learning: Learning = Learning.EPISODE, **more: Any) -> StartBrain:
    parameters = more.pop("parameters", {})
    objective = more.pop("objective", Component(f"{HERE}:Mood", {}))
    return StartBrain(
        Component(brain if ":" in brain else f"{HERE}:{brain}", parameters),
        objective,
        "thinker",
        SENSORS,
        ACTUATORS,
        more.pop("seed", 5),
        more.pop("mode", Mode.TRAIN),
        learning,
        **more,
    )


def started(*given: Any, rollouts: int = 1, lanes: int = 1, **more: Any) -> tuple[BrainInstance, BrainStarted]:
    brain = BrainInstance(resolve)
    answer = brain.start(start(*given, **more))
    for rollout in range(rollouts):
        brain.join(rollout, lanes)
    return brain, answer


def readings(episode: int, step: int, rollout: int = 0) -> Values:
    chance = np.random.default_rng([episode, step, rollout])
    return layout(SENSORS).pack([chance.uniform(-1, 1, 2).astype(np.float32), step])


def steps(episode: int, count: int = 4, rollout: int = 0) -> list[ExperienceStep]:
    """The steps of an episode; a reward comes late, and the last step terminates."""
    found = []
    for step in range(count):
        late = step >= 2
        rewards = layout((*REWARDS, *LATE) if late else REWARDS).pack([step / 2, 1] if late else [step / 2])
        found.append(
            ExperienceStep(
                readings(episode, step, rollout),
                layout(ACTUATORS).pack([step % 5]),
                rewards,
                terminated=(step == count - 1,) if step == count - 1 else (),
                data=to_free_value(step * 0.5),
                declared_rewards=REWARDS if step == 0 else LATE if step == 2 else (),
            )
        )
    return found


def tell(
    brain: BrainInstance, episode: int, count: int = 4, rollout: int = 0, batch: int = 1, end: bool = True
) -> list[Considered]:
    """Tell a brain of an episode, in batches of so many steps."""
    found = steps(episode, count, rollout)
    answers = [
        brain.consider(rollout, ExperienceBatch((episode,), first, tuple(found[first : first + batch])))
        for first in range(0, count, batch)
    ]
    if end:
        final = readings(episode, count, rollout)
        brain.consider(rollout, EpisodeEnd(key(episode, rollout), 0, count, final))
    return answers
