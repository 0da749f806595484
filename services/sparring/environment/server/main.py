"""Environment host process. Settings: SPARRING_ENVIRONMENT_* (see settings.py)."""

from __future__ import annotations

from typing import Any

from sparring.environment.server.host import environment_host
from sparring.environment.server.settings import Settings
from sparring.host.running import run_host


def main(**given: Any) -> int:
    """Run the service until SIGTERM, and return its exit code; `given` are settings from the command line."""
    return run_host(Settings, environment_host, given)
