"""Rewards on their way: from all environments to each agent, and summed up for people."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

from sparring.simulation.wiring import agent_rewards
from sparring.types.declaration import Declaration
from sparring.types.layout import Layout
from sparring.types.plan import EnvironmentPlan
from sparring.types.routing import Gather
from sparring.types.values import Values

_SCALARS = {np.dtype("<f8"): "d", np.dtype("<f4"): "f4x", np.dtype("<i8"): "q", np.dtype("<i4"): "i4x"}


class RewardBook:
    """The rewards declared so far in an episode, in all environments, and what follows from them."""

    def __init__(self, environments: Sequence[EnvironmentPlan], declared: Sequence[tuple[Declaration, ...]]) -> None:
        self._environments = environments
        self._at_start = [tuple(rewards) for rewards in declared]
        self.new_episode()

    def new_episode(self) -> None:
        """Forget what was announced during the last episode."""
        self.declared = [tuple(rewards) for rewards in self._at_start]
        self.news: tuple[Declaration, ...] = agent_rewards(self._environments, self._at_start)
        """Declarations agents have not heard of yet in this episode (`environment.reward`)."""
        self._prepare()

    def declare(self, announced: dict[int, tuple[Declaration, ...]]) -> None:
        """Append rewards of some environments, by number. Agents see them behind those they know."""
        for environment, rewards in announced.items():
            self.declared[environment] = (*self.declared[environment], *rewards)
            self.order.extend(
                (environment, at)
                for at in range(len(self.declared[environment]) - len(rewards), len(self.declared[environment]))
            )
        fresh = [announced.get(number, ()) for number in range(len(self._environments))]
        self.news = agent_rewards(self._environments, fresh)
        self._prepare(keep_order=True)

    def gather(self, rewards: Sequence[Values]) -> Values:
        """Put the rewards of all environments together, in the order in which agents heard of them."""
        return self._gather.gather(rewards)

    def total(self, rewards: Sequence[Values]) -> float:
        """Sum up all elements of all rewards; absent ones are zero."""
        return sum([one(values.data) for one, values in zip(self._sums, rewards, strict=True)])

    def _prepare(self, *, keep_order: bool = False) -> None:
        self.layouts = [Layout([one.space for one in rewards]) for rewards in self.declared]
        if not keep_order:
            self.order = [(number, at) for number, rewards in enumerate(self.declared) for at in range(len(rewards))]
        self._gather = Gather(self.layouts, self.order)
        self._sums = [_Sum(layout) for layout in self.layouts]
        self.absent = [layout.absent for layout in self.layouts]


class _Sum:
    """Sums up one environment's packed rewards.

    A prepared struct where all are scalars, which they nearly always are.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        formats = [
            _SCALARS.get(leaf.leaf.dtype.newbyteorder("<"))
            if leaf.leaf.dtype is not None and leaf.leaf.shape == ()
            else None
            for leaf in layout.arrays
        ]
        known = [one for one in formats if one is not None]
        self._struct = struct.Struct("<" + "".join(known)) if len(known) == len(formats) else None

    def __call__(self, data: bytes) -> float:
        if self._struct is not None:
            return float(sum(self._struct.unpack(data)))
        return float(sum(float(view.sum()) for view in self._layout.views(data)))
