"""The slots of a host as Prometheus sees them: read when it asks, kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sparring.host.pool import SlotPool


class SlotCollector(Collector):
    """Reads a pool."""

    def __init__(self, pool: SlotPool) -> None:
        self._pool = pool

    def collect(self) -> Iterator[Metric]:
        """Give what there is now."""
        slots = GaugeMetricFamily("sparring_slots", "Slots of this host, by state.", labels=("state",))
        for state, count in self._pool.states().items():
            slots.add_metric((state,), count)
        yield slots
        ends = CounterMetricFamily(
            "sparring_slot_ends", "Processes of slots that came to an end nobody wanted, by cause.", labels=("cause",)
        )
        for cause in ("died", "stopped", "hung"):
            ends.add_metric((cause,), self._pool.ends.get(cause, 0))
        yield ends
