"""The governor service: takes runs through their phases, each transition durable before it takes effect.

`run_governor.RunGovernor` governs one run, a class per state in `states`; `fleet` governs many at once. Both see only
the ports of `ports`; `adapters` implement them over gRPC. `serving` puts a service together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparring.governor.run_governor import RunGovernor

__all__ = ["RunGovernor"]


def __getattr__(name: str) -> object:
    """Import a public name at its first use: the process's entry sets gRPC up before anything else is imported."""
    if name != "RunGovernor":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from sparring.governor.run_governor import RunGovernor

    return RunGovernor
