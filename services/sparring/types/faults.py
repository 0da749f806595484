"""Faults of the document's `faults:`: what is disturbed, in which episodes and steps, and what a run keeps of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sparring.types.episode import EpisodeKey
from sparring.types.seeds import Seeds, generator


class FaultKind(Enum):
    """What a fault does."""

    SENSOR_FREEZE = "sensor_freeze"
    SENSOR_BIAS = "sensor_bias"
    ACTUATOR_LOST = "actuator_lost"
    KILL = "kill"
    FREEZE = "freeze"
    DROP = "drop"
    DELAY = "delay"

    @property
    def of_data(self) -> bool:
        """Whether it is a part of the world as agents see it: it strikes whenever its episode is played."""
        return self in (FaultKind.SENSOR_FREEZE, FaultKind.SENSOR_BIAS, FaultKind.ACTUATOR_LOST)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a phase.

    Attributes:
        name: Names it within the phase, and seeds its probability; says kind and target.
        kind: What it does.
        target: `environment.sensor`, `environment.actuator`, uid of the environment, or name of the agent.
        agent: Whether `target` is an agent; what is disturbed then is its muscle.
        value: Bias; or seconds of FREEZE and DELAY.
        episodes: Only in these; empty: in all.
        probability: In so many of these episodes, drawn for each; None: in all of them.
        rollout: Only in this rollout worker; None: in all.
        from_step: From this step on; step 0 is the beginning of the episode.
        until_step: No longer from this step on; None: until the episode's end.
    """

    name: str
    kind: FaultKind
    target: str
    agent: bool = False
    value: float = 0.0
    episodes: tuple[int, ...] = ()
    probability: float | None = None
    rollout: int | None = None
    from_step: int = 0
    until_step: int | None = None

    @property
    def component(self) -> str:
        """The environment or agent that it is about."""
        return self.target.partition(".")[0] if self.kind.of_data else self.target

    @property
    def field(self) -> str:
        """The sensor or actuator, as its environment calls it."""
        return self.target.partition(".")[2]

    def strikes_in(self, key: EpisodeKey, seeds: Seeds) -> bool:
        """Tell whether an episode has this fault: the same answer wherever and however often it is asked."""
        if self.rollout not in (None, key.rollout) or (self.episodes and key.episode not in self.episodes):
            return False
        if self.probability is None:
            return True
        drawn = generator(seeds.fault(key.phase, key.mode, key.rollout, self.name, key.episode)).random()
        return bool(drawn < self.probability)

    def covers(self, step: int) -> bool:
        """Tell whether the fault holds in a step of an episode that has it."""
        return self.from_step <= step and (self.until_step is None or step < self.until_step)


@dataclass(frozen=True, slots=True)
class StruckFault:
    """A fault that struck: what a run keeps of it.

    Attributes:
        key: The episode.
        step: The first step in which it held.
    """

    key: EpisodeKey
    name: str
    kind: FaultKind
    target: str
    step: int
    value: float = 0.0
