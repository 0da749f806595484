"""Refusals that several parts of the store give in the same words."""

from __future__ import annotations

import errno

from sparring.types.errors import FailedPreconditionError, NotFoundError, SparringError, UnavailableError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def run_unknown(run: str) -> NotFoundError:
    """Say that there is no such run."""
    return NotFoundError("RUN_UNKNOWN", f"There is no run {run}; `sparring runs list` shows those there are.", run=run)


def store_full(what: str) -> UnavailableError:
    """Say that nothing more fits."""
    return UnavailableError("STORE_FULL", f"The store has no room left ({what}); make room, then send again.")


def store_busy(what: str) -> UnavailableError:
    """Say that it is worth trying again."""
    return UnavailableError("STORE_BUSY", f"The store cannot take this now ({what}); send again.")


def database_damaged(what: str) -> FailedPreconditionError:
    """Say that the database cannot be read."""
    return FailedPreconditionError(
        "DATA_DAMAGED", f"The store's database (store.sqlite, unless it is elsewhere) cannot be read: {what}."
    )


def disk_refusal(error: OSError) -> SparringError:
    """Return what a failure of the disk means to callers."""
    text = error.strerror or str(error)
    return store_full(text) if error.errno in _FULL else store_busy(text)
