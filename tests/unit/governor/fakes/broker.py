"""A broker in memory: slots per service, bundles in the order of asking, sessions that can be lost or hang."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from sparring.governor.ports import Announced, Bundle
from sparring.types.errors import NotFoundError, SparringError
from sparring.types.holding import SessionEvent, SessionEventKind
from sparring.types.plan import Grant
from tests.unit.governor.fakes.log import Log

PLENTY = 1000


@dataclass
class FakeBroker:
    log: Log
    slots: dict[str, int] = field(default_factory=dict)
    """By service; services that are not named have plenty."""
    announcements: dict[str, list[frozenset[str]]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    """Components that nobody has announced."""
    held: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Service and label by token."""
    bundles: list[Bundle] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._queue: list[object] = []
        self._changed = asyncio.Event()
        self._watchers: list[tuple[frozenset[str], asyncio.Queue[SessionEvent]]] = []
        self.failing: SparringError | None = None
        self.impatient: SparringError | None = None
        """Raised instead of waiting."""

    async def acquire(self, bundle: Bundle) -> Mapping[str, Grant]:
        self.bundles.append(bundle)
        self.log.append(f"acquire {', '.join(bundle.slots)}{' at head' if bundle.at_head else ''}")
        if self.failing is not None:
            raise self.failing
        for slot in bundle.slots.values():
            if slot.component in self.unknown:
                raise NotFoundError("COMPONENT_UNKNOWN", f"No worker has announced {slot.component}.")
        ticket = object()
        if bundle.at_head:
            self._queue.insert(0, ticket)
        else:
            self._queue.append(ticket)
        try:
            while self._queue[0] is not ticket or not self._free(bundle):
                changed = self._changed
                await asyncio.sleep(0)
                if self.impatient is not None:
                    raise self.impatient
                await changed.wait()
            return {label: self._grant(label, slot.service) for label, slot in bundle.slots.items()}
        finally:
            self._queue.remove(ticket)
            self._notify()

    async def release_run(self, run: str) -> None:
        self.log.append(f"release all of {run}")

    async def release(self, tokens: Sequence[str]) -> None:
        self.log.append(f"release {', '.join(sorted(self.held[token][1] for token in tokens if token in self.held))}")
        for token in tokens:
            self.held.pop(token, None)
        self._notify()

    async def watch(self, tokens: Sequence[str]) -> AsyncIterator[SessionEvent]:
        events: asyncio.Queue[SessionEvent] = asyncio.Queue()
        watcher = (frozenset(tokens), events)
        self._watchers.append(watcher)
        try:
            for token in tokens:
                yield SessionEvent(token, SessionEventKind.OPEN)
            while True:
                yield await events.get()
        finally:
            self._watchers.remove(watcher)

    async def announced(self) -> Announced:
        return self.announcements

    def token(self, label: str) -> str:
        """Return the token of the newest session under a label."""
        return [token for token, (_, held) in self.held.items() if held == label][-1]

    def happen(self, event: SessionEvent) -> None:
        """Tell the holder of a session what became of it."""
        for tokens, events in self._watchers:
            if event.token in tokens:
                events.put_nowait(event)

    @property
    def watching(self) -> bool:
        return bool(self._watchers)

    def watched(self, token: str) -> bool:
        return any(token in tokens for tokens, _ in self._watchers)

    def _free(self, bundle: Bundle) -> bool:
        wanted: dict[str, int] = {}
        for slot in bundle.slots.values():
            wanted[slot.service] = wanted.get(slot.service, 0) + 1
        taken = [service for service, _ in self.held.values()]
        return all(taken.count(service) + count <= self.slots.get(service, PLENTY) for service, count in wanted.items())

    def _grant(self, label: str, service: str) -> Grant:
        token = f"token-{next(self._numbers)}"
        self.held[token] = (service, label)
        return Grant(token, f"worker-of-{service}", service, f"{service}:1")

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
