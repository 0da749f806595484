"""Brains that count what they learn from, and fail where a test says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sparring.governor.ports import Given
from sparring.types.declaration import FreeValue, Timeouts
from sparring.types.episode import EpisodeKey
from sparring.types.errors import SparringError
from sparring.types.flow import SimulationFlowControl
from sparring.types.frames import Policy
from sparring.types.learning import BrainStarted, Learn, Learned, Saved, StartBrain
from sparring.types.plan import Grant
from tests.unit.governor.fakes.log import Log

SNAPSHOT = FreeValue("application/json", b"{}")


@dataclass
class FakeBrains:
    log: Log
    learns: bool = False
    sessions: list[FakeBrainSession] = field(default_factory=list)
    failing: dict[str, list[SparringError]] = field(default_factory=dict)
    """By what they are asked: what it raises, once each."""
    flow: Callable[[Learn], SimulationFlowControl] = lambda learn: SimulationFlowControl.CONTINUE
    contains: Callable[[], tuple[EpisodeKey, ...]] = lambda: ()

    def open(self, agent: str, grant: Grant, epoch: int, timeouts: Timeouts) -> FakeBrainSession:
        session = FakeBrainSession(self, agent, grant, epoch)
        self.sessions.append(session)
        return session

    def of(self, agent: str) -> FakeBrainSession:
        return [session for session in self.sessions if session.agent == agent][-1]


class FakeBrainSession:
    def __init__(self, owner: FakeBrains, agent: str, grant: Grant, epoch: int) -> None:
        self.owner, self.agent, self.grant, self.epoch = owner, agent, grant, epoch
        self.started: StartBrain
        self.learned: list[Learn] = []
        self.closed = False

    async def start(self, start: StartBrain) -> BrainStarted:
        self._do("start")
        self.started = start
        return BrainStarted(self.owner.learns, Policy(0, SNAPSHOT) if self.owner.learns else None)

    async def learn(self, learn: Learn) -> Learned:
        episodes = ", ".join(f"{key.rollout}/{key.episode}" for key in learn.episodes)
        self._do("learn", f" round {learn.round}: {episodes}")
        self.learned.append(learn)
        return Learned(Policy(len(self.learned), SNAPSHOT), flow_control=self.owner.flow(learn))

    async def give(self, given: Given) -> None:
        if given.ended:
            self._do("give", f" {given.key.rollout}/{given.key.episode}")

    async def given(self) -> None:
        self._do("given")

    async def save(self) -> Saved:
        self._do("save")
        state = FreeValue("application/json", f"{self.agent} after {len(self.learned)}".encode())
        return Saved(state, self.owner.contains(), len(self.learned))

    async def shutdown(self) -> None:
        self._do("shutdown")

    async def close(self) -> None:
        self.closed = True

    def _do(self, what: str, how: str = "") -> None:
        self.owner.log.append(f"brain {self.agent}: {what}{how}")
        if self.owner.failing.get(what):
            raise self.owner.failing[what].pop(0)
