"""A stage for run governors: all ports are fakes, and documents are short."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from sparring.governor.limits import Limits
from sparring.governor.ports import Ports
from sparring.governor.run_governor import RunGovernor
from sparring.governor.run_record import Run, StateName, Status
from sparring.governor.submission import read_submission
from tests.support.eventually import eventually
from tests.unit.governor.fakes.brains import FakeBrains
from tests.unit.governor.fakes.broker import FakeBroker
from tests.unit.governor.fakes.describer import FakeDescriber
from tests.unit.governor.fakes.log import Log
from tests.unit.governor.fakes.rollouts import FakeRollouts
from tests.unit.governor.fakes.store import FakeStore

LIMITS = Limits(lease_s=1.0, renew_s=0.01, bundle_s=30.0, farewell_s=0.5, replay_pause_s=0.0)
WITHIN_S = 20.0

PHASE = """\
  - {name}:
      environments:
        - environment:
            name: sparring.environment:DummyEnvironment
            uid: arena
      agents:
        - name: apprentice
          brain: {{name: "sparring.agent:DummyBrain"}}
          muscle: {{name: "sparring.agent:DummyMuscle"}}
          sensors: [arena.0, arena.1]
          actuators: [arena.0]
      phase_config: {{mode: {mode}, worker: {worker}, episodes: {episodes}{more}}}
"""


def phase(name: str = "train", *, mode: str = "train", worker: int = 1, episodes: int = 3, more: str = "") -> str:
    return PHASE.format(name=name, mode=mode, worker=worker, episodes=episodes, more=more and f", {more}")


def document(*phases: str, head: str = "", tail: str = "") -> bytes:
    return f"uid: play\nseed: 7\n{head}schedule:\n{''.join(phases or (phase(),))}{tail}".encode()


class Stage:
    """Fakes that know each other, and governors before them."""

    def __init__(self) -> None:
        self.log = Log()
        self.store = FakeStore(self.log)
        self.broker = FakeBroker(self.log)
        self.brains = FakeBrains(self.log)
        self.rollouts = FakeRollouts(self.log, self.store)
        self.describer = FakeDescriber(self.log)
        self.ports = Ports(self.broker, self.store, self.brains, self.rollouts, self.describer)

    async def submit(self, text: bytes, placement: str = "") -> str:
        submission, _ = read_submission(text, client_token="", file_name="play.yml", seed=None, placement=placement)
        return (await self.store.create(submission)).run

    def governor(self, run: str, uid: str = "governor-1", limits: Limits = LIMITS) -> RunGovernor:
        claimed = self.store.give(run, uid)
        return RunGovernor("", uid, client=self.ports, claimed=claimed, limits=limits)

    def lonely_governor(self) -> RunGovernor:
        """Return a governor that was given no run."""
        return RunGovernor("", client=self.ports, limits=LIMITS)

    async def play(self, text: bytes, placement: str = "") -> Run:
        """Submit a document, govern it to its end, and return how it ended."""
        run = await self.submit(text, placement)
        await asyncio.wait_for(self.governor(run).run(), WITHIN_S)
        return self.store.runs[run]

    @asynccontextmanager
    async def governing(self, text: bytes, limits: Limits = LIMITS) -> AsyncIterator[tuple[str, RunGovernor]]:
        """Govern a run beside the block, which must see to it that the run ends."""
        run = await self.submit(text)
        async with self.continuing(run, limits) as governor:
            yield run, governor

    @asynccontextmanager
    async def continuing(self, run: str, limits: Limits = LIMITS) -> AsyncIterator[RunGovernor]:
        """Do as `governing`, with a run that is submitted already."""
        governor = self.governor(run, limits=limits)
        task = asyncio.ensure_future(governor.run())
        try:
            yield governor
            await asyncio.wait_for(task, WITHIN_S)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def reached(self, governor: RunGovernor, state: StateName) -> None:
        await eventually(lambda: governor.state.name is state, every_s=0.001, message=f"state {state}")

    async def logged(self, beginning: str, times: int = 1) -> None:
        await eventually(
            lambda: len(self.log.of(beginning)) >= times, every_s=0.001, message=f"{beginning!r} in {self.log}"
        )

    async def watched(self, token: str) -> None:
        await eventually(lambda: self.broker.watched(token), every_s=0.001, message=f"a watch over {token}")

    def status(self, run: str) -> Status:
        return self.store.runs[run].status

    def wish(self, run: str, **wishes: bool | str) -> None:
        """Note a user's wish, for the owner to hear of with its next renewal."""
        self.store.runs[run] = replace(self.store.runs[run], **wishes)  # type: ignore[arg-type]
