"""Simulation host process. Settings: SPARRING_SIMULATION_* (see settings.py)."""

from __future__ import annotations

from typing import Any

from sparring.host.running import run_host
from sparring.simulation.server.host import simulation_host
from sparring.simulation.server.settings import Settings


def main(**given: Any) -> int:
    """Run the service until SIGTERM, and return its exit code; `given` are settings from the command line."""
    return run_host(Settings, simulation_host, given)
