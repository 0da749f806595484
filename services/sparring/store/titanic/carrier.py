"""Carries jobs to workers through the broker: the job's name is the client's name of the call, so a resend is known."""

from __future__ import annotations

from typing import Any, Final

import grpc

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import broker_service_pb2_grpc as pb_grpc
from sparring.client.broker_client import BrokerClient
from sparring.client.service_calls import REQUEST_ID_KEY, ServiceChannel
from sparring.store.titanic.dispatch import Attempt
from sparring.types.errors import UnavailableError

CLIENT: Final = "titanic"
_THERE: Final = 200


class BrokerCarrier:
    """See `Carrier`.

    Args:
        channel: to the broker; somebody else owns it.
    """

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel
        self._broker = BrokerClient(channel)
        self._stub: Any = pb_grpc.BrokerServiceStub(channel)

    async def available(self, service: str) -> bool:
        """Ask the MMI."""
        return await self._broker.query("mmi.service", service) == _THERE

    async def carry(self, attempt: Attempt) -> bytes:
        """Call a method, or send an MDP request where there is none."""
        job = attempt.job
        timeout_s = job.timeout_ns / 1e9
        if job.method:
            named = ServiceChannel(self._channel, job.service, client_id=CLIENT, retry_safe=True)
            call = named.unary_unary(job.method)
            reply = await call(attempt.body, timeout=timeout_s, metadata=((REQUEST_ID_KEY, job.job),))
        else:
            request = pb.CallRequest(
                service=job.service,
                client_request_id=job.job,
                client_id=CLIENT,
                retry_safe=True,
                body=attempt.body,
            )
            reply = (await self._stub.CallUnary(pb.CallUnaryRequest(call=request), timeout=timeout_s)).body
        if not isinstance(reply, bytes):  # a stream that ended without a reply
            raise UnavailableError("NOT_ONE_ANSWER", f"{job.service} answered {job.method} with nothing.")
        return reply
