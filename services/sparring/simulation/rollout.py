"""One rollout worker: its episodes, as far as the governor allows, committed and reported."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from sparring.simulation.brains import BrainLink
from sparring.simulation.cast import Cast
from sparring.simulation.control import (
    CancelledRun,
    Cause,
    Decision,
    OrphanedRun,
    Outcome,
    RolloutControl,
    RolloutGauge,
    RolloutListener,
)
from sparring.simulation.controllers import SimulationController, make_controller
from sparring.simulation.episode import Episode, summarise
from sparring.simulation.faults.provider import with_faults
from sparring.simulation.provider import AgentRecord, EnvironmentRecord, SessionProvider
from sparring.simulation.recorder import EpisodeRecorder
from sparring.simulation.rewards import RewardBook
from sparring.types.digest import EpisodeDigest
from sparring.types.episode import EpisodeKey, EpisodeSummary
from sparring.types.errors import LostError, SparringError
from sparring.types.flow import SimulationFlowControl
from sparring.types.frames import Policy, ResetDone
from sparring.types.learning import Learning
from sparring.types.plan import RolloutPlan
from sparring.types.ports import RecordSession
from sparring.types.record import EnvironmentDeclarations
from sparring.types.seeds import Seeds

COMMIT_WAIT_S = 600.0
"""How long a commit may take before the store is given up; back-pressure is not an error."""


@dataclass(slots=True)
class _Counts:
    """What was committed in this life, and which episodes are about to be."""

    episodes: int = 0
    steps: int = 0
    open: set[int] = field(default_factory=set)


class Rollout:
    """Plays a plan. `run` is called once, in the thread that shall drive all sessions."""

    def __init__(
        self,
        plan: RolloutPlan,
        provider: SessionProvider,
        control: RolloutControl,
        listener: RolloutListener,
        gauge: RolloutGauge,
    ) -> None:
        self._plan = plan
        self._provider = with_faults(provider, plan, gauge)
        self._control = control
        self._listener = listener
        self._gauge = gauge
        self._seeds = Seeds(plan.run_seed)
        self._cast = Cast(plan)
        self._brains: list[BrainLink] = []
        self._record: RecordSession | None = None
        control.on_loss = self._lose
        self._counts = _Counts()

    def run(self) -> Outcome:
        """Play until the end; never raises a SparringError, but says in the outcome what went wrong."""
        try:
            self._play()
            return self._outcome(Cause.COMPLETED)
        except CancelledRun:
            return self._outcome(Cause.CANCELLED)
        except OrphanedRun:
            return self._outcome(Cause.ORPHANED)
        except LostError as error:
            return self._outcome(Cause.LOST, error)
        except SparringError as error:
            return self._outcome(Cause.FAILED, error)
        finally:
            self._cast.close()
            for brain in self._brains:
                brain.close()
            if self._record is not None:
                self._record.close()

    def _lose(self, token: str, error: LostError) -> None:
        """End a session that is lost; called in another thread."""
        session = self._cast.held.get(token)
        if session is not None:
            session.end(error)

    def _play(self) -> None:
        plan, control = self._plan, self._control
        began = time.monotonic()
        controller = make_controller(plan.controller)
        episode = plan.first_episode
        decision = control.wait_for_allowance(episode)
        self._gauge.episode = episode
        first: Sequence[ResetDone] | None = self._cast.start_environments(self._provider, self._seeds, episode)
        record = self._open()
        self._cast.start_muscles(self._provider, self._seeds, episode, self._policies(decision))
        book = RewardBook(plan.environments, self._cast.declared_rewards)
        self._listener.started(time.monotonic() - began)
        while decision.flow_control < SimulationFlowControl.STOP_SIMULATION and episode < decision.episodes_below:
            if episode in record.committed:
                episode += 1
                decision = control.wait_for_allowance(episode)
                continue
            self._gauge.episode = episode
            if first is None or episode != plan.first_episode:
                first = self._begin(episode, decision)
            self._one(episode, first, controller, book, record)
            first = None
            self._report(record, wait=decision.episodes_below <= episode + 1)
            episode += 1
            decision = control.wait_for_allowance(episode)
        self._drain(record)
        self._cast.shut_down()

    def _one(
        self,
        episode: int,
        first: Sequence[ResetDone],
        controller: SimulationController,
        book: RewardBook,
        record: RecordSession,
    ) -> None:
        """Play and commit one episode."""
        plan, began = self._plan, time.monotonic()
        key = EpisodeKey(plan.origin.phase, plan.mode, plan.origin.rollout, episode)
        seeds = {one.uid: self._cast.environment_seed(self._seeds, one.uid, episode) for one in plan.environments}
        self._gauge.episode_return = 0.0
        book.new_episode()
        recorder = EpisodeRecorder(record, EpisodeDigest(key, self._declarations()), len(plan.agents), episode, seeds)
        for brain in self._brains:
            brain.begin(key)
        try:
            play = Episode(
                self._cast, self._brains, controller, book, recorder, self._control, self._gauge, self._listener, first
            )
            end = play.play()
            for brain, readings in zip(self._brains, end.final_readings, strict=True):
                brain.end(readings)
        except BaseException:
            self._discard(recorder)
            raise
        recorder.flush([brain.objectives for brain in self._brains])
        names = [agent.name for agent in plan.agents]
        attempts = plan.first_attempt if episode == plan.first_episode else 1
        recorder.commit(summarise(key, end, names, self._brains, recorder.digest(), seeds, began, attempts))
        self._counts.open.add(episode)

    def _begin(self, episode: int, decision: Decision) -> list[ResetDone]:
        """Begin an episode in the open sessions, or in new ones if so decided."""
        if decision.flow_control != SimulationFlowControl.RESTART:
            return self._cast.reset(self._seeds, episode, self._policies(decision))
        self._cast.shut_down()
        self._cast = Cast(self._plan)
        first = self._cast.start_environments(self._provider, self._seeds, episode)
        self._cast.start_muscles(self._provider, self._seeds, episode, self._policies(decision))
        return first

    def _policies(self, decision: Decision) -> list[Policy | None]:
        """Return the policies of the next episode, waiting for those that the decision asks for."""
        return [
            brain.policy_for_reset(decision.policy_versions.get(agent.name))
            for agent, brain in zip(self._plan.agents, self._brains, strict=True)
        ]

    def _open(self) -> RecordSession:
        """Join the brains and open the record, once environments have declared what there is."""
        plan = self._plan
        for agent, wiring in zip(plan.agents, self._cast.wiring.agents, strict=True):
            session = self._provider.experience(agent, wiring.sensors, wiring.actuators, plan)
            learns = agent.brain_learns
            self._brains.append(
                BrainLink(
                    session,
                    waits=(plan.learning is Learning.STEP and learns) or bool(plan.conditions),
                    think_s=plan.timeouts.think_s,
                    adopts=learns and plan.learning in (Learning.STEP, Learning.ASYNC),
                )
            )
        environments = [
            EnvironmentRecord(
                one.uid, said.sensors, said.actuators, said.rewards, one.environment, said.static_world_model
            )
            for one, said in zip(plan.environments, self._cast.started, strict=True)
        ]
        agents = [AgentRecord(agent.name, agent.sensors, agent.actuators) for agent in plan.agents]
        self._record = self._gauge.record = self._provider.record(plan, environments, agents)
        return self._record

    def _declarations(self) -> list[EnvironmentDeclarations]:
        return [
            EnvironmentDeclarations(one.uid, said.sensors, said.actuators, said.rewards)
            for one, said in zip(self._plan.environments, self._cast.started, strict=True)
        ]

    def _report(self, record: RecordSession, *, wait: bool) -> None:
        """Tell the governor what has become durable; wait for all of it where it will decide by that."""
        if wait:
            self._drain(record)
            return
        for summary in record.take_committed(0):
            self._committed(summary)

    def _drain(self, record: RecordSession) -> None:
        record.flush()
        deadline = time.monotonic() + COMMIT_WAIT_S
        while self._counts.open:
            done = record.take_committed(max(0.0, deadline - time.monotonic()))
            if not done:
                raise LostError("STORE_SILENT", f"The store has not confirmed a commit for {COMMIT_WAIT_S:.0f} s.")
            for summary in done:
                self._committed(summary)

    def _committed(self, summary: EpisodeSummary) -> None:
        self._counts.open.discard(summary.key.episode)
        self._counts.episodes += 1
        self._counts.steps += summary.steps
        self._listener.episode_committed(summary)

    def _discard(self, recorder: EpisodeRecorder) -> None:
        """Void the episode everywhere it can still be voided."""
        for action in (recorder.drop, *(brain.discard for brain in self._brains)):
            try:
                action()
            except SparringError:
                continue  # the peer is gone, and with it what it knew of the episode

    def _outcome(self, cause: Cause, error: SparringError | None = None) -> Outcome:
        return Outcome(cause, error, self._counts.steps, self._counts.episodes)
