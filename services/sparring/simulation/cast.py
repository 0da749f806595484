"""The cast: the environments and muscles of a rollout worker, started, reset and ended together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sparring.simulation.provider import SessionProvider
from sparring.simulation.wiring import Wiring, wire
from sparring.types.declaration import Declaration
from sparring.types.errors import InternalError, SparringError
from sparring.types.frames import (
    EnvironmentStarted,
    MuscleReset,
    MuscleStarted,
    Policy,
    Reset,
    ResetDone,
    ResetMuscle,
    ShutDown,
    Shutdown,
    StartEnvironment,
    StartMuscle,
)
from sparring.types.layout import Layout
from sparring.types.plan import Grant, Inline, Place, RolloutPlan
from sparring.types.ports import EndableSession, EnvironmentSession, MuscleSession
from sparring.types.seeds import Seeds

Frame = TypeVar("Frame")


@dataclass(slots=True)
class Cast:
    """Open sessions and what they declared.

    `trusted[i]` says that muscle i is checked where it runs; `held` has the sessions that another thread may end, by
    token.
    """

    plan: RolloutPlan
    environments: list[EnvironmentSession] = field(default_factory=list)
    muscles: list[MuscleSession] = field(default_factory=list)
    started: list[EnvironmentStarted] = field(default_factory=list)
    wiring: Wiring = field(default_factory=lambda: Wiring((), ()))
    trusted: tuple[bool, ...] = ()
    sensor_layouts: tuple[Layout, ...] = ()
    actuator_layouts: tuple[Layout, ...] = ()
    held: dict[str, EndableSession] = field(default_factory=dict)

    @property
    def declared_rewards(self) -> list[tuple[Declaration, ...]]:
        """The rewards that each environment declared at its start."""
        return [one.rewards for one in self.started]

    def start_environments(self, provider: SessionProvider, seeds: Seeds, episode: int) -> list[ResetDone]:
        """Start the environments, all at the same time, and find out who reads and sets what.

        Return the first readings.

        Raises:
            FailedPreconditionError: ASSIGNMENT_IMPOSSIBLE.
            AuthorError, HungError, LostError: What the sessions say, naming the component.
        """
        plan, timeout_s = self.plan, self.plan.timeouts.start_s
        for environment in plan.environments:
            session = provider.environment(environment)
            self.environments.append(session)
            self._hold(environment.place, session)
            session.send(
                StartEnvironment(
                    environment=environment.environment,
                    uid=environment.uid,
                    session_seed=seeds.environment_session(plan.origin.phase, plan.origin.rollout, environment.uid),
                    episode_seeds=(self.environment_seed(seeds, environment.uid, episode),),
                    token=_token(environment.place),
                    mode=plan.mode,
                    reward=environment.reward,
                    state_transformer=environment.state_transformer,
                    recreate_each_episode=environment.recreate_each_episode,
                    timeouts=plan.timeouts,
                    origin=plan.origin,
                )
            )
        self.started = [expect(EnvironmentStarted, session.receive(timeout_s)) for session in self.environments]
        self.sensor_layouts = tuple(Layout([sensor.space for sensor in one.sensors]) for one in self.started)
        self.actuator_layouts = tuple(Layout([actuator.space for actuator in one.actuators]) for one in self.started)
        self.wiring = wire(plan.environments, self.started, plan.agents, plan.lanes)
        return [one.first for one in self.started]

    def start_muscles(
        self, provider: SessionProvider, seeds: Seeds, episode: int, policies: Sequence[Policy | None]
    ) -> None:
        """Start the muscles, all at the same time, with the policies of their brains."""
        plan, timeout_s = self.plan, self.plan.timeouts.start_s
        for agent, wiring, policy in zip(plan.agents, self.wiring.agents, policies, strict=True):
            muscle = provider.muscle(agent)
            self.muscles.append(muscle)
            self._hold(agent.place, muscle)
            muscle.send(
                StartMuscle(
                    muscle=agent.muscle,
                    agent=agent.name,
                    session_seed=seeds.muscle_session(plan.origin.phase, plan.origin.rollout, agent.name),
                    episode_seeds=(self.muscle_seed(seeds, agent.name, episode),),
                    sensors=wiring.sensors,
                    actuators=wiring.actuators,
                    environments=tuple(environment.uid for environment in plan.environments),
                    token=_token(agent.place),
                    mode=plan.mode,
                    filters=agent.filters,
                    policy=policy,
                    timeouts=plan.timeouts,
                    origin=plan.origin,
                )
            )
        for muscle in self.muscles:
            expect(MuscleStarted, muscle.receive(timeout_s))
        self.trusted = tuple(isinstance(agent.place, Inline) for agent in plan.agents)

    def reset(self, seeds: Seeds, episode: int, policies: Sequence[Policy | None]) -> list[ResetDone]:
        """Begin a new episode everywhere, all at the same time; return its first readings."""
        plan, timeout_s = self.plan, self.plan.timeouts.reset_s
        for environment, session in zip(plan.environments, self.environments, strict=True):
            session.send(Reset((self.environment_seed(seeds, environment.uid, episode),)))
        for agent, muscle, policy in zip(plan.agents, self.muscles, policies, strict=True):
            muscle.send(ResetMuscle((self.muscle_seed(seeds, agent.name, episode),), policy=policy, mode=plan.mode))
        first = [expect(ResetDone, session.receive(timeout_s)) for session in self.environments]
        for muscle in self.muscles:
            expect(MuscleReset, muscle.receive(timeout_s))
        return first

    def shut_down(self) -> None:
        """End all sessions in good order.

        Raises:
            SparringError: The first complaint; the others are ended all the same.
        """
        complaints: list[SparringError] = []
        sessions: list[EnvironmentSession | MuscleSession] = [*self.environments, *self.muscles]
        asked = []
        for session in sessions:
            try:
                session.send(Shutdown())
                asked.append(session)
            except SparringError as error:
                complaints.append(error)
        for session in asked:
            try:
                expect(ShutDown, session.receive(self.plan.timeouts.reset_s))
            except SparringError as error:
                complaints.append(error)
        self.close()
        if complaints:
            raise complaints[0]

    def close(self) -> None:
        """Let go of all sessions, without farewell."""
        for environment in self.environments:
            environment.close()
        for muscle in self.muscles:
            muscle.close()
        self.environments, self.muscles = [], []

    def _hold(self, place: Place, session: object) -> None:
        if isinstance(place, Grant) and isinstance(session, EndableSession):
            self.held[place.token] = session

    def environment_seed(self, seeds: Seeds, uid: str, episode: int) -> int:
        """Return the seed of an environment's episode."""
        return seeds.environment_episode(self.plan.origin.phase, self.plan.mode, self.plan.origin.rollout, uid, episode)

    def muscle_seed(self, seeds: Seeds, agent: str, episode: int) -> int:
        """Return the seed of a muscle's episode."""
        return seeds.muscle_episode(self.plan.origin.phase, self.plan.mode, self.plan.origin.rollout, agent, episode)


def expect(kind: type[Frame], frame: object) -> Frame:
    """Return a frame of the expected kind.

    Raises:
        InternalError: RESPONSE_UNEXPECTED; the session answered something else.
    """
    if type(frame) is not kind:
        raise InternalError("RESPONSE_UNEXPECTED", f"Expected {kind.__name__}, got {type(frame).__name__}.")
    return frame


def _token(place: Place) -> str:
    return place.token if isinstance(place, Grant) else ""
