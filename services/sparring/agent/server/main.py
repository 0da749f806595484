"""Agent host process. Settings: SPARRING_AGENT_* (see settings.py)."""

from __future__ import annotations

from sparring.rpc import grpc_environment  # first: sets what gRPC reads when it is imported

grpc_environment.prepare()

from typing import Any  # noqa: E402

from sparring.agent.server.host import agent_host  # noqa: E402
from sparring.agent.server.settings import Settings  # noqa: E402
from sparring.host.running import run_host  # noqa: E402


def main(**given: Any) -> int:
    """Run the service until SIGTERM, and return its exit code; `given` are settings from the command line."""
    return run_host(Settings, agent_host, given)
