"""What everybody is told whom a broker on its way down does not serve any more."""

from __future__ import annotations

from sparring.types.errors import UnavailableError


def stopping() -> UnavailableError:
    """Return the error: the same call, made again, reaches another broker."""
    return UnavailableError("DRAINING", "The broker is shutting down; call again, another one will answer.")
