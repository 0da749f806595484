"""Carries out what the rules decide: one event loop, one clock, one timer, no locks."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias, TypeVarTuple

from sparring.broker.health import RoutedHealth
from sparring.broker.mailbox import Mailbox
from sparring.broker.majordomo.broker import Majordomo
from sparring.broker.majordomo.effects import Effect, Reply, ServiceChanged

Arguments = TypeVarTuple("Arguments")

_SLOW_READER_S: Final = 2.0
"""How long the replies of one worker wait for a client that does not read; less than its lease."""


Goodbye: TypeAlias = Callable[[int, float], list[Effect]]


class Peer(NamedTuple):
    """Somebody that the rules know by number: a worker's stream, a caller, an asker, a watch."""

    number: int
    mailbox: Mailbox
    goodbye: Goodbye


class Engine:
    """The rules, and what connects them to the world.

    Whatever happens is one call of `apply`: the rules decide, the effects go to the mailboxes of the peers, the timer
    is set anew. Nothing in between waits, so that no two events mix.
    """

    def __init__(self, majordomo: Majordomo, health: RoutedHealth) -> None:
        self._loop = asyncio.get_running_loop()
        self._majordomo = majordomo
        self._health = health
        self._numbers = itertools.count(1)
        self._peers: dict[int, Peer] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = math.inf
        self._observers: set[asyncio.Event] = set()

    @property
    def now(self) -> float:
        """The time on the clock of the rules."""
        return self._loop.time()

    def wall_time(self, at: float) -> float:
        """Turn a time on the clock of the rules into seconds since 1970."""
        return time.time() + at - self._loop.time()

    def deadline(self, remaining_s: float | None) -> float | None:
        """Turn what is left of a call's time into a time on the clock of the rules."""
        return None if remaining_s is None else self.now + remaining_s

    @contextlib.contextmanager
    def peer(self, goodbye: Goodbye) -> Iterator[Peer]:
        """Be a peer of the rules for the length of the block.

        Args:
            goodbye: how the rules are told that it is gone: at the end of the block, whatever happened, and as soon as
                it does not read what it is sent. Said twice, it changes nothing.
        """
        peer = Peer(next(self._numbers), Mailbox(), goodbye)
        self._peers[peer.number] = peer
        try:
            yield peer
        finally:
            del self._peers[peer.number]
            self.apply(goodbye, peer.number)

    def apply(self, event: Callable[[*Arguments, float], list[Effect]], *arguments: *Arguments) -> Sequence[Peer]:
        """Let the rules decide about an event, now, and carry it out.

        Returns:
            Callers that do not keep up with the replies: who feeds them has to wait, see `relieve`.
        """
        try:
            return self._carry_out(event(*arguments, self.now))
        finally:
            self._set_timer()
            for observer in self._observers:
                observer.set()

    async def relieve(self, crowded: Sequence[Peer]) -> None:
        """Wait for slow readers, a while; who is too slow loses what it was sent, and is gone for the rules."""
        for peer in crowded:
            if not await peer.mailbox.roomy_within(_SLOW_READER_S):
                peer.mailbox.overflow()
                self.apply(peer.goodbye, peer.number)

    @contextlib.contextmanager
    def observed(self) -> Iterator[asyncio.Event]:
        """Give an event that is set by whatever happens during the block."""
        observer = asyncio.Event()
        self._observers.add(observer)
        try:
            yield observer
        finally:
            self._observers.discard(observer)

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _carry_out(self, effects: list[Effect]) -> Sequence[Peer]:
        crowded: list[Peer] = []
        for effect in effects:
            if isinstance(effect, ServiceChanged):
                self._health.route(effect.name, effect.serving)
            elif (peer := self._peers.get(effect.to)) is not None:
                peer.mailbox.put(effect)
                if peer.mailbox.full:
                    peer.mailbox.overflow()
                    self._loop.call_soon(self.apply, peer.goodbye, peer.number)
                elif type(effect) is Reply and not peer.mailbox.roomy:
                    crowded.append(peer)
        return crowded

    def _set_timer(self) -> None:
        due = self._majordomo.next_due
        if due == self._timer_at:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timer_at = due
        if due < math.inf:
            self._timer = self._loop.call_at(due, self._tick)

    def _tick(self) -> None:
        self._timer, self._timer_at = None, math.inf
        self.apply(self._majordomo.tick)
