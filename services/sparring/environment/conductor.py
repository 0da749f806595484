"""EnvironmentConductor: creates the environments of one configuration, in processes of their own, on demand."""

from __future__ import annotations

import importlib
import secrets
from collections.abc import Mapping
from typing import Any

_SERVING = "sparring.environment.server.conducting"


class EnvironmentConductor:
    """Hosts one environment of a document: registers as `environment/UID`, and makes an instance for each session.

    ```python
    EnvironmentConductor({"name": "tanks:Tank", "uid": "tank", "params": {"size": 3}}, seed=42).run()
    ```

    A document finds it as `service: environment/tank`, and need not repeat name and parameters.

    Args:
        env_cfg: `name` (module:Class), `uid`, `params`; also below the key `environment`, beside `reward` with `name`
            and `params`, as in a document. Besides `broker_uri` (host:port) and `slots` (how many instances at once),
            which otherwise come from SPARRING_BROKER and SPARRING_ENVIRONMENT_SLOTS.
        seed: Kept for who asks. Every session brings its own seeds, so that the run alone decides them.
        uid: Name of the conductor, for people.

    Attributes:
        env_cfg: As given.
        seed: As given.
        uid: As given, or made up.
    """

    def __init__(self, env_cfg: Mapping[str, Any], seed: int = 0, uid: str | None = None) -> None:
        self.env_cfg = dict(env_cfg)
        self.seed = seed
        self.uid = uid or f"EnvironmentConductor-{secrets.token_hex(3)}"
        # Imported here, not above: conducting needs gRPC, writing an environment does not.
        self._conducting: Any = importlib.import_module(_SERVING).conducting(self.env_cfg, self.uid)

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
