"""Methods about brain states."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.store.brains import Brains
from sparring.store.encoding.episodes import decode_state, encode_state
from sparring.store.recording import violated


class BrainMethods:
    """SaveBrainState, LoadBrainState."""

    brains: Brains

    async def SaveBrainState(
        self, request_iterator: AsyncIterator[pb.SaveBrainStateRequest], context: Any
    ) -> pb.SaveBrainStateResponse:
        """Keep a state."""
        first = await anext(request_iterator, None)
        if first is None or first.WhichOneof("kind") != "header":
            raise violated("The first message must be the header of the state")
        await self.brains.save(decode_state(first.header), _pieces(request_iterator))
        return pb.SaveBrainStateResponse()

    async def LoadBrainState(
        self, request: pb.LoadBrainStateRequest, context: Any
    ) -> AsyncIterator[pb.LoadBrainStateResponse]:
        """Yield the header, then the state."""
        phase = request.phase if request.HasField("phase") else None
        state = await self.brains.find(
            request.run, phase, request.agent, request.tag, committed_only=request.committed_only
        )
        yield pb.LoadBrainStateResponse(header=encode_state(state))
        async with aclosing(self.brains.pieces(state)) as pieces:
            async for piece in pieces:
                yield pb.LoadBrainStateResponse(data=piece)


async def _pieces(messages: AsyncIterator[pb.SaveBrainStateRequest]) -> AsyncIterator[bytes]:
    async for message in messages:
        if message.WhichOneof("kind") != "data":
            raise violated("After the header only data may come")
        yield message.data
