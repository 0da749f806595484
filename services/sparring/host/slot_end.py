"""What the end of a slot's process means to who holds its session. Pure."""

from __future__ import annotations

import signal

from sparring.host.verdict import Verdict
from sparring.types.holding import SessionEvent


def session_event(token: str, process: str, status: int | None, verdict: Verdict | None, closing: bool) -> SessionEvent:
    """Say what became of a session.

    Args:
        token: The session.
        process: Names the process: "process 17 of slot 0".
        status: Its exit status; negative, the number of the signal that killed it.
        verdict: Why its parent killed it, if it did.
        closing: Whether its parent ends all of them.
    """
    if verdict is None and closing:
        return SessionEvent.lost(token, "HOST_STOPPING", f"The host is stopping, and with it {process}.")
    if verdict is None:
        return SessionEvent.lost(token, "PROCESS_DIED", _sentence(f"{process} {describe(status)}."))
    text = _sentence(f"{verdict.message}; {process} was killed.")
    if verdict.hung:
        return SessionEvent.hung(token, verdict.reason, text)
    return SessionEvent.lost(token, verdict.reason, text)


def describe(status: int | None) -> str:
    """Say how a process ended, as a clause."""
    if status is None:
        return "could not be started"
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
