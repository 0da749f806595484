"""The conversation with one worker: what it sends goes to the rules, what they tell it goes to its stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.broker.engine import Engine
from sparring.broker.majordomo.broker import Majordomo
from sparring.broker.majordomo.effects import HangUp, Tell
from sparring.broker.worker_wire import ToWorkerEncoder, decode_from_worker
from sparring.rpc.tasks import Tasks
from sparring.types.errors import SparringError


class WorkStreams:
    """Serves the streams of all workers."""

    def __init__(self, engine: Engine, majordomo: Majordomo, encoder: ToWorkerEncoder) -> None:
        self._engine = engine
        self._majordomo = majordomo
        self._encoder = encoder

    async def serve(self, requests: AsyncIterator[pb.WorkRequest], context: Any) -> None:
        """Talk to one worker until the rules hang up or its stream ends.

        Raises:
            SparringError: with which the rules hung up.
        """
        with self._engine.peer(self._majordomo.closed) as (stream, mailbox, _):
            self._engine.apply(self._majordomo.opened, stream)
            async with Tasks() as beside:
                beside.start(self._listen(requests, stream, mailbox.put), f"work stream {stream}")
                while not isinstance(effect := await mailbox.get(), HangUp):
                    if isinstance(effect, Tell):
                        await context.write(self._encoder.encode(effect.message))
        if effect.error is not None:
            raise effect.error

    async def _listen(self, requests: AsyncIterator[pb.WorkRequest], stream: int, put: Any) -> None:
        """Read until the worker ends its side or breaks off; whatever it sends, only its own stream suffers."""
        try:
            async for request in requests:
                crowded = self._engine.apply(self._majordomo.received, stream, decode_from_worker(request))
                if crowded:
                    await self._engine.relieve(crowded)
        except SparringError as error:
            self._engine.apply(self._majordomo.malformed, stream, error)
        except grpc.aio.BaseError:
            pass  # broken off
        finally:
            self._engine.apply(self._majordomo.closed, stream)
            put(HangUp(stream))  # after what the rules still had to say
