"""The metrics of one server: its own registry, so that several servers in one process stay apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import prometheus_client as prometheus

import sparring

_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 600, 3600)


class Metrics:
    """What a server counts.

    Attributes:
        registry: where a service registers metrics of its own, `prometheus_client.Counter(..., registry=registry)`.
    """

    def __init__(self, service: str) -> None:
        self.registry = prometheus.CollectorRegistry()
        prometheus.ProcessCollector(registry=self.registry)
        prometheus.Info("sparring_service", "What answers here.", registry=self.registry).info(
            {"service": service, "version": sparring.__version__}
        )
        self._calls = prometheus.Histogram(
            "sparring_rpc_seconds",
            "How long calls took from their start to their status, by method and status code.",
            ("method", "code"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._open = prometheus.Gauge(
            "sparring_rpc_open", "Calls and streams that are being answered.", ("method",), registry=self.registry
        )

    def called(self, method: str, code: str, seconds: float) -> None:
        """Count one call that has ended."""
        self._calls.labels(method, code).observe(seconds)

    @contextmanager
    def open_call(self, method: str) -> Iterator[None]:
        """Count a call as open for the length of the block."""
        gauge = self._open.labels(method)
        gauge.inc()
        try:
            yield
        finally:
            gauge.dec()

    def text(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return prometheus.generate_latest(self.registry)
