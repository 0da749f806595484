"""Recognises calls that are sent again under the client's own name for them, so that they are handled once."""

from __future__ import annotations

from dataclasses import dataclass, field

from sparring.broker.majordomo.call import Call, Outcome, Submission
from sparring.broker.majordomo.memory import Memory
from sparring.broker.majordomo.rules import Rules
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError

_ALL_KEPT = 64  # as many outcomes of the largest size are kept


@dataclass(slots=True, eq=False)
class Told:
    """What the callers of a named call were told, for those that come later.

    Attributes:
        fingerprint: of the call.
        call: the call while it is queued or running.
        partial: its partial replies.
        outcome: its end.
        size: bytes kept.
        whole: nothing is left out; replies too large to keep are.
    """

    fingerprint: int
    call: Call | None
    partial: list[bytes] = field(default_factory=list)
    outcome: Outcome | None = None
    size: int = 0
    whole: bool = True


class Resends:
    """Named calls: those on their way, and for a while the outcomes of the others."""

    def __init__(self, rules: Rules) -> None:
        self._limit = rules.max_resend_bytes
        self._running: dict[tuple[str, str], Told] = {}
        self._finished: Memory[tuple[str, str], Told] = Memory(
            keep_s=rules.resend_s, limit=rules.max_resends, weight_limit=_ALL_KEPT * rules.max_resend_bytes
        )

    def find(self, sent: Submission, now: float) -> Told | None:
        """Return what is known of a call with this name, or None if it is new.

        Raises:
            InvalidArgumentError: REQUEST_ID_REUSED.
            FailedPreconditionError: REPLY_NOT_KEPT.
        """
        told = self._running.get(sent.key) or self._finished.get(sent.key, now)
        if told is None:
            return None
        if told.fingerprint != sent.fingerprint:
            raise InvalidArgumentError(
                "REQUEST_ID_REUSED",
                f"Request {sent.name!r} of client {sent.client_id!r} was another one before; give each its own name.",
                request=sent.name,
                client=sent.client_id,
            )
        if not told.whole:
            raise FailedPreconditionError(
                "REPLY_NOT_KEPT",
                f"Request {sent.name!r} has been answered, at least in part, with more than the {self._limit} bytes "
                "that are kept for a resend. Ask for the result in another way.",
                request=sent.name,
            )
        return told

    def begin(self, call: Call) -> None:
        """Remember a call from now on, if it has a name."""
        if call.sent.name:
            self._running[call.sent.key] = Told(call.sent.fingerprint, call)

    def replied(self, call: Call, body: bytes) -> None:
        """Keep a partial reply."""
        told = self._running.get(call.sent.key) if call.sent.name else None
        if told is not None and told.whole:
            told.size += len(body)
            told.partial.append(body)
            self._cut(told)

    def finished(self, call: Call, outcome: Outcome, now: float) -> None:
        """Keep how a call ended; an end that asks for another attempt is not kept."""
        told = self._running.pop(call.sent.key, None) if call.sent.name else None
        if told is None or not outcome.lasting:
            return
        told.call = None
        told.outcome = outcome
        told.size += len(outcome.body or b"") + len(outcome.message) + len(outcome.details)
        self._cut(told)
        self._finished.put(call.sent.key, told, now, told.size)

    def forget(self, call: Call) -> None:
        """Forget a call that no worker has answered; sent again, it is a new one."""
        if call.sent.name:
            self._running.pop(call.sent.key, None)

    def _cut(self, told: Told) -> None:
        if told.size > self._limit:
            told.whole = False
            told.partial.clear()
            told.outcome = None
            told.size = 0
