"""Whether gRPC heeds what is set for it: asked once by each host, in a process started as its slots are."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sparring.host.describing import describe
from sparring.types.errors import SparringError

ENTRY: Final = "sparring.host.polling_check:answer"
_WITHIN_S: Final = 30.0

_log = logging.getLogger(__name__)


async def check_polling() -> None:
    """Measure who reads gRPC's sockets; warn if that is not the thread that waits: steps then take twice as long."""
    (found,) = await describe(ENTRY, [{}], timeout_s=_WITHIN_S)
    if isinstance(found, SparringError):
        _log.warning("how gRPC polls was not found out: %s", found)
    elif not found["direct"]:
        _log.warning("%s", found["text"])


def answer(question: Mapping[str, Any], plugins: Sequence[str]) -> dict[str, Any]:
    """Measure."""
    # Imported here, for the parent does not measure.
    from sparring.rpc.step_stream import polling

    try:
        measured = polling.measure()
    except ImportError:
        return {"direct": False, "text": "step streams take the slow way: this grpcio has no core of the kind we know"}
    return {"direct": measured.direct, "text": str(measured)}
