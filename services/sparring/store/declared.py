"""What a rollout worker declared when it opened its record, prepared for all its episodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from sparring.store.episodes import LateRewards
from sparring.types.digest import EpisodeDigest, canonical_declarations
from sparring.types.episode import EpisodeKey
from sparring.types.record import EnvironmentDeclarations, RowLayout


class Declared:
    """The environments and agents of a record, in document order.

    Attributes:
        environments: what they declared.
        agents: their names.
        assignments: sensors and actuators of each agent, `environment.uid`.
    """

    def __init__(
        self,
        environments: Sequence[EnvironmentDeclarations],
        agents: Sequence[str],
        assignments: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] | None = None,
    ) -> None:
        self.environments = tuple(environments)
        self.agents = tuple(agents)
        self.assignments = {} if assignments is None else dict(assignments)

    @cached_property
    def canonical(self) -> bytes:
        """The declarations in canonical form; two records are alike if these are equal."""
        return canonical_declarations(self.environments)

    @cached_property
    def layout(self) -> RowLayout:
        """Of rows without late rewards."""
        return RowLayout.of(self.environments)

    def layout_with(self, late: Iterable[LateRewards]) -> RowLayout:
        """Return the layout of rows that hold these late rewards as well."""
        layout = self.layout
        for each in late:
            layout = layout.with_rewards(each.environment, each.declarations)
        return layout

    def digest(self, key: EpisodeKey) -> EpisodeDigest:
        """Begin the digest of an episode."""
        return EpisodeDigest(key, self.environments, self.canonical, self.layout)
