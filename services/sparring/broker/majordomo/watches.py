"""Who is told what becomes of which sessions."""

from __future__ import annotations

from collections.abc import Iterable

from sparring.broker.majordomo.draining import stopping
from sparring.broker.majordomo.due import Due, DueKey
from sparring.broker.majordomo.effects import Happened, Rejected, WatchEnded
from sparring.broker.majordomo.memory import Memory
from sparring.broker.majordomo.messages import EventKind, SessionEvent
from sparring.broker.majordomo.outbox import Outbox
from sparring.broker.majordomo.rules import Rules
from sparring.broker.majordomo.timers import Timers
from sparring.types.errors import InvalidArgumentError


class Watches:
    """Watches by token, and the ends of sessions that a watch opened later is still told about."""

    def __init__(self, rules: Rules, outbox: Outbox, timers: Timers[DueKey]) -> None:
        self._rules = rules
        self._outbox = outbox
        self._timers = timers
        self._tokens: dict[int, set[str]] = {}
        self._watchers: dict[str, set[int]] = {}
        self._ends: Memory[str, SessionEvent] = Memory(keep_s=rules.memory_s, limit=rules.max_memories)

    def open(self, watch: int, tokens: Iterable[str], known: set[str], now: float) -> None:
        """Begin a watch: one event per token at once, but a token that nobody knows has one lease time to turn up.

        Args:
            watch: the peer to be told.
            tokens: the sessions.
            known: those of them that are open here.
            now: the time.

        Raises:
            InvalidArgumentError: TOO_MANY_TOKENS.
        """
        asked = set(tokens)
        if len(asked) > self._rules.max_watched_tokens:
            raise InvalidArgumentError(
                "TOO_MANY_TOKENS",
                f"{len(asked)} tokens are more than the {self._rules.max_watched_tokens} of one watch; open several.",
            )
        self._tokens[watch] = asked
        for token in sorted(asked):
            watchers = self._watchers.setdefault(token, set())
            watchers.add(watch)
            end = self._ends.get(token, now)
            if token in known:
                self._outbox.add(Happened(watch, SessionEvent(token, EventKind.OPEN)))
            elif end is not None:
                self._tell(watch, end)
            elif len(watchers) == 1:
                self._timers.at(now + self._rules.lease_s, (Due.UNKNOWN, token))
        self._end_if_over(watch)

    def close(self, watch: int) -> None:
        """End a watch whose watcher is gone; one that has ended is fine."""
        for token in self._tokens.pop(watch, ()):
            self._forget(watch, token)

    def opened(self, token: str) -> None:
        """Tell that a session is known now."""
        self._timers.drop((Due.UNKNOWN, token))
        self._ends.forget(token)
        for watch in sorted(self._watchers.get(token, ())):
            self._outbox.add(Happened(watch, SessionEvent(token, EventKind.OPEN)))

    def ended(self, event: SessionEvent, now: float) -> None:
        """Tell the end of a session, and remember it."""
        self._timers.drop((Due.UNKNOWN, event.token))
        self._ends.put(event.token, event, now)
        for watch in sorted(self._watchers.get(event.token, ())):
            self._tell(watch, event)
            self._end_if_over(watch)

    def unknown(self, token: str, now: float) -> None:
        """Report a token that did not turn up in time."""
        message = f"No worker has reported this session within {self._rules.lease_s:g} s."
        self.ended(SessionEvent(token, EventKind.LOST, "SESSION_UNKNOWN", message), now)

    def drain(self) -> None:
        """End all watches: another broker will go on."""
        for watch in list(self._tokens):
            self.close(watch)
            self._outbox.add(Rejected(watch, stopping()))

    def _tell(self, watch: int, event: SessionEvent) -> None:
        self._outbox.add(Happened(watch, event))
        self._tokens[watch].discard(event.token)
        self._forget(watch, event.token)

    def _end_if_over(self, watch: int) -> None:
        if not self._tokens[watch]:
            del self._tokens[watch]
            self._outbox.add(WatchEnded(watch))

    def _forget(self, watch: int, token: str) -> None:
        watchers = self._watchers.get(token)
        if watchers is None:
            return
        watchers.discard(watch)
        if not watchers:
            del self._watchers[token]
            self._timers.drop((Due.UNKNOWN, token))
