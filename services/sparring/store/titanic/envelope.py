"""The three services of RFC 9 as MDP workers: their requests are the typed ones, serialized."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from google.protobuf.message import DecodeError

from sparring.api.store.v1 import titanic_service_pb2 as pb
from sparring.store.titanic.servicer import TitanicServicer
from sparring.types.errors import InvalidArgumentError

Answer: TypeAlias = Callable[[bytes], Awaitable[bytes]]


def answers(servicer: TitanicServicer) -> Mapping[str, Answer]:
    """Return what answers MDP requests, by the name of the service."""
    return {
        "titanic.request": _answer(pb.SubmitJobRequest, servicer.SubmitJob),
        "titanic.reply": _answer(pb.FetchReplyRequest, servicer.FetchReply),
        "titanic.close": _answer(pb.CloseJobRequest, servicer.CloseJob),
    }


def _answer(kind: Any, method: Callable[[Any, Any], Awaitable[Any]]) -> Answer:
    async def answer(body: bytes) -> bytes:
        try:
            request = kind.FromString(body)
        except DecodeError as error:
            name = kind.DESCRIPTOR.full_name
            raise InvalidArgumentError("MALFORMED_REQUEST", f"The body is no {name}: {error}.", kind=name) from error
        reply: bytes = (await method(request, None)).SerializeToString()
        return reply

    return answer
