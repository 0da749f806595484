"""Experiment documents played in this process: real rollout workers, instances and brains; no service, no store.

The phases run one after the other, the rollout workers of a round one after the other, so that one core is enough and
a debugger sees all of it. Seeds, rounds and learning order are those of a run of services, and so are the digests.
Conditions of the run and evaluation are left out: a phase has all its episodes.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field

from sparring.agent.brain_instance import BrainInstance
from sparring.agent.muscle_instance import MuscleInstance
from sparring.environment.description import describe_environment
from sparring.environment.instance import EnvironmentInstance
from sparring.experiment import AgentSpec, ComponentSpec, ExperimentRun, HostedSpec, Phase
from sparring.simulation.control import Cause, Decision, RolloutControl, RolloutGauge, RolloutListener
from sparring.simulation.provider import AgentRecord, EnvironmentRecord
from sparring.simulation.rollout import Rollout
from sparring.types.declaration import Component, Declaration
from sparring.types.episode import EpisodeSummary, StepRows
from sparring.types.flow import SimulationFlowControl
from sparring.types.frames import Origin, Policy
from sparring.types.learning import (
    Considered,
    DiscardEpisode,
    EpisodeEnd,
    ExperienceBatch,
    Joined,
    Learn,
    Learning,
    Saved,
    StartBrain,
)
from sparring.types.mode import Mode
from sparring.types.plan import AgentPlan, EnvironmentPlan, Grant, Inline, RolloutPlan
from sparring.types.ports import EnvironmentSession, ExperienceSession, MuscleSession, RecordSession
from sparring.types.seeds import Seeds
from tests.support.classes import resolve

STORE = Grant("0" * 32, "store-1", "store", "127.0.0.1:1")


@dataclass
class PlayedPhase:
    """What came of a phase.

    Attributes:
        name: Its name in the document.
        episodes: All of them, in learning order.
        brains: What each agent's brain was saved as.
        seconds: How long it took.
        statistics: The last numbers that each agent's brain put on record.
        versions: The version of each agent's policy after each round.
    """

    name: str
    episodes: list[EpisodeSummary] = field(default_factory=list)
    brains: dict[str, Saved] = field(default_factory=dict)
    seconds: float = 0.0
    statistics: dict[str, dict[str, float]] = field(default_factory=dict)
    versions: dict[str, list[int]] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """Steps of all episodes."""
        return sum(each.steps for each in self.episodes)

    @property
    def mean_return(self) -> float:
        """The mean over all episodes."""
        return sum(each.episode_return for each in self.episodes) / len(self.episodes)

    def mean_objective(self, agent: str) -> float:
        """The mean over all episodes of the sum of an agent's objective."""
        return sum(each.objectives[agent] for each in self.episodes) / len(self.episodes)


def play(run: ExperimentRun) -> list[PlayedPhase]:
    """Play all phases of a run."""
    played: list[PlayedPhase] = []
    for phase in run.phases:
        states = {agent.name: _state(agent, run, played) for agent in phase.agents}
        played.append(play_phase(phase, run.seed, {name: state for name, state in states.items() if state is not None}))
    return played


def play_phase(
    phase: Phase, seed: int, states: Mapping[str, Saved] | None = None, episodes: range | None = None
) -> PlayedPhase:
    """Play one phase, or some of its episodes; brains go on from the states that are given."""
    began = time.monotonic()
    result = PlayedPhase(phase.name)
    with ExitStack() as stack:
        brains = {
            agent.name: stack.enter_context(closing(_Brain(phase, agent, seed, (states or {}).get(agent.name))))
            for agent in phase.agents
        }
        for episode in episodes or range(phase.episodes or 0):
            keys = []
            for rollout in range(phase.workers):
                result.episodes.append(_Worker(phase, seed, rollout, brains).play(episode))
                keys.append(result.episodes[-1].key)
            if _learning(phase) is Learning.EPISODE:
                for brain in brains.values():
                    brain.learn(Learn(episode, tuple(keys)))
            for name, brain in brains.items():
                result.versions.setdefault(name, []).append(-1 if brain.policy is None else brain.policy.version)
        result.brains = {name: brain.instance.save() for name, brain in brains.items()}
        result.statistics = {name: brain.statistics for name, brain in brains.items()}
    result.seconds = time.monotonic() - began
    return result


