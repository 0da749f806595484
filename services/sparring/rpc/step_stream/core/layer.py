"""The one import of grpcio's private Cython layer, and the check that it still has what is called here."""

from __future__ import annotations

from typing import Final

from grpc._cython import cygrpc  # type: ignore[attr-defined]

__all__ = ["NO_EVENT", "cygrpc"]

_NEEDED: Final = {
    "Channel": ("segregated_call", "close"),
    "SegregatedCall": ("operate", "cancel", "next_event"),
    "CompletionQueue": ("poll", "shutdown"),
    "Server": (
        "register_completion_queue",
        "add_http2_port",
        "start",
        "request_call",
        "shutdown",
        "cancel_all_calls",
        "destroy",
    ),
    "SendInitialMetadataOperation": (),
    "SendMessageOperation": (),
    "SendCloseFromClientOperation": (),
    "SendStatusFromServerOperation": (),
    "ReceiveInitialMetadataOperation": (),
    "ReceiveMessageOperation": ("message",),
    "ReceiveStatusOnClientOperation": ("code", "details", "trailing_metadata"),
    "ReceiveCloseOnServerOperation": ("cancelled",),
    "CompletionType": ("queue_timeout",),
}

_missing = [
    f"{name}.{member}".removesuffix(".")
    for name, members in _NEEDED.items()
    for member in (members or ("",))
    if not hasattr(getattr(cygrpc, name, None), member or "__class__") or not hasattr(cygrpc, name)
]
if _missing:
    raise ImportError(f"grpc._cython.cygrpc has no {', '.join(_missing)}")

NO_EVENT: Final = cygrpc.CompletionType.queue_timeout
"""The completion type that means: the deadline came first."""
