"""Who is there: services by name, their workers, and who is next to get a call."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from sparring.broker.majordomo.call import Call
from sparring.broker.majordomo.effects import ServiceChanged
from sparring.broker.majordomo.fair_queue import FairQueue
from sparring.broker.majordomo.outbox import Outbox
from sparring.broker.majordomo.rules import Rules
from sparring.broker.majordomo.worker import Worker
from sparring.types.errors import ExhaustedError


@dataclass(slots=True, eq=False)
class Service:
    """A service: its live workers and the calls that wait for one.

    Attributes:
        name: its name.
        absent_since: when it was last left without a worker; counts while it has none.
        workers: live ones, by stream.
        idle: those that take another call, least recently used first.
        queue: calls that wait.
        known: it has had a worker, so its name stays known when the last one is gone.
    """

    name: str
    absent_since: float
    workers: dict[int, Worker] = field(default_factory=dict)
    idle: OrderedDict[int, Worker] = field(default_factory=OrderedDict)
    queue: FairQueue[Call] = field(default_factory=FairQueue)
    known: bool = False

    def used(self, worker: Worker) -> None:
        """Put a worker that was just given a call, or just answered one, behind all others; out if it is full."""
        if worker.free_calls > 0:
            self.idle[worker.stream] = worker
            self.idle.move_to_end(worker.stream)
        else:
            self.idle.pop(worker.stream, None)

    def next_idle(self) -> Worker | None:
        """Return the least recently used worker that takes another call."""
        for worker in self.idle.values():
            return worker
        return None


class Directory:
    """All services and workers."""

    def __init__(self, rules: Rules, outbox: Outbox) -> None:
        self._rules = rules
        self._outbox = outbox
        self._by_id: dict[str, Worker] = {}
        self.services: dict[str, Service] = {}
        self.workers: dict[int, Worker] = {}
        self.revision = 0
        """Counts the workers that came and went."""

    def worker_named(self, worker_id: str) -> Worker | None:
        """Return the live worker of that name."""
        return self._by_id.get(worker_id)

    def workers_of(self, name: str) -> dict[int, Worker]:
        """Return the live workers of a service, by stream; none for a service nobody knows."""
        service = self.services.get(name)
        return {} if service is None else service.workers

    def has_worker(self, name: str) -> bool:
        """Return whether a live worker, busy or not, is registered (`mmi.service`)."""
        return bool(self.workers_of(name))

    def service(self, name: str, now: float) -> Service:
        """Return the service, made known if it is not.

        Raises:
            ExhaustedError: TOO_MANY_SERVICES.
        """
        found = self.services.get(name)
        if found is None:
            if len(self.services) >= self._rules.max_services and not self._forget_one():
                raise ExhaustedError(
                    "TOO_MANY_SERVICES",
                    f"The broker knows {len(self.services)} services already and takes no more names.",
                    retry_after_ms=1000,
                )
            found = self.services[name] = Service(name, now)
            self._outbox.add(ServiceChanged(name, serving=False))
        return found

    def add(self, worker: Worker, now: float) -> Service:
        """Register a worker; its name is not in use by a live one."""
        service = self.service(worker.ready.service, now)
        self.revision += 1
        self.workers[worker.stream] = self._by_id[worker.ready.worker_id] = worker
        service.workers[worker.stream] = worker
        service.known = True
        service.used(worker)
        if len(service.workers) == 1:
            self._outbox.add(ServiceChanged(service.name, serving=True))
        return service

    def remove(self, worker: Worker, now: float) -> Service:
        """Take a worker off every list in one step."""
        self.revision += 1
        service = self.services[worker.ready.service]
        del self.workers[worker.stream], self._by_id[worker.ready.worker_id], service.workers[worker.stream]
        service.idle.pop(worker.stream, None)
        if not service.workers:
            service.absent_since = now
            self._outbox.add(ServiceChanged(service.name, serving=False))
        return service

    def tidy(self, service: Service) -> None:
        """Forget a service that was known only for a queue that is empty now."""
        if not service.known and not service.queue:
            self._forget(service)

    def _forget_one(self) -> bool:
        for service in self.services.values():
            if not service.workers and not service.queue:
                self._forget(service)
                return True
        return False

    def _forget(self, service: Service) -> None:
        if self.services.pop(service.name, None) is not None:
            self._outbox.add(ServiceChanged(service.name, serving=None))
