"""The pieces of mutants: how a rule is replaced, and what takes its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sparring.broker.majordomo.broker import Majordomo
from sparring.broker.majordomo.calls import Calls
from sparring.broker.majordomo.conversations import Conversations
from sparring.broker.majordomo.messages import Beat, Ready, Request, Welcome
from sparring.broker.majordomo.outbox import Outbox
from sparring.broker.majordomo.worker import Worker
from sparring.broker.management import ManagementServicer

Patch = Callable[[pytest.MonkeyPatch], None]


def instead(owner: Any, method: str, mutant: Callable[..., Any]) -> Patch:
    """Return a patch that puts something else in a method's place."""
    return lambda patched: patched.setattr(owner, method, mutant)


def around(owner: Any, method: str, mutant: Callable[..., Any]) -> Patch:
    """Return a patch that puts a method's mutant around it; the mutant is given the method first."""

    def patch(patched: pytest.MonkeyPatch) -> None:
        original = getattr(owner, method)
        patched.setattr(owner, method, lambda *arguments, **named: mutant(original, *arguments, **named))

    return patch


def nothing(*_: Any, **__: Any) -> None:
    """Do nothing."""


def second_ready_is_fine(original: Any, self: Majordomo, *rest: Any, **named: Any) -> None:
    original(self, *rest, **named)
    self._on_message[Ready] = lambda worker, said, now: True


def renewed_only_if(counts: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    def received(original: Any, self: Majordomo, stream: int, message: Any, now: float) -> Any:
        worker = self._directory.workers.get(stream)
        before = worker.heard if worker is not None else now
        if worker is None or counts(worker, message):
            return original(self, stream, message, now)
        effects = original(self, stream, message, now)
        worker.heard = before
        return effects

    return received


def goodbye_to_all(original: Any, self: Conversations, worker: Worker, reason: Any, now: float) -> None:
    original(self, worker, reason, now)
    self.stop(now)


def without_welcome(original: Any, self: Outbox, worker: Worker, message: Any, now: float) -> None:
    if not isinstance(message, Welcome):
        original(self, worker, message, now)


def without_headers(original: Any, self: Outbox, worker: Worker, message: Any, now: float) -> None:
    original(self, worker, replace(message, metadata=()) if isinstance(message, Request) else message, now)


def beats_anyway(original: Any, self: Outbox, worker: Worker, message: Any, now: float) -> None:
    before = worker.told
    original(self, worker, message, now)
    if not isinstance(message, Beat | Welcome):
        worker.told = before


def first_request_instead(original: Any, self: Calls, worker: Worker, request_id: str, *rest: Any) -> Any:
    return original(self, worker, next(iter(worker.busy), request_id), *rest)


def dismissed_in_words_only(original: Any, self: Conversations, *rest: Any) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(self, "_take_off", nothing)
        original(self, *rest)


def unmanaged(original: Any, servicer: object) -> Any:
    return original(servicer, nothing) if isinstance(servicer, ManagementServicer) else original(servicer)