class _Brain:
    """A brain, and the newest policy heard of."""

    def __init__(self, phase: Phase, agent: AgentSpec, seed: int, state: Saved | None) -> None:
        self.instance = BrainInstance(resolve)
        self.statistics: dict[str, float] = {}
        sensors, actuators = _declared(phase, agent)
        assert agent.objective is not None
        started = self.instance.start(
            StartBrain(
                brain=_hosted(agent.brain),
                objective=_component(agent.objective),
                agent=agent.name,
                sensors=sensors,
                actuators=actuators,
                seed=Seeds(seed).brain(phase.number, agent.name),
                mode=phase.mode,
                learning=_learning(phase),
                rollouts=phase.workers,
                filters=tuple(map(_component, agent.filters)),
                conditions=tuple(map(_component, phase.conditions)),
                state=None if state is None else state.state,
            )
        )
        self.learns = started.learns
        self.policy: Policy | None = started.policy

    def learn(self, request: Learn) -> None:
        learned = self.instance.learn(request)
        self.policy = learned.policy or self.policy
        self.statistics.update(learned.statistics)

    def close(self) -> None:
        self.instance.close()


class _Experience:
    """A rollout worker's stream to a brain, without a wire."""

    def __init__(self, brain: _Brain, rollout: int) -> None:
        self._brain = brain
        self._rollout = rollout
        self._answers: deque[Considered] = deque()
        self._joined = brain.instance.join(rollout, 1)

    @property
    def joined(self) -> Joined:
        return self._joined

    def send(self, request: ExperienceBatch | EpisodeEnd) -> None:
        considered = self._brain.instance.consider(self._rollout, request)
        self._brain.policy = considered.policy or self._brain.policy
        self._brain.statistics.update(considered.statistics)
        self._answers.append(considered)

    def discard(self, request: DiscardEpisode) -> None:
        self._brain.instance.discard(self._rollout, request)

    def receive(self, timeout_s: float) -> Considered:
        return self._answers.popleft()

    def latest_policy(self) -> Policy | None:
        return self._brain.policy

    def wait_for_policy(self, version: int, timeout_s: float) -> Policy:
        assert self._brain.policy is not None
        assert self._brain.policy.version >= version
        return self._brain.policy

    def close(self) -> None:
        self._answers.clear()


class _Record:
    """A store that commits at once and keeps nothing."""

    def __init__(self) -> None:
        self.committed: frozenset[int] = frozenset()
        self.refusal = ""
        self._done: list[EpisodeSummary] = []

    def begin(self, episode: int, seeds: Mapping[str, int]) -> None:
        return

    def declare_rewards(self, episode: int, environment: int, rewards: Sequence[Declaration]) -> None:
        return

    def write(self, rows: StepRows) -> None:
        return

    def commit(self, summary: EpisodeSummary, rows: int) -> None:
        self._done.append(summary)

    def drop(self, episode: int) -> None:
        return

    def flush(self) -> None:
        return

    def take_committed(self, timeout_s: float) -> list[EpisodeSummary]:
        done, self._done = self._done, []
        return done

    def close(self) -> None:
        self._done.clear()


