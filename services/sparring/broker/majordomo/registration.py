"""What a Ready must look like to register a worker."""

from __future__ import annotations

from sparring.broker.majordomo.messages import Ready
from sparring.broker.majordomo.rules import Rules, reserved_service_name, valid_service_name
from sparring.types.errors import InvalidArgumentError

_MAX_NAME = 256


def check_service_name(name: str) -> None:
    """Refuse a name that no service can have.

    Raises:
        InvalidArgumentError: SERVICE_NAME_INVALID.
    """
    if not valid_service_name(name):
        raise InvalidArgumentError(
            "SERVICE_NAME_INVALID",
            f"{name[:_MAX_NAME]!r} cannot name a service: use at most 128 letters, digits and ._/:- and begin with a "
            "letter or a digit.",
            service=name,
        )
    if reserved_service_name(name):
        raise InvalidArgumentError(
            "SERVICE_NAME_INVALID", f"Names that begin like {name!r} belong to the broker itself.", service=name
        )


def check_ready(ready: Ready, rules: Rules) -> None:
    """Refuse a registration that makes no sense.

    Raises:
        InvalidArgumentError: SERVICE_NAME_INVALID or MESSAGE_INVALID.
    """
    check_service_name(ready.service)
    wrong = ""
    if not 0 < len(ready.worker_id) <= _MAX_NAME:
        wrong = f"worker_id must have 1 to {_MAX_NAME} characters"
    elif ready.slots > rules.max_sessions_per_worker:
        wrong = f"{ready.slots} slots are more than {rules.max_sessions_per_worker}"
    elif ready.slots_unlimited and ready.endpoint is None:
        wrong = "a worker with unlimited slots must say at which endpoint they are"
    elif ready.slots_unlimited and ready.slots:
        wrong = "slots_unlimited and a number of slots exclude each other"
    if wrong:
        raise InvalidArgumentError("MESSAGE_INVALID", f"This Ready cannot register a worker: {wrong}.")
