"""What Prometheus sees of a broker: read from its state when it is asked for, so that counting costs calls nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from sparring.broker.majordomo.broker import Majordomo
from sparring.broker.majordomo.status import ServiceStatus
from sparring.broker.majordomo.tally import DISPATCH_BUCKETS_S, Tally

_GAUGES: dict[str, tuple[str, Callable[[ServiceStatus], float]]] = {
    "sparring_broker_workers": ("Live workers.", lambda service: len(service.workers)),
    "sparring_broker_queued_calls": ("Calls that wait for a worker.", lambda service: service.queued_calls),
    "sparring_broker_queued_bundles": (
        "Bundles that wait for a slot of this service, among others.",
        lambda service: service.queued_bundles,
    ),
    "sparring_broker_oldest_wait_seconds": (
        "How long the oldest call or bundle has waited.",
        lambda service: service.oldest_wait_s,
    ),
    "sparring_broker_busy_calls_ratio": (
        "Share of the calls that the workers can handle at once which they are handling.",
        lambda service: _share(
            sum(worker.busy_calls for worker in service.workers), sum(worker.ready.calls for worker in service.workers)
        ),
    ),
    "sparring_broker_busy_slots_ratio": (
        "Share of the slots that hold or expect a session; 0 where slots are unlimited.",
        lambda service: _share(
            sum(len(worker.sessions) for worker in service.workers if not worker.ready.slots_unlimited),
            sum(worker.ready.slots for worker in service.workers),
        ),
    ),
}

_COUNTERS: dict[str, tuple[str, Callable[[Tally], int]]] = {
    "sparring_broker_expired_calls": ("Calls that waited in vain.", lambda tally: tally.expired_calls),
    "sparring_broker_expired_workers": ("Workers whose lease lapsed.", lambda tally: tally.expired_workers),
    "sparring_broker_requeued_calls": ("Attempts that were lost and repeated.", lambda tally: tally.requeued),
    "sparring_broker_fenced_replies": ("Late replies of lost attempts.", lambda tally: tally.fenced),
    "sparring_broker_attached_calls": ("Calls sent again and handled once.", lambda tally: tally.attached),
    "sparring_broker_granted_bundles": ("Bundles that were granted.", lambda tally: tally.granted),
    "sparring_broker_refused_offers": ("Offers that workers refused.", lambda tally: tally.refused),
}


class BrokerCollector(Collector):
    """Reads the state of one broker."""

    def __init__(self, majordomo: Majordomo, clock: Callable[[], float]) -> None:
        self._majordomo = majordomo
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Give all metrics."""
        services = self._majordomo.services(self._clock())
        for name, (help_text, value) in _GAUGES.items():
            gauge = GaugeMetricFamily(name, help_text, labels=("service",))
            for service in services:
                gauge.add_metric((service.name,), value(service))
            yield gauge
        tally = self._majordomo.tally
        for name, (help_text, count) in _COUNTERS.items():
            yield CounterMetricFamily(name, help_text, value=count(tally))
        yield _dispatch_latency(tally)

    def describe(self) -> list[Metric]:
        """Name nothing beforehand: the registry need not read the state to know what is in it."""
        return []


def _dispatch_latency(tally: Tally) -> Metric:
    bounds = [*(str(bound) for bound in DISPATCH_BUCKETS_S), "+Inf"]
    buckets, in_all = [], 0
    for bound, count in zip(bounds, tally.dispatched, strict=True):
        in_all += count
        buckets.append((bound, in_all))
    return HistogramMetricFamily(
        "sparring_broker_dispatch_seconds",
        "How long calls waited from their arrival until a worker got them.",
        buckets=buckets,
        sum_value=tally.dispatch_s,
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
