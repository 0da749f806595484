"""The interface of a termination condition, and the plain values that it is asked about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sparring.types.errors import InvalidArgumentError
from sparring.types.flow import SimulationFlowControl
from sparring.types.mode import Mode


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a condition wants. The highest `flow` of all conditions wins.

    Attributes:
        flow: how far to stop.
        reason: why, in one word that is recorded: "environment", "objective", "max_episodes", "success", "plateau".
        detail: a sentence for people.
    """

    flow: SimulationFlowControl = SimulationFlowControl.CONTINUE
    reason: str = ""
    detail: str = ""


CONTINUE = Verdict()


@dataclass(frozen=True, slots=True)
class EnvironmentEnd:
    """Whether one environment has ended in this step."""

    terminated: bool = False
    truncated: bool = False

    @property
    def done(self) -> bool:
        """Whether it has ended at all."""
        return self.terminated or self.truncated


@dataclass(frozen=True, slots=True)
class EpisodeResult:
    """What a condition may know of a committed episode.

    Attributes:
        rollout: which rollout worker played it.
        episode: its number, counted from 0 in each rollout worker.
        steps: how many steps it had.
        objectives: sum of the objective by agent; agents whose objective said nothing are absent.
        flow: the wish with which a condition ended it; CONTINUE if it ended by its environments.
    """

    rollout: int
    episode: int
    steps: int
    objectives: Mapping[str, float] = field(default_factory=dict)
    flow: SimulationFlowControl = SimulationFlowControl.CONTINUE

    def mean_objective(self, agent: str) -> float | None:
        """Return the agent's objective per step; None if there is none."""
        total = self.objectives.get(agent)
        return None if total is None or self.steps < 1 else total / self.steps


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """What the brains said of one round of evaluation episodes: metrics by agent."""

    number: int
    metrics: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class PhaseProgress:
    """How far a phase has come.

    Attributes:
        mode: train or test; evaluation episodes are not counted here.
        workers: number of rollout workers.
        episodes: episodes of each rollout worker; None if only results end the phase.
        committed: number of committed episodes by rollout worker.
        results: committed episodes in learning order, at least the last `results_needed` of each rollout worker.
        evaluations: finished evaluations in their order, all of the phase.
    """

    mode: Mode
    workers: int
    episodes: int | None
    committed: tuple[int, ...]
    results: Sequence[EpisodeResult] = ()
    evaluations: Sequence[EvaluationResult] = ()

    def results_of(self, rollout: int) -> list[EpisodeResult]:
        """Return the results of one rollout worker, in order."""
        return [each for each in self.results if each.rollout == rollout]


@dataclass(frozen=True, slots=True)
class ParamProblem:
    """What is wrong with a condition's parameter; `path` leads to it inside `params`."""

    path: tuple[str, ...]
    found: str
    expected: str
    message: str


class TerminationCondition:
    """Ends episodes, a rollout worker's part, phases or runs. Subclasses override what they care about.

    An instance keeps no state: whoever asks tells everything, so that a governor that takes over decides the same.

    Attributes:
        depends_on_results: whether `phase_flow_control` looks at more than the number of episodes. If so, episodes are
            played in rounds and the condition is asked once per round.
        results_needed: how many of the last results of each rollout worker `phase_flow_control` looks at.
    """

    depends_on_results: bool = False
    results_needed: int = 0

    def environment_flow_control(self, ends: Mapping[str, EnvironmentEnd]) -> Verdict:
        """Say after a step, in the rollout worker, whether the episode goes on; `ends` is by environment uid."""
        return CONTINUE

    def objectives_needed(self, agent: str) -> int:
        """Return how many of the agent's last objectives in the episode `brain_flow_control` looks at."""
        return 0

    def brain_flow_control(self, agent: str, objectives: Sequence[float]) -> Verdict:
        """Say beside the brain, whenever an objective was computed, whether the rollout worker's episode goes on.

        Args:
            agent: the agent's name.
            objectives: its last objectives in this episode of this rollout worker, oldest first, at most
                `objectives_needed`.
        """
        return CONTINUE

    def phase_flow_control(self, progress: PhaseProgress, rollout: int) -> Verdict:
        """Say in the governor, after a committed episode, what the rollout worker that played it does next.

        Anything below STOP_SIMULATION means: play the next episode, if the phase has one.
        """
        return CONTINUE

    @classmethod
    def check_params(cls, params: Mapping[str, Any]) -> Iterable[ParamProblem]:
        """Yield what is wrong with the parameters that a document gives."""
        for name in params:
            yield ParamProblem(
                (name,), f"the parameter {name!r}", "no parameters", f"{cls.__name__} has no parameter {name!r}"
            )

    @classmethod
    def require_params(cls, params: Mapping[str, Any]) -> None:
        """Raise if the parameters cannot be used.

        Raises:
            InvalidArgumentError: CONDITION_PARAMETER_INVALID, naming the first that is wrong.
        """
        for wrong in cls.check_params(params):
            path = ".".join(wrong.path)
            raise InvalidArgumentError(
                "CONDITION_PARAMETER_INVALID", f"{cls.__name__}: {path}: {wrong.message}.", parameter=path
            )
