"""How long a governor waits for what, and how often it repeats itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds.

    Attributes:
        lease_s: How long a silent governor is believed alive.
        renew_s: How often it says that it lives.
        bundle_s: How long a phase waits for its first bundle.
        farewell_s: How long an ordered end may take before sessions are taken away.
        orphan_s: How long rollout workers and brains wait for a governor.
        replay_pause_s: Pause before a lost episode is played again; doubles with each loss of the same episode.
        longest_pause_s: The same at most.
        started_s: What the start of a rollout worker may take beyond the time of author code.
    """

    lease_s: float = 15.0
    renew_s: float = 5.0
    bundle_s: float = 3600.0
    farewell_s: float = 5.0
    orphan_s: float = 60.0
    replay_pause_s: float = 0.25
    longest_pause_s: float = 5.0
    started_s: float = 60.0


DEFAULT_LIMITS = Limits()
