"""The id under which one request is found in the logs of every service that it passes."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from typing import Final

from sparring.rpc import logs

METADATA_KEY: Final = "x-request-id"
_SHAPE: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def received_request_id(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    """Return the id that the caller sent, or a new one; what a peer makes up must not break a log line."""
    for key, value in metadata:
        if key == METADATA_KEY and isinstance(value, str) and _SHAPE.fullmatch(value):
            return value
    return secrets.token_hex(8)


def sent_request_id() -> str:
    """Return the id of the request that is being answered here, or a new one."""
    return logs.bound_value(logs.REQUEST) or secrets.token_hex(8)
