"""A rollout worker on a stage of our own: real environment instances, hand-written muscles, brains and store."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sparring.environment.instance import EnvironmentInstance
from sparring.simulation.control import Decision, Outcome, RolloutControl, RolloutGauge, RolloutListener
from sparring.simulation.provider import AgentRecord, EnvironmentRecord
from sparring.simulation.rollout import Rollout
from sparring.types.declaration import Component, Declaration
from sparring.types.episode import EpisodeSummary, StepRows
from sparring.types.flow import SimulationFlowControl
from sparring.types.frames import (
    Act,
    Acted,
    MuscleRequest,
    MuscleReset,
    MuscleResponse,
    MuscleStarted,
    Origin,
    Policy,
    ResetMuscle,
    ShutDown,
    StartMuscle,
)
from sparring.types.layout import Layout
from sparring.types.learning import Considered, DiscardEpisode, EpisodeEnd, ExperienceBatch, Joined, Learning
from sparring.types.mode import Mode
from sparring.types.plan import AgentPlan, EnvironmentPlan, FixedAddress, Grant, Inline, RolloutPlan
from sparring.types.ports import EnvironmentSession, ExperienceSession, MuscleSession, RecordSession
from sparring.types.values import Values

STORE = Grant("0" * 32, "store-1", "store", "127.0.0.1:1")


def find(name: str) -> Callable[..., Any]:
    """Find a class by name; everything is allowed here."""
    module, _, cls = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), cls)
    return found


class FakeMuscle:
    """Sets every actuator to the value that `policy` gives for the number of its act; keeps what it was asked."""

    def __init__(self, policy: Callable[[int], object]) -> None:
        self.policy = policy
        self.asked: list[MuscleRequest] = []
        self.acts = 0
        self.closed = False
        self._layout = Layout([])
        self._answer: MuscleResponse = MuscleStarted()

    def send(self, request: MuscleRequest) -> None:
        """Answer at once."""
        self.asked.append(request)
        if isinstance(request, StartMuscle):
            self._layout = Layout([one.space for one in request.actuators])
            self._answer = MuscleStarted()
        elif isinstance(request, Act):
            value = self.policy(self.acts)
            self.acts += 1
            self._answer = Acted(self._layout.pack([value] * len(self._layout.fields)))
        elif isinstance(request, ResetMuscle):
            self.acts = 0
            self._answer = MuscleReset()
        else:
            self._answer = ShutDown()

    def receive(self, timeout_s: float) -> MuscleResponse:
        """Return the answer."""
        return self._answer

    def close(self) -> None:
        """Remember it."""
        self.closed = True


@dataclass
class FakeBrain:
    """Considers every step worth its number; keeps what it was told."""

    window: int = 2
    policy: Policy | None = None
    told: list[ExperienceBatch | EpisodeEnd | DiscardEpisode] = field(default_factory=list)
    flow_at_step: Mapping[int, SimulationFlowControl] = field(default_factory=dict)
    closed: bool = False
    answers: list[Considered] = field(default_factory=list)

    @property
    def joined(self) -> Joined:
        """What it said at the beginning."""
        return Joined(self.policy, self.window)

    def send(self, request: ExperienceBatch | EpisodeEnd) -> None:
        """Answer at once."""
        self.told.append(request)
        assert len(self.answers) <= self.window
        if isinstance(request, EpisodeEnd):
            self.answers.append(Considered())
            return
        steps = range(request.first_step, request.first_step + len(request.steps))
        flow = max(self.flow_at_step.get(step, SimulationFlowControl.CONTINUE) for step in steps)
        self.answers.append(Considered(tuple(float(step) for step in steps), flow))

    def discard(self, request: DiscardEpisode) -> None:
        """Remember it."""
        self.told.append(request)

    def receive(self, timeout_s: float) -> Considered:
        """Return the next answer."""
        return self.answers.pop(0)

    def latest_policy(self) -> Policy | None:
        """Return the newest policy."""
        return self.policy

    def wait_for_policy(self, version: int, timeout_s: float) -> Policy:
        """Return it; it has to be there."""
        assert self.policy is not None
        assert self.policy.version >= version
        return self.policy

    def close(self) -> None:
        """Remember it."""
        self.closed = True


@dataclass
class FakeRecord:
    """A store that commits at once."""

    committed: frozenset[int] = frozenset()
    rows: dict[int, list[StepRows]] = field(default_factory=dict)
    summaries: list[EpisodeSummary] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    environments: Sequence[EnvironmentRecord] = ()
    late: list[tuple[int, int, tuple[str, ...]]] = field(default_factory=list)
    waiting: list[EpisodeSummary] = field(default_factory=list)
    refusal: str = ""
    closed: bool = False

    def begin(self, episode: int, seeds: Mapping[str, int]) -> None:
        """Open an episode."""
        self.rows[episode] = []

    def declare_rewards(self, episode: int, environment: int, rewards: Sequence[Declaration]) -> None:
        """Remember it."""
        self.late.append((episode, environment, tuple(reward.uid for reward in rewards)))

    def write(self, rows: StepRows) -> None:
        """Keep rows."""
        self.rows[rows.episode].append(rows)

    def commit(self, summary: EpisodeSummary, rows: int) -> None:
        """Commit, if all rows came."""
        assert rows == sum(one.steps for one in self.rows[summary.key.episode])
        self.summaries.append(summary)
        self.waiting.append(summary)

    def drop(self, episode: int) -> None:
        """Forget an episode."""
        self.dropped.append(episode)

    def flush(self) -> None:
        """Nothing waits here."""

    def take_committed(self, timeout_s: float) -> list[EpisodeSummary]:
        """Return what was committed since."""
        done, self.waiting = self.waiting, []
        return done

    def close(self) -> None:
        """Remember it."""
        self.closed = True


class Listener(RolloutListener):
    """Keeps what it is told; `after` may decide on each committed episode."""

    def __init__(self, after: Callable[[EpisodeSummary], None] | None = None) -> None:
        self.committed: list[EpisodeSummary] = []
        self.flows: list[SimulationFlowControl] = []
        self.words: list[str] = []
        self.after = after

    def started(self, took_s: float) -> None:
        """Keep it."""
        self.words.append("started")

    def episode_committed(self, summary: EpisodeSummary) -> None:
        """Keep it."""
        self.committed.append(summary)
        self.flows.append(summary.flow_control)
        if self.after is not None:
            self.after(summary)

    def paused(self) -> None:
        """Keep it."""
        self.words.append("paused")

    def resumed(self) -> None:
        """Keep it."""
        self.words.append("resumed")


class Stage:
    """Everything a rollout worker needs, and what came of it."""

    def __init__(
        self,
        environments: Mapping[str, Component],
        agents: Mapping[str, tuple[Sequence[str], Sequence[str]]],
        *,
        policies: Mapping[str, Callable[[int], object]] | None = None,
        controller: str = "vanilla",
        episodes: int = 1,
        learning: Learning = Learning.NONE,
        run_seed: int = 42,
        committed: frozenset[int] = frozenset(),
        rollout: int = 0,
        trusted: bool = True,
        record: FakeRecord | None = None,
    ) -> None:
        policies = policies or {}
        self.brains = {name: FakeBrain() for name in agents}
        self.muscles = {name: FakeMuscle(policies.get(name, lambda act: act % 2)) for name in agents}
        self.record_session = record or FakeRecord(committed)
        self.listener = Listener(self._stop_after(episodes - len(committed)))
        self.gauge = RolloutGauge()
        self.control = RolloutControl(Decision(SimulationFlowControl.CONTINUE, episodes), orphan_s=0.2)
        place = Inline() if trusted else FixedAddress("127.0.0.1:1")
        self.plan = RolloutPlan(
            origin=Origin("run-1", 0, rollout),
            phase_name="train",
            mode=Mode.TRAIN,
            controller=Component(controller, {}),
            environments=tuple(EnvironmentPlan(uid, component, Inline()) for uid, component in environments.items()),
            agents=tuple(
                AgentPlan(name, Component("fake", {}), place, tuple(sensors), tuple(actuators), STORE, True)
                for name, (sensors, actuators) in agents.items()
            ),
            run_seed=run_seed,
            store=STORE,
            learning=learning,
        )

    def _stop_after(self, episodes: int) -> Callable[[EpisodeSummary], None]:
        """Decide as a governor does that wants so many episodes."""

        def after(summary: EpisodeSummary) -> None:
            if len(self.listener.committed) >= episodes:
                self.control.decide(Decision(SimulationFlowControl.STOP_SIMULATION, 0))

        return after

    def run(self) -> Outcome:
        """Play."""
        return Rollout(self.plan, self, self.control, self.listener, self.gauge).run()

    def environment(self, plan: EnvironmentPlan) -> EnvironmentSession:
        """Make an environment."""
        return EnvironmentInstance(find)

    def muscle(self, plan: AgentPlan) -> MuscleSession:
        """Hand out a fake."""
        return self.muscles[plan.name]

    def experience(
        self, plan: AgentPlan, sensors: Sequence[Declaration], actuators: Sequence[Declaration], rollout: RolloutPlan
    ) -> ExperienceSession:
        """Hand out a fake."""
        return self.brains[plan.name]

    def record(
        self, plan: RolloutPlan, environments: Sequence[EnvironmentRecord], agents: Sequence[AgentRecord]
    ) -> RecordSession:
        """Hand out the fake."""
        self.record_session.environments = environments
        return self.record_session

    def digests(self) -> list[str]:
        """Return the digests of the committed episodes, by number."""
        return [one.digest.hex() for one in sorted(self.record_session.summaries, key=lambda one: one.key.episode)]


def acts_of(muscle: FakeMuscle) -> list[Act]:
    """Return what a muscle was asked to act on."""
    return [one for one in muscle.asked if isinstance(one, Act)]


def values(layout: Layout, packed: Values) -> list[object]:
    """Unpack."""
    return layout.unpack(packed)
