"""What a document's Python classes are asked before a run: each class with the same parameters once. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sparring.experiment.class_names import CONDITIONS, CONTROLLERS
from sparring.experiment.class_use import ClassUse, Role, classes_of
from sparring.experiment.described import DescribedEnvironment, check_assignments
from sparring.experiment.problems import Problem, in_order
from sparring.experiment.run import AgentSpec, ComponentSpec, ExperimentRun, HostedSpec, Phase
from sparring.experiment.tree import Path
from sparring.types.errors import NotFoundError, SparringError

_OURS = frozenset({*CONTROLLERS.values(), *CONDITIONS.values()})
_PLUGGED = (Role.REWARD, Role.STATE_TRANSFORMER, Role.OBJECTIVE, Role.FILTER, Role.CONDITION)

Answer = dict[str, Any] | SparringError


@dataclass(frozen=True, slots=True)
class Hosted:
    """A component of a phase that some server hosts.

    Attributes:
        agent: whose brain or muscle it is; None for an environment.
    """

    role: Role
    source: HostedSpec
    agent: AgentSpec | None = None


@dataclass(frozen=True)
class Asked:
    """One class of the document, and the question about it."""

    use: ClassUse
    question: dict[str, Any]

    @property
    def key(self) -> str:
        """Equal for equal questions."""
        return json.dumps(self.question, sort_keys=True)


@dataclass
class Elsewhere:
    """What servers answered.

    Attributes:
        described: by phase and uid, what environments have.
        refused: by path, why a component was refused.
        problems: what nobody has.
        unchecked: `file:line: path: message` of what could not be asked.
    """

    described: dict[tuple[int, str], DescribedEnvironment] = field(default_factory=dict)
    refused: dict[Path, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Questions:
    """Everything to ask about a document.

    Attributes:
        run: the document, written out in full.
        asked: every use of a class that can be asked.
    """

    run: ExperimentRun
    asked: tuple[Asked, ...] = field(default=())

    @classmethod
    def of(cls, run: ExperimentRun) -> Questions:
        """Collect the questions of a run."""
        return cls(run, tuple(_questions(run)))

    @property
    def distinct(self) -> list[dict[str, Any]]:
        """The questions to send."""
        return list({each.key: each.question for each in self.asked}.values())

    def problems(self, answers: Sequence[Answer], elsewhere: Elsewhere | None = None) -> tuple[Problem, ...]:
        """Return what is wrong.

        Args:
            answers: one for each of `distinct`.
            elsewhere: what servers answered.
        """
        others = elsewhere or Elsewhere()
        by_key = dict(zip({each.key: None for each in self.asked}, answers, strict=True))
        said = {(_owner(each.use), _message(by_key[each.key])) for each in self.asked if each.use.role in _PLUGGED}
        problems = list(others.problems)
        described = dict(others.described)
        for each in self.asked:
            found = by_key[each.key]
            if isinstance(found, SparringError):
                # A brain is tried with its objective: what the objective was refused for is no fault of the brain.
                if each.use.role in _PLUGGED or (_owner(each.use), found.message) not in said:
                    problems.append(_problem(each.use, found))
            elif each.use.role is Role.ENVIRONMENT and each.use.phase is not None:
                offered = DescribedEnvironment(tuple(found["sensors"]), tuple(found["actuators"]))
                described[each.use.phase, each.question["uid"]] = offered
        for phase in self.run.phases:
            here = {uid: offered for (number, uid), offered in described.items() if number == phase.number}
            there = {path: text for path, text in others.refused.items() if path[: len(phase.path)] == phase.path}
            problems += check_assignments(phase, here, there)
        return in_order(problems)


def _problem(use: ClassUse, error: SparringError) -> Problem:
    return use.unknown(error.message) if isinstance(error, NotFoundError) else use.refused(error.message)


def _owner(use: ClassUse) -> Path:
    """Return the place of the agent, environment or other thing that the class is a part of."""
    return use.path[:5]


def _message(answer: Answer) -> str:
    return answer.message if isinstance(answer, SparringError) else ""


def _questions(run: ExperimentRun) -> Iterator[Asked]:
    phases = {phase.number: phase for phase in run.phases}
    for use in classes_of(run):
        named: dict[str, Any] = {"name": use.name, "parameters": dict(use.params)}
        phase = phases[use.phase] if use.phase is not None else None
        if use.name in _OURS or use.role is Role.CONTROLLER:
            continue  # checked with the document's text
        if use.role is Role.ENVIRONMENT and phase is not None:
            uid = phase.environments[_index(use)].uid
            yield Asked(use, {"ask": "environment", **named, "uid": uid})
        elif use.role in (Role.MUSCLE, Role.BRAIN) and phase is not None:
            yield Asked(use, {"ask": use.role.value, **named, **_around(use, phase.agents[_index(use)])})
        elif use.role in _PLUGGED:
            yield Asked(use, {"ask": "class", **named, "role": use.role.value})


def _index(use: ClassUse) -> int:
    """Return the number of the environment or agent within its phase: `schedule, 0, name, section, NUMBER`."""
    number = use.path[4]
    assert isinstance(number, int)
    return number


def _around(use: ClassUse, agent: AgentSpec) -> dict[str, Any]:
    around: dict[str, Any] = {"filters": [_pair(each) for each in agent.filters]}
    if use.role is Role.BRAIN and agent.objective is not None:
        around["objective"] = _pair(agent.objective)
    return around


def _pair(component: ComponentSpec) -> list[Any]:
    return [component.name, dict(component.params)]


def hosted_parts(phase: Phase) -> Iterator[tuple[Path, str, Hosted]]:
    """Yield path and uid of everything of a phase that some server hosts."""
    for index, environment in enumerate(phase.environments):
        path = (*phase.path, "environments", index, "environment")
        yield path, environment.uid, Hosted(Role.ENVIRONMENT, environment.source)
    for index, agent in enumerate(phase.agents):
        for role, part in ((Role.BRAIN, agent.brain), (Role.MUSCLE, agent.muscle)):
            yield (*phase.path, "agents", index, role.value), agent.name, Hosted(role, part, agent)
