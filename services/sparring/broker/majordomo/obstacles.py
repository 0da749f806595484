"""Why a bundle cannot be granted: what is lacking, what nobody can run, what no present worker could ever hold."""

from __future__ import annotations

from sparring.broker.majordomo.bundle import Bundle
from sparring.broker.majordomo.directory import Directory
from sparring.broker.majordomo.room import Room
from sparring.broker.majordomo.sessions import Sessions
from sparring.broker.majordomo.worker import Worker
from sparring.types.errors import NotFoundError


class Obstacles:
    """What stands between a bundle and its grants."""

    def __init__(self, directory: Directory, sessions: Sessions) -> None:
        self._directory = directory
        self._sessions = sessions

    def possible(self, bundle: Bundle) -> bool:
        """Return whether the present workers could hold it if all their slots were free."""
        if bundle.possible[0] != self._directory.revision:
            hosts = Room(self._directory, free=False).match(bundle)
            bundle.possible = (self._directory.revision, len(hosts) == len(bundle.asked.wants))
        return bundle.possible[1]

    def lacking(self, bundle: Bundle, hosts: dict[str, Worker]) -> tuple[str, ...]:
        """Say for each service what is lacking, for people.

        Args:
            bundle: the bundle.
            hosts: the workers found for some of its labels.
        """
        lacking = []
        for service in bundle.services:
            wants = bundle.wants_of(service)
            found = sum(want.label in hosts for want in wants)
            workers = self._directory.workers_of(service).values()
            if not workers:
                lacking.append(f"{service}: no worker is registered")
            elif found < len(wants):
                why = "".join(f" ({worker.ready.worker_id}: {worker.refusal})" for worker in workers if worker.refusal)
                lacking.append(f"{service}: {found} of {len(wants)} slots free{why}")
        return tuple(lacking)

    def component_unknown(self, bundle: Bundle) -> NotFoundError | None:
        """Return an error if live workers of a service do not announce what is wanted; without workers, wait."""
        for service, component in sorted({(want.service, want.component) for want in bundle.asked.wants}):
            workers = self._directory.workers_of(service).values()
            if not component or not workers:
                continue
            announced = self._sessions.announced_away(service).union(*(worker.announced for worker in workers))
            if component not in announced:
                names = ", ".join(sorted(announced)) or "nothing"
                return NotFoundError(
                    "COMPONENT_UNKNOWN",
                    f"No worker of service {service!r} can run {component!r}. They have announced: {names}. "
                    "Add its module to SPARRING_PLUGINS of that service.",
                    service=service,
                    component=component,
                    announced=names,
                )
        return None
