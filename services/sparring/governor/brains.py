"""The brains of a phase: started, told to learn, saved, shut down."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sparring.experiment.run import AgentSpec, BrainSource
from sparring.governor.catching_up import CatchingUp
from sparring.governor.phase_book import PhaseBook
from sparring.governor.plans import BrainReference, Planner, components, hosted, learning_of, optional, timeouts_of
from sparring.governor.ports import Brains, BrainSession, BrainStateHeader, RunStore
from sparring.governor.together import together
from sparring.types.declaration import Component, Declaration
from sparring.types.episode import EpisodeKey
from sparring.types.errors import LostError, NotFoundError, SparringError
from sparring.types.flow import SimulationFlowControl, combine
from sparring.types.frames import Origin
from sparring.types.learning import Learn, Saved, StartBrain
from sparring.types.mode import Mode
from sparring.types.plan import Grant
from sparring.types.seeds import Seeds

PHASE_END = "phase-end"

_log = logging.getLogger(__name__)


class BrainLostError(LostError):
    """A brain is gone: the phase begins again with new ones."""


@dataclass(slots=True)
class _Brain:
    spec: AgentSpec
    grant: Grant
    session: BrainSession
    learns: bool = False
    flow: SimulationFlowControl = SimulationFlowControl.CONTINUE
    policy_version: int | None = None
    gone: bool = False


class PhaseBrains:
    """All brains of a phase, by agent in document order.

    Args:
        planner: Knows run, phase and seed.
        book: What is committed.
        brains: Reaches them.
        store: Keeps their states.
    """

    def __init__(self, planner: Planner, book: PhaseBook, brains: Brains, store: RunStore) -> None:
        self._planner = planner
        self._book = book
        self._open = brains.open
        self._store = store
        self._brains: dict[str, _Brain] = {}
        self._timeouts = timeouts_of(planner.phase.timeouts)

    @property
    def references(self) -> Mapping[str, BrainReference]:
        """What rollout workers need to know of each."""
        return {agent: BrainReference(one.grant, one.learns) for agent, one in self._brains.items()}

    @property
    def learn(self) -> bool:
        """Whether any of them changes its policy."""
        return self._planner.phase.mode is Mode.TRAIN and any(one.learns for one in self._brains.values())

    @property
    def flow(self) -> SimulationFlowControl:
        """What the last round asked for that brains have learned again."""
        return combine(one.flow for one in self._brains.values())

    @property
    def policy_versions(self) -> Mapping[str, int]:
        """Version of each policy, by agent; agents whose brain has none to give are absent."""
        return {
            agent: one.policy_version
            for agent, one in self._brains.items()
            if one.policy_version is not None and one.learns
        }

    async def start(
        self,
        grants: Mapping[str, Grant],
        declared: Mapping[str, tuple[Sequence[Declaration], Sequence[Declaration]]],
    ) -> None:
        """Start all of them at the same time.

        Args:
            grants: Of the first bundle, by label.
            declared: Sensors and actuators by agent.

        Raises:
            BrainLostError: A brain is gone.
            SparringError: What a brain says.
        """
        for spec in self._planner.phase.agents:
            grant = self._planner.brain_grant(spec.name, spec.brain, grants)
            session = self._open(spec.name, grant, self._planner.epoch, self._timeouts)
            self._brains[spec.name] = _Brain(spec, grant, session)
        await together(self._start(one, *declared[agent]) for agent, one in self._brains.items())

    async def learn_round(self) -> SimulationFlowControl:
        """Let those that learn learn from the round that is committed; return what their conditions ask for."""
        learn = Learn(self._book.round, self._book.round_keys())
        learners = [one for one in self._brains.values() if one.learns]
        return combine(await together(self._learn(one, learn) for one in learners))

    async def save(self, tag: str) -> None:
        """Save all states to the store."""
        await together(self._save(one, tag) for one in self._brains.values())

    def lose(self, agent: str) -> None:
        """Note that a brain is gone: nobody says farewell to it."""
        if agent in self._brains:
            self._brains[agent].gone = True

    async def shut_down(self, timeout_s: float) -> None:
        """End all sessions in good order; one that is gone already is not missed."""
        brains, self._brains = self._brains, {}
        await together(self._shut_down(one, timeout_s) for one in brains.values())

    async def close(self) -> None:
        """Drop the streams without a farewell."""
        brains, self._brains = self._brains, {}
        for one in brains.values():
            await one.session.close()

    async def _start(self, one: _Brain, sensors: Sequence[Declaration], actuators: Sequence[Declaration]) -> None:
        planner, phase, spec = self._planner, self._planner.phase, one.spec
        own, saved = await self._state(spec)
        contained = saved.contains if own and saved is not None else ()
        start = StartBrain(
            brain=hosted(spec.brain),
            objective=optional(spec.objective) or Component("", {}),
            agent=spec.name,
            sensors=tuple(sensors),
            actuators=tuple(actuators),
            seed=Seeds(planner.seed).brain(phase.number, spec.name),
            mode=phase.mode,
            learning=learning_of(phase),
            rollouts=phase.workers,
            token=one.grant.token,
            filters=components(spec.filters),
            conditions=components(phase.conditions),
            state=None if saved is None else saved.state,
            timeouts=self._timeouts,
            orphan_s=planner.orphan_s,
            origin=Origin(planner.run, phase.number),
            policy_version=saved.policy_version if own and saved is not None else 0,
            contains=contained,
        )
        async with _blaming(spec.name):
            started = await one.session.start(start)
        one.learns = started.learns and phase.mode is Mode.TRAIN
        one.policy_version = None if started.policy is None else started.policy.version
        if one.learns and any(self._book.committed(rollout) for rollout in range(phase.workers)):
            await self._catch_up(one, contained)

    async def _state(self, spec: AgentSpec) -> tuple[bool, Saved | None]:
        """Return what a brain goes on from: its own state in this phase (True), else what the document says."""
        planner, number = self._planner, self._planner.phase.number
        if any(self._book.committed(rollout) for rollout in range(planner.phase.workers)):
            try:
                return True, await self._store.load_brain(planner.run, number, spec.name, committed_only=True)
            except NotFoundError:
                pass
        return False, None if spec.load is None else await load_source(self._store, planner.run, spec.load)

    async def _catch_up(self, one: _Brain, contained: Sequence[EpisodeKey]) -> None:
        """Feed a brain what is committed and not in its state."""
        planner = self._planner
        catching_up = CatchingUp(planner.run, planner.phase, one.spec.name, self._book, self._store, one.session)
        async with _blaming(one.spec.name):
            learned = await catching_up.run(contained)
        if learned is not None:
            one.flow = learned.flow_control
            if learned.policy is not None:
                one.policy_version = learned.policy.version

    async def _learn(self, one: _Brain, learn: Learn) -> SimulationFlowControl:
        async with _blaming(one.spec.name):
            learned = await one.session.learn(learn)
        if learned.policy is not None:
            one.policy_version = learned.policy.version
        return learned.flow_control

    async def _shut_down(self, one: _Brain, timeout_s: float) -> None:
        try:
            if not one.gone:
                async with asyncio.timeout(timeout_s):
                    await one.session.shutdown()
        except (SparringError, TimeoutError) as error:
            _log.warning("run %s: the brain of agent %r: %s", self._planner.run, one.spec.name, error)
        finally:
            await one.session.close()

    async def _save(self, one: _Brain, tag: str) -> None:
        planner = self._planner
        async with _blaming(one.spec.name):
            saved = await one.session.save()
        header = BrainStateHeader(planner.run, planner.epoch, planner.phase.number, one.spec.name, tag)
        await self._store.save_brain(header, saved)


async def load_source(store: RunStore, run: str, source: BrainSource) -> Saved:
    """Return the state that a document says a brain goes on from.

    Raises:
        NotFoundError: BRAIN_STATE_UNKNOWN, RUN_UNKNOWN.
    """
    return await store.load_brain(source.experiment_run or run, source.phase, source.agent)


@asynccontextmanager
async def _blaming(agent: str) -> AsyncIterator[None]:
    """Say whose brain is gone."""
    try:
        yield
    except LostError as error:
        text = error.message if agent in error.message else f"The brain of agent {agent!r}: {error.message}"
        lost = BrainLostError(error.reason, text)
        lost.metadata.update({**error.metadata, "agent": agent})
        raise lost from error
