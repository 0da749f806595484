"""One episode: act, update, record, until an environment ends or somebody asks for the end. This is the step path."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sparring.simulation.brains import BrainLink
from sparring.simulation.cast import Cast, expect
from sparring.simulation.control import RolloutControl, RolloutGauge, RolloutListener
from sparring.simulation.controllers import SimulationController
from sparring.simulation.recorder import EpisodeRecorder
from sparring.simulation.rewards import RewardBook
from sparring.types.declaration import Declaration
from sparring.types.episode import EpisodeKey, EpisodeSummary
from sparring.types.errors import AuthorError
from sparring.types.flow import SimulationFlowControl
from sparring.types.frames import NO_LANES, Act, Acted, LaneTimes, ResetDone, Update, Updated
from sparring.types.learning import ExperienceStep
from sparring.types.record import EnvironmentLayouts, RowLayout
from sparring.types.space_text import describe_space
from sparring.types.values import Values

BATCH_STEPS = 128
"""So many steps go to brains and store at a time, where nobody waits for each."""

_ENDED = (True,)


@dataclass(frozen=True, slots=True)
class EpisodeEnd:
    """How an episode ended."""

    steps: int
    episode_return: float
    terminated: bool
    truncated: bool
    flow_control: SimulationFlowControl
    final_readings: tuple[Values, ...]


class Episode:
    """Plays one episode with an open cast. One lane.

    The state between two steps is plain: readings, times and rewards of each environment. Whatever is the same in
    every step of the session (who reads
    and sets what, row constants) was prepared before.
    """

    def __init__(
        self,
        cast: Cast,
        brains: Sequence[BrainLink],
        controller: SimulationController,
        rewards: RewardBook,
        recorder: EpisodeRecorder,
        control: RolloutControl,
        gauge: RolloutGauge,
        listener: RolloutListener,
        first: Sequence[ResetDone],
    ) -> None:
        self._cast = cast
        self._brains = brains
        self._controller = controller
        self._book = rewards
        self._recorder = recorder
        self._control = control
        self._gauge = gauge
        self._listener = listener
        self._readings = [one.readings for one in first]
        self._times = [one.time for one in first]
        self._due = [one.next_update for one in first]
        self._rewards: list[Values] = list(rewards.absent)
        self._agent_rewards: list[Values | None] = [None] * len(cast.muscles)
        self._news: list[tuple[Declaration, ...]] = [rewards.news] * len(cast.muscles)
        self._brain_news = list(self._news)
        self._prepare_rows()
        self._terminated = [False] * len(first)
        self._truncated = [False] * len(first)
        self._step_s = cast.plan.timeouts.step_s
        self._return = 0.0

    def play(self) -> EpisodeEnd:
        """Play to the end.

        Raises:
            AuthorError, HungError, LostError: What sessions say, with the step.
            CancelledRun: The governor cancelled.
        """
        agents, gauge, control = len(self._cast.muscles), self._gauge, self._control
        nobody: tuple[Acted | None, ...] = (None,) * agents
        scatters = self._cast.wiring.setpoints
        untouched = [scatter.scatter([None] * agents) for scatter in scatters]
        environments = range(len(scatters))
        self._record(untouched, [True] * len(scatters), nobody)
        gauge.step, flow, step, ended = 0, SimulationFlowControl.CONTINUE, 0, False
        while not ended:
            if control.attention:
                control.hold(self._listener)
            acting = self._controller.acting(step, agents)
            read, acted = self._act(acting, nobody)
            due = self._due_now() if any(self._due) else environments
            proposed = [None if one is None else one.setpoints for one in acted]
            setpoints = untouched[:]
            for number in due:
                setpoints[number] = scatters[number].scatter(proposed)
            if due is not environments:
                self._recorder.propose(proposed)
            self._update(due, setpoints, acting)
            updated = [number in due for number in environments]
            self._record(setpoints, updated, acted)
            step += 1
            gauge.step, gauge.episode_return = step, self._return
            gauge.steps_played += 1
            ended = True in self._terminated or True in self._truncated
            flow = self._learn(acting, read, acted, step)
            if flow >= SimulationFlowControl.RESET:
                break
        self._say_farewell(ended)
        return EpisodeEnd(
            step,
            self._return,
            True in self._terminated,
            True in self._truncated or not ended,
            flow,
            tuple(self._cast.wiring.agents[number].readings.gather(self._readings) for number in range(agents)),
        )

    def _act(
        self, acting: tuple[int, ...], nobody: tuple[Acted | None, ...]
    ) -> tuple[list[Values], list[Acted | None]]:
        """Ask the acting agents for setpoints, all at the same time; check what they answer."""
        muscles, wiring, times = self._cast.muscles, self._cast.wiring.agents, tuple(self._times)
        read = []
        for agent in acting:
            readings = wiring[agent].readings.gather(self._readings)
            read.append(readings)
            act = Act(
                readings, self._agent_rewards[agent], NO_LANES, NO_LANES, times, self._brains[agent].take_policy()
            )
            if self._news[agent]:
                act.declared_rewards = self._news[agent]
                self._news[agent] = ()
            muscles[agent].send(act)
        acted: list[Acted | None] = list(nobody)
        for agent in acting:
            answer = expect(Acted, muscles[agent].receive(self._step_s))
            if not self._cast.trusted[agent]:
                self._check(agent, answer.setpoints)
            acted[agent] = answer
        return read, acted

    def _update(self, due: Sequence[int], setpoints: list[Values], acting: tuple[int, ...]) -> None:
        """Update the environments that are due, all at the same time."""
        sessions = self._cast.environments
        for number in due:
            sessions[number].send(Update(setpoints[number]))
        self._rewards = self._book.absent[:]
        announced: dict[int, tuple[Declaration, ...]] = {}
        for number in due:
            updated = expect(Updated, sessions[number].receive(self._step_s))
            self._readings[number] = updated.readings
            self._rewards[number] = updated.rewards
            self._times[number] = updated.time
            self._due[number] = updated.next_update
            self._terminated[number] = updated.terminated == _ENDED
            self._truncated[number] = updated.truncated == _ENDED
            if updated.declared_rewards:
                announced[number] = updated.declared_rewards
            if updated.world_state is not None:
                self._recorder.world_state(number, updated.world_state)
        if announced:
            self._announce(announced)
        self._return += self._book.total(self._rewards)
        gathered = self._book.gather(self._rewards)
        for agent in acting:
            self._agent_rewards[agent] = gathered

    def _announce(self, announced: dict[int, tuple[Declaration, ...]]) -> None:
        """Take in rewards seen for the first time; rare."""
        for brain in self._brains:
            brain.flush()
            brain.settle()
        for number, rewards in announced.items():
            self._recorder.declare_rewards(number, rewards, self._objectives())
        self._book.declare(announced)
        fresh = self._book.absent[:]
        for number, values in enumerate(self._rewards):
            fresh[number] = (
                values if values.data and len(values.data) == self._book.layouts[number].size else fresh[number]
            )
        self._rewards = fresh
        self._news = [(*news, *self._book.news) for news in self._news]
        self._brain_news = [(*news, *self._book.news) for news in self._brain_news]
        self._prepare_rows()

    def _learn(
        self, acting: tuple[int, ...], read: list[Values], acted: Sequence[Acted | None], step: int
    ) -> SimulationFlowControl:
        """Tell the brains what followed from what their muscles did."""
        over = True in self._terminated or True in self._truncated
        terminated = (True in self._terminated,) if over else NO_LANES
        truncated = (True in self._truncated and True not in self._terminated,) if over else NO_LANES
        flow = SimulationFlowControl.CONTINUE
        for readings, agent in zip(read, acting, strict=True):
            did, rewards = acted[agent], self._agent_rewards[agent]
            if did is None or rewards is None:
                continue
            brain = self._brains[agent]
            brain.step(
                ExperienceStep(readings, did.setpoints, rewards, terminated, truncated, did.data, self._told(agent))
            )
            flow = max(flow, brain.flow)
        if step % BATCH_STEPS == 0:
            self._hand_over()
        return flow

    def _told(self, agent: int) -> tuple[Declaration, ...]:
        """Return the rewards that the agent's brain has not heard of yet in this episode."""
        news = self._brain_news[agent]
        if news:
            self._brain_news[agent] = ()
        return news

    def _hand_over(self) -> None:
        """Send what has gathered to brains, and to the store what the brains have answered before."""
        for brain in self._brains:
            brain.flush()
        for brain in self._brains:
            brain.settle()
        self._recorder.flush(self._objectives())

    def _record(self, setpoints: Sequence[Values], updated: Sequence[bool], acted: Sequence[Acted | None]) -> None:
        """Write the row of this step."""
        parts = []
        for number, encode in enumerate(self._encode):
            time = self._times[number]
            parts.append(
                encode(
                    self._readings[number],
                    setpoints[number],
                    self._rewards[number],
                    time.ticks[0] if time.ticks else None,
                    time.timestamps_ns[0] if time.timestamps_ns else None,
                    self._terminated[number],
                    self._truncated[number],
                    updated[number],
                )
            )
        row = parts[0] if len(parts) == 1 else b"".join(parts)
        self._recorder.row(row, self._texts(setpoints) if self._rows.text_count else (), acted)

    def _texts(self, setpoints: Sequence[Values]) -> list[str]:
        """Return the texts of this row; rare."""
        return [
            text
            for row, readings, given, rewards in zip(
                self._rows.environments, self._readings, setpoints, self._rewards, strict=True
            )
            for text in row.texts(readings, given, rewards)
        ]

    def _say_farewell(self, ended: bool) -> None:
        """Show the terminal state to all muscles; what they answer is discarded."""
        terminated = (True in self._terminated,) if ended else NO_LANES
        truncated = (True in self._truncated,) if ended else _ENDED
        times = tuple(self._times)
        for agent, muscle in enumerate(self._cast.muscles):
            readings = self._cast.wiring.agents[agent].readings.gather(self._readings)
            muscle.send(
                Act(readings, self._agent_rewards[agent], terminated, truncated, times, None, None, self._news[agent])
            )
        for muscle in self._cast.muscles:
            muscle.receive(self._step_s)

    def _due_now(self) -> list[int]:
        """Return the environments that want to be updated now.

        Those that say nothing always, the others when their time has come.

        Now is the latest time of those that say nothing; where all say when, it is the earliest time that one of them
        asks for.
        """
        free = [time for time, due in zip(self._times, self._due, strict=True) if due is None]
        asked = [due for due in self._due if due is not None]
        now = _latest(free) if free else _earliest(asked)
        return [number for number, due in enumerate(self._due) if due is None or _reached(due, now)]

    def _check(self, agent: int, setpoints: Values) -> None:
        """Refuse setpoints outside their actuators' spaces."""
        wiring = self._cast.wiring.agents[agent]
        violation = wiring.setpoints.check(setpoints)
        if violation is not None:
            actuator, name = wiring.actuators[violation.field], self._cast.plan.agents[agent].name
            raise AuthorError(
                "SETPOINT_OUT_OF_SPACE",
                f"Agent {name!r} set {actuator.uid!r} to {violation.value} in step {self._gauge.step + 1}, "
                f"which is outside {describe_space(actuator.space)}.",
                agent=name,
                actuator=actuator.uid,
                step=self._gauge.step + 1,
                value=violation.value,
            )

    def _objectives(self) -> list[list[float]]:
        return [brain.objectives for brain in self._brains]

    def _prepare_rows(self) -> None:
        layouts = zip(self._cast.sensor_layouts, self._cast.actuator_layouts, self._book.layouts, strict=True)
        self._rows = RowLayout([EnvironmentLayouts(*each) for each in layouts])
        self._encode = [row.encode for row in self._rows.environments]


