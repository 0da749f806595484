"""Settings of the simulation service."""

from __future__ import annotations

from sparring.host.service import HostSettings


class Settings(HostSettings, env_prefix="SPARRING_SIMULATION_"):
    """See `HostSettings`. A slot plays one rollout worker at a time.

    Attributes:
        slot_entry: `module:function` of the slots; `sparring.embedded.rollout_slot:make_slot` runs inline
            components as well.
    """

    address: str = "127.0.0.1:7001"
    slots: int = 2
    slot_entry: str = "sparring.simulation.server.entry:make_slot"
