"""AgentConductor: creates the brain and the muscles of one agent, in processes of their own, on demand."""

from __future__ import annotations

import importlib
import secrets
from collections.abc import Mapping
from typing import Any

_SERVING = "sparring.agent.server.conducting"


class AgentConductor:
    """Hosts one agent of a document: registers as `agent/NAME`, and makes its brain and muscles for sessions.

    A document finds it as `service: agent/NAME`, and need not repeat names and parameters.

    Args:
        agent_config: `name`, and `brain`, `muscle`, `objective`, each with `name` (module:Class) and `params`, as in a
            document. Besides `broker_uri` (host:port) and `slots` (how many sessions at once, a muscle or a brain
            each), which otherwise come from SPARRING_BROKER and SPARRING_AGENT_SLOTS.
        seed: Kept for who asks. Every session brings its own seeds, so that the run alone decides them.
        uid: Name of the conductor, for people.
        name: Of the agent, where the configuration has none.

    Attributes:
        agent_config: As given.
        seed: As given.
        uid: As given, or made up.
    """

    def __init__(
        self, agent_config: Mapping[str, Any], seed: int = 0, uid: str | None = None, name: str | None = None
    ) -> None:
        self.agent_config = {**({} if name is None else {"name": name}), **agent_config}
        self.seed = seed
        self.uid = uid or f"AgentConductor-{secrets.token_hex(3)}"
        # Imported here, not above: conducting needs gRPC, writing an agent does not.
        self._conducting: Any = importlib.import_module(_SERVING).conducting(self.agent_config, self.uid)

    @property
    def service(self) -> str:
        """The name under which documents find it."""
        service: str = self._conducting.service
        return service

    def run(self) -> None:
        """Serve in the calling thread until `stop`, SIGTERM or SIGINT; open sessions have the drain time to end."""
        self._conducting.run()

    def stop(self) -> None:
        """Let `run` return, from any thread."""
        self._conducting.stop()