def summarise(
    key: EpisodeKey,
    end: EpisodeEnd,
    names: Sequence[str],
    brains: Sequence[BrainLink],
    digest: bytes,
    seeds: dict[str, int],
    begun: float,
    attempts: int,
) -> EpisodeSummary:
    """Write the row that commits an episode; `begun` is the monotonic time of its begin."""
    said = {name: brain.objective() for name, brain in zip(names, brains, strict=True)}
    return EpisodeSummary(
        key=key,
        steps=end.steps,
        episode_return=end.episode_return,
        objectives={name: value for name, value in said.items() if value is not None},
        terminated=end.terminated,
        truncated=end.truncated,
        digest=digest,
        seeds=seeds,
        attempts=attempts,
        duration_s=time.monotonic() - begun,
        flow_control=max([end.flow_control, *(brain.flow for brain in brains)]),
    )


def _latest(times: Sequence[LaneTimes]) -> LaneTimes:
    ticks = [time.ticks[0] for time in times if time.ticks]
    stamps = [time.timestamps_ns[0] for time in times if time.timestamps_ns]
    return LaneTimes((max(ticks),) if ticks else (), (max(stamps),) if stamps else ())


def _earliest(times: Sequence[LaneTimes]) -> LaneTimes:
    ticks = [time.ticks[0] for time in times if time.ticks]
    stamps = [time.timestamps_ns[0] for time in times if time.timestamps_ns]
    return LaneTimes((min(ticks),) if ticks else (), (min(stamps),) if stamps else ())


def _reached(due: LaneTimes, now: LaneTimes) -> bool:
    """Whether `now` is at or past `due`; times of different kinds cannot be compared, and then it is."""
    if due.ticks and now.ticks:
        return now.ticks[0] >= due.ticks[0]
    if due.timestamps_ns and now.timestamps_ns:
        return now.timestamps_ns[0] >= due.timestamps_ns[0]
    return True
