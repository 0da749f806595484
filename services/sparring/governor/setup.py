"""Setup: everything of all phases is described and checked before the first phase begins."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sparring.experiment.described import DescribedEnvironment, check_assignments
from sparring.experiment.problems import DocumentError, Problem, in_order
from sparring.experiment.rules.assignments import split
from sparring.experiment.run import AgentSpec, ExperimentRun, HostedSpec, Phase
from sparring.experiment.tree import Path
from sparring.governor.brains import load_source
from sparring.governor.placement import AGENT, ENVIRONMENT
from sparring.governor.plans import components, hosted, optional
from sparring.governor.ports import Describer, EnvironmentDescription, RunStore, Source
from sparring.governor.together import together
from sparring.types.declaration import Declaration
from sparring.types.errors import (
    AuthorError,
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
)

AT_ONCE = 8
"""So many descriptions are asked for at the same time; each may take a process at its host."""

Answer = TypeVar("Answer")
_DOCUMENTS_FAULT = (InvalidArgumentError, NotFoundError, AuthorError, FailedPreconditionError)
"""Errors that mean: the document asks for something that cannot be."""


@dataclass(frozen=True, slots=True)
class Descriptions:
    """What environments offer, by phase number and uid."""

    environments: Mapping[tuple[int, str], EnvironmentDescription]

    def declared(self, phase: Phase) -> dict[str, tuple[list[Declaration], list[Declaration]]]:
        """Return sensors and actuators of each agent, in its order; uids are `environment.uid`."""
        return {
            agent.name: (
                self._named(phase, agent.sensors, lambda one: one.sensors),
                self._named(phase, agent.actuators, lambda one: one.actuators),
            )
            for agent in phase.agents
        }

    def _named(
        self,
        phase: Phase,
        names: tuple[str, ...],
        kind: Callable[[EnvironmentDescription], tuple[Declaration, ...]],
    ) -> list[Declaration]:
        found = []
        for name in names:
            uid, _ = split(name)
            known = {_full(uid, one.uid): one for one in kind(self.environments[phase.number, uid])}
            one = known[name]
            found.append(Declaration(name, one.space, one.unit, one.description))
        return found


async def describe_run(run: ExperimentRun, describer: Describer) -> Descriptions:
    """Describe environments, muscles and brains of all phases, and check who reads and sets what.

    Args:
        run: The run.
        describer: Asks the components' hosts.

    Raises:
        DocumentError: DOCUMENT_INVALID, with everything that is wrong in all phases.
        SparringError: A host cannot be asked now.
    """
    asking = _Asking(describer)
    answers = await together(_describe_phase(asking, phase) for phase in run.phases)
    environments: dict[tuple[int, str], EnvironmentDescription] = {}
    problems: list[Problem] = []
    for phase, (offered, refused) in zip(run.phases, answers, strict=True):
        described: dict[str, DescribedEnvironment | str] = {}
        for uid, answer in offered.items():
            if isinstance(answer, str):
                described[uid] = answer
                continue
            environments[phase.number, uid] = answer
            sensors, actuators = ([one.uid for one in kind] for kind in (answer.sensors, answer.actuators))
            described[uid] = DescribedEnvironment(tuple(sensors), tuple(actuators))
        problems += check_assignments(phase, described, refused)
    if problems:
        raise DocumentError.of(run.phases[0].places.file, in_order(problems))
    return Descriptions(environments)


async def _describe_phase(
    asking: _Asking, phase: Phase
) -> tuple[dict[str, EnvironmentDescription | str], dict[Path, str]]:
    """Return what environments offer, or why that cannot be said; and which muscles and brains are refused, and why."""
    environments = [asking.environment(phase, one.source) for one in phase.environments]
    agents = asking.agents(phase)
    answers = await together([*environments, *(ask for _, ask in agents)])
    offered: dict[str, EnvironmentDescription | str] = {
        one.uid: answer
        for one, answer in zip(phase.environments, answers, strict=False)
        if isinstance(answer, EnvironmentDescription | str)
    }
    said = zip((path for path, _ in agents), answers[len(environments) :], strict=True)
    return offered, {path: answer for path, answer in said if isinstance(answer, str)}


async def check_sources(run: ExperimentRun, name: str, store: RunStore) -> None:
    """Check that the brains that come from other runs are there.

    Raises:
        NotFoundError: BRAIN_STATE_UNKNOWN, RUN_UNKNOWN.
    """
    sources = [agent.load for phase in run.phases for agent in phase.agents if agent.load is not None]
    for source in dict.fromkeys(sources):
        if source.experiment_run is not None:
            await load_source(store, name, source)


class _Asking:
    """Asks every question once, some at the same time."""

    def __init__(self, describer: Describer) -> None:
        self._describer = describer
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._answers: dict[str, asyncio.Future[Any]] = {}

    async def environment(self, phase: Phase, source: HostedSpec) -> EnvironmentDescription | str | None:
        """Return what an environment offers, or why that cannot be said."""
        asked, timeout_s = _source(source, ENVIRONMENT), phase.timeouts.start_s
        return await self._once(f"environment {asked}", lambda: self._describer.environment(asked, timeout_s))

    def agents(self, phase: Phase) -> list[tuple[Path, Coroutine[Any, Any, str | None]]]:
        """Return questions about muscles and brains, by their places; the answer is why they are refused."""
        return [each for index, agent in enumerate(phase.agents) for each in self._of(phase, index, agent)]

    def _of(self, phase: Phase, index: int, agent: AgentSpec) -> Iterator[tuple[Path, Coroutine[Any, Any, str | None]]]:
        at: Path = (*phase.path, "agents", index)
        timeout_s, filters = phase.timeouts.start_s, components(agent.filters)
        muscle, brain, objective = _source(agent.muscle, AGENT), _source(agent.brain, AGENT), optional(agent.objective)
        yield (
            (*at, "muscle"),
            self._once(f"muscle {muscle} {filters}", lambda: self._describer.muscle(muscle, filters, timeout_s)),
        )
        yield (
            (*at, "brain"),
            self._once(
                f"brain {brain} {objective} {filters}",
                lambda: self._describer.brain(brain, objective, filters, timeout_s),
            ),
        )

    async def _once(self, key: str, ask: Callable[[], Awaitable[Answer]]) -> Answer | str:
        if key in self._answers:
            answer: Answer | str = await asyncio.shield(self._answers[key])
            return answer
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[key] = future
        try:
            async with self._turns:
                found: Answer | str = await ask()
        except _DOCUMENTS_FAULT as error:
            found = error.message
        except BaseException:
            future.cancel()
            raise
        future.set_result(found)
        return found


def _source(source: HostedSpec, service: str) -> Source:
    return Source(hosted(source), "" if source.address else source.service or service, source.address)


def _full(environment: str, uid: str) -> str:
    return uid if uid.startswith(f"{environment}.") else f"{environment}.{uid}"