class _Worker(RolloutListener):
    """Plays one episode of a rollout worker; everything about it is made here."""

    def __init__(self, phase: Phase, seed: int, rollout: int, brains: Mapping[str, _Brain]) -> None:
        self._phase = phase
        self._seed = seed
        self._rollout = rollout
        self._brains = brains
        self._summaries: list[EpisodeSummary] = []

    def play(self, episode: int) -> EpisodeSummary:
        self._control = RolloutControl(Decision(SimulationFlowControl.CONTINUE, episode + 1))
        outcome = Rollout(self._plan(episode), self, self._control, self, RolloutGauge()).run()
        if outcome.error is not None:
            raise outcome.error
        assert outcome.cause is Cause.COMPLETED
        return self._summaries[0]

    def episode_committed(self, summary: EpisodeSummary) -> None:
        self._summaries.append(summary)
        self._control.decide(Decision(SimulationFlowControl.STOP_SIMULATION, 0))

    def environment(self, plan: EnvironmentPlan) -> EnvironmentSession:
        return EnvironmentInstance(resolve)

    def muscle(self, plan: AgentPlan) -> MuscleSession:
        return MuscleInstance(resolve)

    def experience(
        self, plan: AgentPlan, sensors: Sequence[Declaration], actuators: Sequence[Declaration], rollout: RolloutPlan
    ) -> ExperienceSession:
        return _Experience(self._brains[plan.name], self._rollout)

    def record(
        self, plan: RolloutPlan, environments: Sequence[EnvironmentRecord], agents: Sequence[AgentRecord]
    ) -> RecordSession:
        return _Record()

    def _plan(self, episode: int) -> RolloutPlan:
        phase = self._phase
        return RolloutPlan(
            origin=Origin("run-1", phase.number, self._rollout),
            phase_name=phase.name,
            mode=phase.mode,
            controller=Component(phase.controller, {}),
            environments=tuple(
                EnvironmentPlan(
                    each.uid,
                    _hosted(each.source),
                    Inline(),
                    None if each.reward is None else _component(each.reward),
                    recreate_each_episode=each.recreate == "episode",
                )
                for each in phase.environments
            ),
            agents=tuple(
                AgentPlan(
                    each.name,
                    _hosted(each.muscle),
                    Inline(),
                    each.sensors,
                    each.actuators,
                    STORE,
                    self._brains[each.name].learns,
                    tuple(map(_component, each.filters)),
                )
                for each in phase.agents
            ),
            run_seed=self._seed,
            store=STORE,
            learning=_learning(phase),
            conditions=tuple(map(_component, phase.conditions)),
            first_episode=episode,
        )


def _state(agent: AgentSpec, run: ExperimentRun, played: Sequence[PlayedPhase]) -> Saved | None:
    """Return what the agent's brain starts from."""
    load = agent.load
    if load is None:
        return None
    names = [phase.name for phase in run.phases]
    number = load.phase if isinstance(load.phase, int) else names.index(load.phase)
    return played[number].brains.get(load.agent)


def _declared(phase: Phase, agent: AgentSpec) -> tuple[tuple[Declaration, ...], tuple[Declaration, ...]]:
    """Return what the agent reads and sets, as a rollout worker would find it."""
    sensors: dict[str, Declaration] = {}
    actuators: dict[str, Declaration] = {}
    for each in phase.environments:
        offered = describe_environment(_hosted(each.source), resolve, each.uid)
        sensors |= _qualified(each.uid, offered.sensors)
        actuators |= _qualified(each.uid, offered.actuators)
    return tuple(sensors[uid] for uid in agent.sensors), tuple(actuators[uid] for uid in agent.actuators)


def _qualified(uid: str, declarations: Sequence[Declaration]) -> dict[str, Declaration]:
    def named() -> Iterator[Declaration]:
        for each in declarations:
            yield Declaration(f"{uid}.{each.uid}", each.space, each.unit, each.description)

    return {each.uid: each for each in named()}


def _learning(phase: Phase) -> Learning:
    return Learning.NONE if phase.mode is not Mode.TRAIN else Learning(phase.learning)


def _hosted(source: HostedSpec) -> Component:
    return Component(source.name, dict(source.params))


def _component(spec: ComponentSpec) -> Component:
    return Component(spec.name, dict(spec.params))
