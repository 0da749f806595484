"""BrokerService over gRPC: decode, one call to the rules, encode."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import broker_service_pb2_grpc
from sparring.broker.answers import Callers
from sparring.broker.client_wire import (
    decode_acquisition,
    decode_call,
    encode_event,
    encode_granted,
    encode_waiting,
)
from sparring.broker.engine import Engine
from sparring.broker.mailbox import Mailbox
from sparring.broker.majordomo.broker import Majordomo
from sparring.broker.majordomo.effects import Granted, Happened, Rejected, Waiting, WatchEnded
from sparring.broker.work_stream import WorkStreams


class BrokerServicer(broker_service_pb2_grpc.BrokerServiceServicer):
    """Serves workers, clients of the MDP envelope, and holders of sessions."""

    def __init__(self, engine: Engine, majordomo: Majordomo, workers: WorkStreams, callers: Callers) -> None:
        self._engine = engine
        self._majordomo = majordomo
        self._workers = workers
        self._callers = callers

    async def Work(self, request_iterator: AsyncIterator[pb.WorkRequest], context: Any) -> None:  # type: ignore[override]
        """Talk to a worker; the handler writes by itself."""
        await self._workers.serve(request_iterator, context)

    async def Call(self, request: pb.CallRequest, context: Any) -> AsyncIterator[pb.CallResponse]:
        """Pass on an MDP call and its replies."""
        metadata, peer = context.invocation_metadata() or (), context.peer()
        with self._callers.submitted(
            lambda caller, deadline: decode_call(caller, request, metadata, peer, deadline), context
        ) as answers:
            final = False
            while not final:
                reply = await answers.next()
                final = reply.final
                yield pb.CallResponse(final=final, body=reply.body or b"")

    async def CallUnary(self, request: pb.CallUnaryRequest, context: Any) -> pb.CallUnaryResponse:
        """Pass on an MDP call and its final reply."""
        metadata, peer = context.invocation_metadata() or (), context.peer()
        with self._callers.submitted(
            lambda caller, deadline: decode_call(caller, request.call, metadata, peer, deadline), context
        ) as answers:
            return pb.CallUnaryResponse(body=await answers.last())

    async def Acquire(self, request: pb.AcquireRequest, context: Any) -> AsyncIterator[pb.AcquireResponse]:
        """Wait for a bundle. Grants that nobody waits for any more are given back."""
        with self._engine.peer(self._majordomo.abandon) as (asker, mailbox, _):
            deadline = self._engine.deadline(context.time_remaining())
            asked = decode_acquisition(asker, request, context.peer(), deadline)
            self._engine.apply(self._majordomo.acquire, asked)
            told = False
            try:
                while not told:
                    effect = await mailbox.get()
                    if isinstance(effect, Rejected):
                        raise effect.error
                    if isinstance(effect, Waiting):
                        yield encode_waiting(effect)
                    elif isinstance(effect, Granted):
                        told = True  # a client that cancels from here on may have read it: then the grants expire
                        yield encode_granted(effect, self._engine.wall_time)
            finally:
                self._give_back(mailbox)

    async def Release(self, request: pb.ReleaseRequest, context: Any) -> pb.ReleaseResponse:
        """Give back sessions."""
        self._engine.apply(self._majordomo.release, tuple(request.tokens))
        if request.run:
            self._engine.apply(self._majordomo.release_run, request.run)
        return pb.ReleaseResponse()

    async def WatchSessions(
        self, request: pb.WatchSessionsRequest, context: Any
    ) -> AsyncIterator[pb.WatchSessionsResponse]:
        """Tell what becomes of sessions, until all are over."""
        with self._engine.peer(self._majordomo.unwatch) as (watch, mailbox, _):
            self._engine.apply(self._majordomo.watch, watch, tuple(request.tokens))
            while not isinstance(effect := await mailbox.get(), WatchEnded):
                if isinstance(effect, Rejected):
                    raise effect.error
                if isinstance(effect, Happened):
                    yield encode_event(effect.event)

    def _give_back(self, mailbox: Mailbox) -> None:
        for effect in mailbox.left():
            if isinstance(effect, Granted):
                tokens = tuple(grant.token for grant in effect.grants.values())
                self._engine.apply(self._majordomo.release, tokens)
