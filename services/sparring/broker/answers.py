"""One call of a client: submitted to the rules, answered as the replies come, cancelled when the client goes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Final

import grpc

from sparring.broker.engine import Engine
from sparring.broker.mailbox import Mailbox
from sparring.broker.majordomo.broker import Majordomo
from sparring.broker.majordomo.call import Submission
from sparring.broker.majordomo.effects import Failed, Rejected, Reply
from sparring.rpc.status import DETAILS_KEY

_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
_LONGEST_S: Final = 10 * 365 * 86400.0  # a later deadline is none


class Answers:
    """What comes back for one call."""

    def __init__(self, mailbox: Mailbox, context: Any) -> None:
        self._mailbox = mailbox
        self._context = context

    async def next(self) -> Reply:
        """Return the next reply; nothing comes after the final one.

        Raises:
            SparringError: the broker rejected the call.
            grpc.aio.AbortError: the worker failed; the call ends with its status, unchanged.
        """
        effect = await self._mailbox.get()
        if isinstance(effect, Reply):
            return effect
        if isinstance(effect, Failed):
            details = ((DETAILS_KEY, effect.details),) if effect.details else ()
            await self._context.abort(_CODES[effect.code], effect.message, details)
        if isinstance(effect, Rejected):
            raise effect.error
        raise TypeError(f"{type(effect).__name__} is not for callers")

    async def last(self) -> bytes:
        """Return the body of the final reply, or of the last one that has a body."""
        body = b""
        while True:
            reply = await self.next()
            body = body if reply.body is None else reply.body
            if reply.final:
                return body


class Callers:
    """Takes calls to the rules."""

    def __init__(self, engine: Engine, majordomo: Majordomo) -> None:
        self._engine = engine
        self._majordomo = majordomo

    @contextlib.contextmanager
    def submitted(self, decode: Callable[[int, float | None], Submission], context: Any) -> Iterator[Answers]:
        """Submit a call for the length of the block.

        Args:
            decode: makes the call, for a peer and a deadline of the rules.
            context: of the gRPC call.

        Raises:
            SparringError: refused.
        """
        with self._engine.peer(self._majordomo.cancel) as (caller, mailbox, _):
            remaining_s = context.time_remaining()
            if remaining_s is not None and remaining_s > _LONGEST_S:
                remaining_s = None
            sent = decode(caller, self._engine.deadline(remaining_s))
            self._engine.apply(self._majordomo.submit, sent)
            yield Answers(mailbox, context)
