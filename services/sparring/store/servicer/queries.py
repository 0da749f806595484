"""Methods that read what is recorded: verification and statements."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.codec.episode import encode_key
from sparring.store.checking import Difference
from sparring.store.statements import Statements
from sparring.store.verification import Verification, Verified


class QueryMethods:
    """VerifyRun, Query."""

    verification: Verification
    statements: Statements

    async def VerifyRun(self, request: pb.VerifyRunRequest, context: Any) -> AsyncIterator[pb.VerifyRunResponse]:
        """Yield what differs, then the result."""
        async with aclosing(self.verification.verify(request.run)) as found:
            async for each in found:
                yield _encode(each)

    async def Query(self, request: pb.QueryRequest, context: Any) -> AsyncIterator[pb.QueryResponse]:
        """Yield the answer to a statement."""
        async with aclosing(self.statements.answer(request.sql)) as pieces:
            async for piece in pieces:
                yield pb.QueryResponse(data=piece)


def _encode(found: Difference | Verified) -> pb.VerifyRunResponse:
    if isinstance(found, Verified):
        return pb.VerifyRunResponse(
            verified=pb.Verified(
                episodes=found.episodes,
                steps=found.steps,
                digest=found.digest,
                evaluation_digest=found.evaluation_digest,
                equal=found.equal,
            )
        )
    return pb.VerifyRunResponse(
        difference=pb.Difference(
            episode=encode_key(found.episode.summary.key),
            phase_name=found.episode.phase_name,
            expected=found.episode.summary.digest,
            found=found.found,
            message=found.message,
        )
    )
