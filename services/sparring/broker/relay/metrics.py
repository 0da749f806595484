"""What Prometheus sees of a relay: read from its state when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sparring.broker.relay.relay import Relay


class RelayCollector(Collector):
    """Reads the state of one relay."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    def collect(self) -> Iterator[Metric]:
        """Give all metrics."""
        connections = GaugeMetricFamily(
            "sparring_broker_relay_connections", "Joined and spare connections.", labels=("kind",)
        )
        for kind, count in self._relay.counts().items():
            connections.add_metric((kind,), count)
        yield connections
        refused = CounterMetricFamily(
            "sparring_broker_relay_refused", "Requests that were refused, by status.", labels=("status",)
        )
        for status, count in sorted(self._relay.refused.items()):
            refused.add_metric((str(int(status)),), count)
        yield refused

    def describe(self) -> list[Metric]:
        """Name nothing beforehand."""
        return []
