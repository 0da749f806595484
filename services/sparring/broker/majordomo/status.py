"""What runs where, and who waits for what, at one moment."""

from __future__ import annotations

from dataclasses import dataclass

from sparring.broker.majordomo.bundles import Bundles
from sparring.broker.majordomo.directory import Directory, Service
from sparring.broker.majordomo.messages import OpenSession, Ready
from sparring.broker.majordomo.worker import Worker


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """One live worker.

    Attributes:
        ready: what it said when it registered.
        sessions: what it holds, expects or is offered.
        busy_calls: calls it has.
        silent_s: since its last message.
        lease_id: name of its registration.
        lease_left_s: until it is lost if it stays silent.
    """

    ready: Ready
    sessions: tuple[OpenSession, ...]
    busy_calls: int
    silent_s: float
    lease_id: str
    lease_left_s: float


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One service.

    Attributes:
        name: its name.
        workers: live ones, in the order of their names.
        queued_calls: calls that wait for a worker.
        queued_bundles: bundles that wait for a slot of it, among others.
        oldest_wait_s: how long the oldest of them has waited; 0 if none waits.
    """

    name: str
    workers: tuple[WorkerStatus, ...]
    queued_calls: int
    queued_bundles: int
    oldest_wait_s: float


def services_status(directory: Directory, bundles: Bundles, lease_s: float, now: float) -> list[ServiceStatus]:
    """Return all services by name, those included that are only waited for.

    Args:
        directory: who is there.
        bundles: who waits for slots.
        lease_s: how long a silent worker is believed alive.
        now: the time.
    """
    waiting: dict[str, list[float]] = {}
    for bundle in bundles.queue:
        for service in bundle.services:
            waiting.setdefault(service, []).append(bundle.arrived)
    names = sorted(directory.services.keys() | waiting.keys())
    return [_service(name, directory.services.get(name), waiting.get(name, []), lease_s, now) for name in names]


def _service(name: str, service: Service | None, bundles: list[float], lease_s: float, now: float) -> ServiceStatus:
    calls = [] if service is None else [call.arrived for call in service.queue]
    workers = [] if service is None else sorted(service.workers.values(), key=lambda worker: worker.ready.worker_id)
    oldest = min([*calls, *bundles], default=now)
    status = tuple(_worker(each, lease_s, now) for each in workers)
    return ServiceStatus(name, status, len(calls), len(bundles), now - oldest)


def _worker(worker: Worker, lease_s: float, now: float) -> WorkerStatus:
    sessions = tuple(session.listed() for session in worker.sessions.values())
    silent_s = now - worker.heard
    return WorkerStatus(worker.ready, sessions, len(worker.busy), silent_s, worker.lease_id, lease_s - silent_s)
