"""Rollout workers that play their episodes instantly, commit them to the fake store, and fail where a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial

from sparring.governor.rollout_frames import (
    Cause,
    Decision,
    EpisodeCommitted,
    RolloutEnded,
    RolloutFrame,
    RolloutProgress,
    RolloutStarted,
)
from sparring.types.episode import EpisodeKey
from sparring.types.errors import SparringError
from sparring.types.flow import SimulationFlowControl
from sparring.types.plan import Grant, RolloutPlan
from tests.unit.governor.fakes.log import Log
from tests.unit.governor.fakes.store import FakeStore

STEPS = 10
Objective = Callable[[EpisodeKey], dict[str, float]]


@dataclass
class FakeRollouts:
    log: Log
    store: FakeStore
    streams: list[FakeRolloutStream] = field(default_factory=list)
    endings: dict[tuple[int, int], list[RolloutEnded | SparringError]] = field(default_factory=dict)
    """By rollout and episode: what happens instead of the episode, once each."""
    gates: dict[tuple[int, int], asyncio.Event] = field(default_factory=dict)
    """By rollout and episode: the episode is committed when it is set."""
    refusal: SparringError | None = None
    """What every start raises."""
    objectives: Objective = lambda key: {}
    silent: bool = False
    """Commit without telling, once per stream."""
    deaf: bool = False
    """Do not end when told to."""

    def open(self, grant: Grant, epoch: int) -> FakeRolloutStream:
        stream = FakeRolloutStream(self, grant, epoch)
        self.streams.append(stream)
        return stream

    def gate(self, rollout: int, episode: int) -> asyncio.Event:
        return self.gates.setdefault((rollout, episode), asyncio.Event())

    def playing(self, rollout: int = 0) -> FakeRolloutStream:
        return next(one for one in self.streams if one.plan.origin.rollout == rollout and not one.closed)


class FakeRolloutStream:
    def __init__(self, owner: FakeRollouts, grant: Grant, epoch: int) -> None:
        self.owner, self.grant, self.epoch = owner, grant, epoch
        self.plan: RolloutPlan
        self.decisions: list[Decision] = []
        self.paused = self.cancelled = self.closed = False
        self._changed = asyncio.Event()
        self._sent = 0

    async def start(self, plan: RolloutPlan, decision: Decision) -> None:
        self.plan = plan
        self._say(f"start {plan.first_episode} in phase {plan.origin.phase}")
        if self.owner.refusal is not None:
            raise self.owner.refusal
        self.decisions.append(decision)

    async def decide(self, decision: Decision) -> None:
        flow = decision.flow_control
        self._say(f"decide {flow.name} below {decision.episodes_below}")
        self.decisions.append(decision)
        self._notify()

    async def pause(self) -> None:
        self._say("pause")
        self.paused = True
        self._notify()

    async def resume(self) -> None:
        self._say("resume")
        self.paused = False
        self._notify()

    async def lose(self, token: str, reason: str, message: str) -> None:
        self._say(f"lose {reason}")

    async def cancel(self) -> None:
        self._say("cancel")
        self.cancelled = True
        self._notify()

    async def frames(self) -> AsyncIterator[RolloutFrame]:
        plan, owner, rollout = self.plan, self.owner, self.plan.origin.rollout
        yield RolloutStarted(0.1)
        episode = plan.first_episode
        while True:
            await self._until(partial(self._may_play, episode))
            if self.cancelled and not owner.deaf:
                yield RolloutEnded(Cause.CANCELLED, None, self._sent * STEPS, self._sent)
                return
            if self.decisions[-1].flow_control >= SimulationFlowControl.STOP_SIMULATION and not owner.deaf:
                yield RolloutEnded(Cause.COMPLETED, None, self._sent * STEPS, self._sent)
                return
            self._say(f"plays {episode}")
            yield RolloutProgress(episode, STEPS, (episode + 1) * STEPS, 100.0, 1.0)
            if (gate := owner.gates.get((rollout, episode))) is not None:
                await self._until(partial(self._opened, gate), gate)
                if self.cancelled:
                    continue
            ending = owner.endings.get((rollout, episode), [])
            if ending:
                found = ending.pop(0)
                self._say(f"ends before episode {episode} is committed")
                if isinstance(found, SparringError):
                    raise found
                yield found
                return
            key = EpisodeKey(plan.origin.phase, plan.mode, rollout, episode)
            owner.store.commit(plan.origin.run, key, STEPS)
            self._sent += 1
            episode += 1
            if owner.silent:
                owner.silent = False
                continue
            self._say(f"committed {key.episode}")
            yield EpisodeCommitted(key, STEPS, 1.0, owner.objectives(key))

    async def close(self) -> None:
        self.closed = True

    def _may_play(self, episode: int) -> bool:
        if self.cancelled and not self.owner.deaf:
            return True
        decision = self.decisions[-1]
        stop = decision.flow_control >= SimulationFlowControl.STOP_SIMULATION
        return stop or (not self.paused and episode < decision.episodes_below)

    def _opened(self, gate: asyncio.Event) -> bool:
        return gate.is_set() or (self.cancelled and not self.owner.deaf)

    async def _until(self, true: Callable[[], bool], gate: asyncio.Event | None = None) -> None:
        while not true():
            waits = [asyncio.ensure_future(one.wait()) for one in (self._changed, gate) if one is not None]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
                await asyncio.gather(*waits, return_exceptions=True)

    def _say(self, what: str) -> None:
        self.owner.log.append(f"rollout {self.plan.origin.rollout}: {what}")

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
