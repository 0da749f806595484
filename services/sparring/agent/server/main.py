"""Agent host process. Settings: SPARRING_AGENT_* (see settings.py)."""

from __future__ import annotations

from typing import Any

from sparring.agent.server.host import agent_host
from sparring.agent.server.settings import Settings
from sparring.host.running import run_host


def main(**given: Any) -> int:
    """Run the service until SIGTERM, and return its exit code; `given` are settings from the command line."""
    return run_host(Settings, agent_host, given)
