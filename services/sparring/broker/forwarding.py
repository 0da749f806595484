"""Forwards calls of any method to workers: metadata `sparring-service: NAME` says of which service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from sparring.broker.answers import Callers
from sparring.broker.client_wire import SERVICE_KEY, Metadata, decode_forwarded


class Forwarding(grpc.GenericRpcHandler):
    """Answers every call that names a service and that nothing else on this server answers.

    It handles all methods as if they streamed: one reply or many is the same on the wire, and which it will be is known
    only to the one who answers. Bodies are passed on unread.
    """

    def __init__(self, callers: Callers) -> None:
        self._callers = callers

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """Return a handler, or None for a call that names no service."""
        metadata: Metadata = handler_call_details.invocation_metadata or ()
        if not any(key == SERVICE_KEY for key, _ in metadata):
            return None
        return grpc.unary_stream_rpc_method_handler(self._forward(handler_call_details.method, tuple(metadata)))

    def _forward(self, method: str, metadata: Metadata) -> Callable[[bytes, Any], Awaitable[None]]:
        async def forward(body: bytes, context: Any) -> None:
            peer = context.peer()
            with self._callers.submitted(
                lambda caller, deadline: decode_forwarded(caller, method, body, metadata, peer, deadline), context
            ) as answers:
                final = False
                while not final:
                    reply = await answers.next()
                    final = reply.final
                    if reply.body is not None:
                        await context.write(reply.body)

        return forward
