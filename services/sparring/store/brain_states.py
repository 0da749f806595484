"""Brain states: what names one, and which may replace another."""

from __future__ import annotations

from dataclasses import dataclass

from sparring.types.episode import EpisodeKey


@dataclass(frozen=True, slots=True)
class BrainState:
    """The header of a kept state; fields as in BrainStateHeader."""

    run: str
    epoch: int
    phase: int
    agent: str
    tag: str
    contains: tuple[EpisodeKey, ...]
    policy_version: int
    content_type: str
    size_bytes: int
    digest: bytes

    @property
    def name(self) -> tuple[str, int, str, str]:
        """Run, phase, agent and tag: there is one state of each name, the newest."""
        return self.run, self.phase, self.agent, self.tag
