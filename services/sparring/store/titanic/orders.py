"""What may be submitted, and how much of it: the bounds of Titanic's queue."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Final

from sparring.store.titanic.job import Job, Order
from sparring.types.errors import ExhaustedError, InvalidArgumentError

MOST_BODY_BYTES: Final = 32 << 20
MOST_TEXT_BYTES: Final = 256
MOST_TIMEOUT_NS: Final = 3600 * 10**9
MOST_ATTEMPTS: Final = 100
MOST_KEEP_NS: Final = 30 * 24 * 3600 * 10**9

_NAME: Final = 200
_RESERVED: Final = ("mmi.", "titanic.")
_METHOD: Final = re.compile(r"/[A-Za-z_][\w.]*/[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Quota:
    """How much is kept at most.

    Attributes:
        open: jobs that are not carried out yet.
        kept: jobs, with those that have ended.
        kept_bytes: their requests and replies.
    """

    open: int = 1000
    kept: int = 100_000
    kept_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Load:
    """How much is kept now; as in `Quota`."""

    open: int
    kept: int
    kept_bytes: int


def check_order(order: Order) -> None:
    """Refuse what can never work.

    Raises:
        InvalidArgumentError: JOB_INVALID.
    """
    if order.service.startswith(_RESERVED) or not (order.service.isprintable() and 0 < len(order.service) <= _NAME):
        raise _invalid(f"no request can be kept for service {order.service!r}")
    if order.method and _METHOD.fullmatch(order.method) is None:
        raise _invalid(f"{order.method!r} is no gRPC method; write /package.Service/Method")
    if len(order.body) > MOST_BODY_BYTES:
        raise _invalid(f"the request has {len(order.body)} bytes; at most {MOST_BODY_BYTES} are kept")
    if max(len(order.client_token.encode()), len(order.label.encode())) > MOST_TEXT_BYTES:
        raise _invalid(f"client token and label have at most {MOST_TEXT_BYTES} bytes")
    if not (0 < order.timeout_ns <= MOST_TIMEOUT_NS and 0 < order.keep_ns <= MOST_KEEP_NS):
        raise _invalid("an attempt may take up to 1 h, and a job is kept for up to 30 days")
    if not 0 < order.max_attempts <= MOST_ATTEMPTS:
        raise _invalid(f"there are at most {MOST_ATTEMPTS} attempts")


def check_room(quota: Quota, load: Load, order: Order) -> None:
    """Refuse what does not fit now.

    Raises:
        ExhaustedError: JOBS_FULL.
    """
    if load.open >= quota.open:
        what = f"{load.open} jobs wait to be carried out already"
    elif load.kept >= quota.kept:
        what = f"{load.kept} jobs are kept already; close those whose replies are not needed any more"
    elif load.kept_bytes + len(order.body) > quota.kept_bytes:
        what = f"{load.kept_bytes} bytes of requests and replies are kept already; close jobs"
    else:
        return
    raise ExhaustedError("JOBS_FULL", f"The store takes no more durable requests now: {what}.", retry_after_ms=1000)


def make_job(order: Order, now_ns: int) -> Job:
    """Return a new job."""
    return Job(
        job=secrets.token_hex(16),
        client_token=order.client_token,
        service=order.service,
        method=order.method,
        label=order.label,
        fingerprint=fingerprint(order),
        timeout_ns=order.timeout_ns,
        max_attempts=order.max_attempts,
        created_ns=now_ns,
        expires_ns=now_ns + order.keep_ns,
        size_bytes=len(order.body),
        due_ns=now_ns,
    )


def check_same(known: Job, order: Order) -> None:
    """Check that a token stands for the same request as before.

    Raises:
        InvalidArgumentError: TOKEN_REUSED.
    """
    if known.fingerprint != fingerprint(order):
        raise InvalidArgumentError(
            "TOKEN_REUSED",
            f"This client token was another request before (job {known.job}); make a new one for each wish.",
            job=known.job,
        )


def fingerprint(order: Order) -> bytes:
    """Return a digest of what is asked, of whom."""
    digest = hashlib.sha256()
    for part in (order.service.encode(), order.method.encode(), order.body):
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.digest()


def _invalid(what: str) -> InvalidArgumentError:
    return InvalidArgumentError("JOB_INVALID", f"The durable request cannot be taken: {what}.")
