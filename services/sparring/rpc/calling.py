"""The rules of every call that a process makes, through either kind of channel: deadline, token, size, errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import grpc

from sparring.rpc import request_ids, tokens
from sparring.rpc.limits import MESSAGE_SIZE_OPTIONS, bounded
from sparring.rpc.status import from_rpc_error
from sparring.types.errors import DeadlineError, InternalError, SparringError, UnavailableError

DEADLINE_S: Final = 30.0
"""Deadline of a call that names none and is answered by one message."""

STREAM_DEADLINE_S: Final = 30 * 24 * 3600.0
"""Deadline of a stream that names none. Its life is bounded by leases and heartbeats; this bounds what forgot them."""

# UNAVAILABLE means: repeat the same call. gRPC does so only while nothing of an answer has arrived; its back-off has
# jitter, and the throttle stops all retries to a target while most of its calls fail.
_RETRIES: Final = {
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.1s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
    "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.5},
}

_OPTIONS: Final = (
    *MESSAGE_SIZE_OPTIONS,
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.http2.ping_timeout_ms", 20_000),  # without it a stopped peer stays undetected
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 5_000),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    ("grpc.dns_min_time_between_resolutions_ms", 5_000),
    ("grpc.enable_http_proxy", 0),  # a proxy of the machine is not for us; a relay is named by `grpc.http_proxy`
)


def channel_options(retries: bool, extra: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return the channel arguments; of two with the same name the one in `extra` holds."""
    options: dict[str, Any] = dict(_OPTIONS)
    if retries:
        options["grpc.service_config"] = json.dumps(_RETRIES)
    else:
        options["grpc.enable_retries"] = 0
    options.update(extra)
    if "grpc.http_proxy" in options:
        options["grpc.enable_http_proxy"] = 1
    return list(options.items())


@dataclass(frozen=True)
class Calling:
    """What the calls of one method through one channel have in common."""

    target: str
    method: str
    token: str | None
    deadline_s: float
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any] | None

    @classmethod
    def of(
        cls,
        target: str,
        method: str,
        token: str | None,
        deadline_s: float,
        encode: Callable[[Any], bytes] | None,
        decode: Callable[[bytes], Any] | None,
    ) -> Calling:
        """Prepare the calls of a method; without serializers, messages are bytes."""
        return cls(target, method, token, deadline_s, bounded(encode, method), decode)

    def timeout_s(self, given: float | None) -> float:
        """Return the deadline of one call, which is never infinite."""
        return self.deadline_s if given is None else min(given, STREAM_DEADLINE_S)

    def metadata(self, given: Iterable[tuple[str, str | bytes]] | None) -> tuple[tuple[str, str | bytes], ...]:
        """Add the token and the request id, unless the caller set them."""
        metadata = tuple(given or ())
        keys = {key for key, _ in metadata}
        if request_ids.METADATA_KEY not in keys:
            metadata += ((request_ids.METADATA_KEY, request_ids.sent_request_id()),)
        if self.token is not None and tokens.METADATA_KEY not in keys:
            metadata += (tokens.token_metadata(self.token),)
        return metadata

    def decoded(self, data: Any) -> Any:
        """Decode an answer.

        Raises:
            InternalError: MALFORMED_RESPONSE.
        """
        if self.decode is None:
            return data
        try:
            return self.decode(data)
        except Exception as error:
            raise InternalError(
                "MALFORMED_RESPONSE",
                f"{self.target} answered {self.method} with something else than its message: {error}.",
                method=self.method,
                target=self.target,
            ) from error

    def error(self, raised: grpc.RpcError, timeout_s: float) -> SparringError:
        """Return our error for what gRPC raised; where gRPC itself speaks, say which call and which target."""
        error = from_rpc_error(raised)
        where = {"method": self.method, "target": self.target}
        if isinstance(error, DeadlineError) and error.reason == "DEADLINE_EXCEEDED":
            text = f"{self.target} did not answer {self.method} within {timeout_s:g} s."
            return DeadlineError(error.reason, text, timeout_s=timeout_s, **where)
        if isinstance(error, UnavailableError) and error.reason == "UNAVAILABLE":
            return UnavailableError(error.reason, f"{self.target} cannot be reached: {error.message}", **where)
        return error
