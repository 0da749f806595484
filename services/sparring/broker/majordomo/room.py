"""The free slots of one look at the queue of bundles: what one takes or has set aside, the next does not see."""

from __future__ import annotations

from sparring.broker.majordomo.bundle import Bundle
from sparring.broker.majordomo.directory import Directory
from sparring.broker.majordomo.matching import Matching
from sparring.broker.majordomo.worker import Worker

_UNLIMITED = 1_000_000


class Room:
    """Slots per service and worker, the workers that were offered one least recently first."""

    def __init__(self, directory: Directory, *, free: bool) -> None:
        """Look at the free slots, or (`free` is false) at all slots."""
        self._directory = directory
        self._free = free
        self._left: dict[str, dict[Worker, int]] = {}

    def match(self, bundle: Bundle) -> dict[str, Worker]:
        """Return a worker for each label of a bundle, or for as many of them as possible."""
        found: dict[str, Worker] = {}
        for service in bundle.services:
            wants = bundle.wants_of(service)
            hosts = Matching([want.component for want in wants], self._of(service)).hosts
            found.update((wants[index].label, host) for index, host in hosts.items())
        return found

    def take(self, bundle: Bundle, hosts: dict[str, Worker]) -> None:
        """Let those that look later not see these slots."""
        for want in bundle.asked.wants:
            if want.label in hosts:
                self._left[want.service][hosts[want.label]] -= 1

    def _of(self, service: str) -> dict[Worker, int]:
        if service not in self._left:
            workers = sorted(self._directory.workers_of(service).values(), key=lambda worker: worker.offered)
            self._left[service] = {worker: self._slots(worker) for worker in workers}
        return self._left[service]

    def _slots(self, worker: Worker) -> int:
        if worker.ready.slots_unlimited:
            return _UNLIMITED
        return worker.free_slots if self._free else worker.ready.slots
