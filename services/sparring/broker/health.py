"""Health of the services that the broker routes to, beside that of the services it serves itself."""

from __future__ import annotations

import logging
from typing import Final

from grpc_health.v1 import health_pb2

from sparring.rpc.health import Health

_log = logging.getLogger(__name__)
_SERVING: Final = health_pb2.HealthCheckResponse.SERVING


class RoutedHealth(Health):
    """Answers `Check` and `Watch` for both kinds of names.

    A routed service is SERVING while a live worker of it is registered, NOT_SERVING while there is only a queue or it
    had workers before, unknown otherwise. What is served here keeps its own status, whatever a worker calls itself; and
    a routed service without workers does not make the broker unready.
    """

    def __init__(self) -> None:
        super().__init__()
        self._routed: set[str] = set()

    def route(self, name: str, serving: bool | None) -> None:
        """Say whether a routed service has workers; None makes its name unknown again."""
        if name not in self._routed and self.status(name) is not None:
            return  # the name of a service of our own
        if serving:
            _log.info("service %s has workers", name)
        elif self.status(name) == _SERVING:
            _log.info("service %s has no worker any more", name)
        if serving is None:
            self._routed.discard(name)
            self.forget(name)
        else:
            self._routed.add(name)
            self.set(name, serving)

    @property
    def not_serving(self) -> tuple[str, ...]:
        """The services of the broker's own that are not ready."""
        return tuple(name for name in super().not_serving if name not in self._routed)
