"""When the faults of one component strike: drawn at the beginning of each episode, asked in each of its steps."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.simulation.control import RolloutGauge
from sparring.simulation.faults.ledger import FaultLedger
from sparring.types.episode import EpisodeKey
from sparring.types.faults import Fault, FaultKind, StruckFault
from sparring.types.plan import RolloutPlan
from sparring.types.seeds import Seeds


class Schedule:
    """The faults of one environment or agent.

    A fault of data strikes in every attempt at its episode; one of a process or a stream only in the first, for what
    was lost is played again.

    Args:
        faults: Of this component.
        plan: Says which rollout worker this is.
        gauge: Which episode it plays, and how many steps of it were played.
        ledger: Where a fault is kept before it strikes.
    """

    def __init__(self, faults: Sequence[Fault], plan: RolloutPlan, gauge: RolloutGauge, ledger: FaultLedger) -> None:
        self.faults = tuple(faults)
        self._plan = plan
        self._gauge = gauge
        self._ledger = ledger
        self._seeds = Seeds(plan.run_seed)
        self._key = EpisodeKey(plan.origin.phase, plan.mode, plan.origin.rollout, plan.first_episode)
        self._drawn: list[Fault] = []
        self._struck: dict[str, bool] = {}

    @property
    def step(self) -> int:
        """The step that is being played, from 1."""
        return self._gauge.step + 1

    def begin(self) -> None:
        """An episode begins."""
        origin = self._plan.origin
        self._key = EpisodeKey(origin.phase, self._plan.mode, origin.rollout, self._gauge.episode)
        self._drawn = [fault for fault in self.faults if fault.strikes_in(self._key, self._seeds)]
        self._struck = {}

    def holding(self, step: int, *kinds: FaultKind) -> list[Fault]:
        """Return the faults of data that hold in a step."""
        found = [fault for fault in self._drawn if fault.kind in kinds and fault.covers(step)]
        for fault in found:
            self._strikes(fault, step)
        return found

    def disturbing(self, step: int) -> list[Fault]:
        """Return the faults of process and stream that strike in a step: once, but for DELAY, which lasts."""
        found = []
        for fault in self._drawn:
            if fault.kind.of_data or not fault.covers(step):
                continue
            again = fault.name in self._struck
            if (fault.kind is FaultKind.DELAY or not again) and self._strikes(fault, step):
                found.append(fault)
        return found

    def close(self) -> None:
        """Let go of the ledger."""
        self._ledger.close()

    def _strikes(self, fault: Fault, step: int) -> bool:
        """Keep that a fault strikes, unless it is kept already."""
        first = self._struck.get(fault.name)
        if first is None:
            struck = StruckFault(self._key, fault.name, fault.kind, fault.target, step, fault.value)
            first = self._struck[fault.name] = self._ledger.record(struck)
        return first
