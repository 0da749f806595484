"""The queues of calls, one per service: room, order, and until when each call may wait."""

from __future__ import annotations

from sparring.broker.majordomo.call import Call, Submission
from sparring.broker.majordomo.directory import Directory, Service
from sparring.broker.majordomo.due import Due, DueKey
from sparring.broker.majordomo.rules import Rules
from sparring.broker.majordomo.timers import Timers
from sparring.types.errors import DeadlineError, ExhaustedError, SparringError, UnavailableError


class CallQueues:
    """Calls that wait for a worker."""

    def __init__(self, rules: Rules, directory: Directory, timers: Timers[DueKey]) -> None:
        self._rules = rules
        self._directory = directory
        self._timers = timers
        self._bytes = 0

    def check_room(self, service: Service, sent: Submission) -> None:
        """Refuse a call for which there is no room.

        Raises:
            ExhaustedError: QUEUE_FULL.
        """
        theirs, in_all = service.queue.count(sent.client_id), len(service.queue)
        if (
            in_all >= self._rules.max_queued_calls
            or theirs >= self._rules.max_queued_calls_per_client
            or self._bytes + len(sent.body) > self._rules.max_queued_bytes
        ):
            self._directory.tidy(service)
            raise ExhaustedError(
                "QUEUE_FULL",
                f"{in_all} calls wait for service {service.name!r}, {theirs} of them of client {sent.client_id!r}; "
                "it takes no more now.",
                service=service.name,
                retry_after_ms=1000,
            )

    def push(self, call: Call, *, at_head: bool = False) -> None:
        """Let a call wait: behind those of its client, or before all that were never given to a worker."""
        service = self._service(call)
        service.queue.push(call.number, call.sent.client_id, call, at_head=at_head)
        self._bytes += len(call.sent.body)
        self._arm(service, call)

    def pop(self, service: Service) -> Call:
        """Take the next call; the queue is not empty."""
        call = service.queue.pop()
        self._left(call)
        return call

    def remove(self, call: Call) -> None:
        """Take a call from anywhere in its queue."""
        service = self._service(call)
        service.queue.remove(call.number)
        self._left(call)
        self._directory.tidy(service)

    def extend(self, call: Call) -> None:
        """Let a queued call wait for as long as its patience and its service say now."""
        self._arm(self._service(call), call)

    def abandoned(self, service: Service) -> None:
        """Count the time without a worker for all calls of a service that has just lost its last one."""
        for call in service.queue:
            self._arm(service, call)

    def expired(self, call: Call, now: float) -> SparringError | None:
        """Return why a call whose time has come waits no longer, or None if it has got more time."""
        service = self._service(call)
        if self._until(service, call) > now:
            self._arm(service, call)
            return None
        waited_s = now - call.arrived
        if service.workers:
            return DeadlineError(
                "WORKERS_BUSY",
                f"The {len(service.workers)} workers of service {service.name!r} had no room for a call in the "
                f"{waited_s:.1f} s that it could wait.",
                service=service.name,
            )
        return UnavailableError(
            "SERVICE_ABSENT",
            f"No worker of service {service.name!r} came in {waited_s:.1f} s. Start one, or see `sparring services`.",
            service=service.name,
        )

    def patience(self, sent: Submission, now: float) -> float:
        """Return until when a call may wait, whatever it waits for."""
        return self._rules.patience(sent.deadline, self._rules.call_wait_s, now)

    def _until(self, service: Service, call: Call) -> float:
        if service.workers:
            return call.patience
        return min(call.patience, max(call.arrived, service.absent_since) + self._rules.service_wait_s)

    def _arm(self, service: Service, call: Call) -> None:
        self._timers.at(self._until(service, call), (Due.QUEUED, call.number))

    def _left(self, call: Call) -> None:
        self._bytes -= len(call.sent.body)
        self._timers.drop((Due.QUEUED, call.number))

    def _service(self, call: Call) -> Service:
        return self._directory.services[call.sent.service]
