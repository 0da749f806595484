"""How much of a service is wanted, in the numbers that autoscalers work with; pure.

Autoscalers divide a number by its target per replica, round up, and take the highest result over all numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sparring.broker.majordomo.rules import reserved_service_name, valid_service_name
from sparring.broker.majordomo.status import ServiceStatus, WorkerStatus
from sparring.types.errors import InvalidArgumentError


@dataclass(frozen=True)
class Number:
    """One number.

    Attributes:
        name: its name.
        key: what sets its target.
        target: the target where nothing sets it.
        of: its value.
    """

    name: str
    key: str
    target: float
    of: Callable[[ServiceStatus], float]


def in_use(service: ServiceStatus) -> int:
    """Return the sessions that are held or expected, and the calls that are handled."""
    return sum(worker.busy_calls + len(worker.sessions) for worker in service.workers)


def waiting(service: ServiceStatus) -> int:
    """Return the calls and the bundles that wait."""
    return service.queued_calls + service.queued_bundles


def busy_percent(service: ServiceStatus) -> float:
    """Return the sum over the workers of what each has in use of what it has most of, in per cent."""
    return sum(100.0 * _busy_share(worker) for worker in service.workers)


def wait_s(service: ServiceStatus) -> float:
    """Return how long the oldest has waited, once for each replica: twice too long asks for twice as many."""
    return service.oldest_wait_s * max(1, len(service.workers))


NUMBERS: Final = (
    Number("demand", "targetPerReplica", 1.0, lambda service: float(in_use(service) + waiting(service))),
    Number("queue-age-s", "targetQueueSeconds", 30.0, wait_s),
    Number("busy-percent", "targetBusyPercent", 80.0, busy_percent),
)


@dataclass(frozen=True)
class Trigger:
    """What is scaled, by what.

    Attributes:
        service: the service.
        targets: by the name of the number.
    """

    service: str
    targets: Mapping[str, float]

    def numbers(self, name: str = "") -> tuple[Number, ...]:
        """Return the number of this name; all for an empty name.

        Raises:
            InvalidArgumentError: SCALER_METADATA_INVALID.
        """
        found = tuple(number for number in NUMBERS if name in ("", number.name))
        if not found:
            known = ", ".join(number.name for number in NUMBERS)
            raise _wrong(f"there is no number {name[:64]!r}, only {known}")
        return found


def decode_trigger(metadata: Mapping[str, str]) -> Trigger:
    """Read the metadata of a trigger. What the autoscaler adds for itself (addresses, TLS) is none of ours.

    Raises:
        InvalidArgumentError: SCALER_METADATA_INVALID.
    """
    service = metadata.get("service", "")
    if not valid_service_name(service) or reserved_service_name(service):
        raise _wrong(f"`service` is {service[:64]!r}; name the service that is scaled, such as `environment`")
    keys = {number.key for number in NUMBERS}
    if unknown := sorted(key for key in metadata if key.startswith("target") and key not in keys):
        raise _wrong(f"{unknown[0][:64]!r} is not known; there are {', '.join(sorted(keys))}")
    return Trigger(service, {number.name: _target(metadata, number) for number in NUMBERS})


def _target(metadata: Mapping[str, str], number: Number) -> float:
    text = metadata.get(number.key)
    if text is None:
        return number.target
    try:
        target = float(text)
    except ValueError:
        target = math.nan
    if not 0 < target < 1e9:
        raise _wrong(f"`{number.key}` is {text[:64]!r}; it is a number above 0, such as {number.target:g}")
    return target


def _busy_share(worker: WorkerStatus) -> float:
    ready = worker.ready
    calls = worker.busy_calls / ready.calls if ready.calls else 0.0
    slots = len(worker.sessions) / ready.slots if ready.slots and not ready.slots_unlimited else 0.0
    return max(calls, slots)


def _wrong(why: str) -> InvalidArgumentError:
    return InvalidArgumentError("SCALER_METADATA_INVALID", f"This trigger cannot be served: {why}.")
