"""The control stream of a rollout worker, for the governor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any, Final

import grpc

from sparring.api.simulation.v1 import simulation_service_pb2 as pb
from sparring.api.simulation.v1 import simulation_service_pb2_grpc as pb_grpc
from sparring.client.access import NO_ACCESS, Access, open_session_channel, session_metadata
from sparring.client.attempts import Attempts
from sparring.client.session_errors import ended_early, is_broken, session_error
from sparring.codec.run_frames import (
    Decision,
    encode_attach_rollout,
    encode_cancel,
    encode_decision,
    encode_pause,
    encode_resume,
    encode_session_lost,
    encode_start_rollout,
)
from sparring.rpc.retry import Backoff
from sparring.types.errors import FailedPreconditionError, SparringError
from sparring.types.plan import Grant, RolloutPlan

RECONNECTING: Final = Backoff(attempts=100, first_s=0.05, most_s=1.0, budget_s=30.0)
"""How long a governor tries to come back; a rollout worker waits 60 s for one by default."""


class RolloutStream:
    """One rollout worker. `start` or `attach` begins; `frames` must be read, for it also brings a broken stream back.

    What was decided last is said again on a new stream, and what the worker tells there may repeat itself: EpisodeEnded
    is known by its key. Tasks of one event loop may share it; one of them reads.
    """

    def __init__(
        self, grant: Grant, epoch: int, *, access: Access = NO_ACCESS, reconnecting: Backoff = RECONNECTING
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            grant: The rollout worker's session.
            epoch: The governor's epoch of the run.
            access: Token and TLS material.
            reconnecting: Attempts and budget for coming back after the stream broke.

        Raises:
            InvalidArgumentError: PLACE_INVALID.
        """
        self._grant = grant
        self._epoch = epoch
        self._reconnecting = reconnecting
        self._channel = open_session_channel(grant, access)
        self._stub: Any = pb_grpc.SimulationServiceStub(self._channel)
        self._component = f"the rollout worker of session {grant.token[:8]}..."
        self._stream: Any = None
        self._writing = asyncio.Lock()
        self._start: pb.RunRequest | None = None
        self._decision: pb.RunRequest | None = None
        self._holding: pb.RunRequest | None = None
        self._cancel: pb.RunRequest | None = None
        self._answered = False
        self._over: SparringError | None = None

    async def start(self, plan: RolloutPlan, decision: Decision) -> None:
        """Begin. Whether the worker has taken the plan is told by `frames`."""
        self._component = f"rollout worker {plan.origin.rollout}"
        self._start = encode_start_rollout(self._grant.token, plan, decision, self._epoch)
        await self._begin(self._start)

    async def attach(self) -> None:
        """Take over a rollout worker that another governor started; all it has told is told again."""
        await self._begin(encode_attach_rollout(self._grant.token, self._epoch))

    async def decide(self, decision: Decision) -> None:
        """Say how it goes on."""
        self._decision = encode_decision(decision, self._epoch)
        await self._say(self._decision)

    async def pause(self) -> None:
        """Hold at the next step boundary; sessions are kept."""
        self._holding = encode_pause(self._epoch)
        await self._say(self._holding)

    async def resume(self) -> None:
        """Go on."""
        self._holding = encode_resume(self._epoch)
        await self._say(self._holding)

    async def cancel(self) -> None:
        """Stop at the next step boundary; the running episode is discarded."""
        self._cancel = encode_cancel(self._epoch)
        await self._say(self._cancel)

    async def lose(self, token: str, reason: str, message: str) -> None:
        """Say that a session of the rollout worker is lost for good."""
        await self._say(encode_session_lost(token, reason, message, self._epoch))

    async def frames(self) -> AsyncIterator[pb.RunResponse]:
        """Yield what the rollout worker tells; the last frame is `ended`.

        Raises:
            LostError: It is gone; reason SLOT_TAKEN if it never began.
            FailedPreconditionError: EPOCH_STALE, another governor owns the run.
            InvalidArgumentError: PLAN_INVALID.
        """
        attempts: Attempts | None = None
        while True:
            try:
                frame = await self._next()
                attempts = None
            except SparringError as error:
                if self._over is not None or not is_broken(error):
                    raise self._end(error) from error
                attempts = attempts or Attempts(self._reconnecting, time.monotonic() + self._reconnecting.budget_s)
                await self._come_back(error, attempts)
                continue
            self._answered = True
            if frame.WhichOneof("kind") != "attached":
                yield frame
            if frame.HasField("ended"):
                self._over = FailedPreconditionError("SESSION_CLOSED", f"{self._component} has ended.")
                return

    async def close(self) -> None:
        """Release the stream, without a farewell: the worker waits for a governor. May be called twice."""
        self._over = self._over or FailedPreconditionError("SESSION_CLOSED", f"{self._component} was left.")
        if self._stream is not None:
            self._stream.cancel()
        await self._channel.close()

    async def _begin(self, first: pb.RunRequest) -> None:
        async with self._writing:
            self._stream = self._stub.Run(metadata=(session_metadata(self._grant.token),))
            await self._write(first)

    async def _say(self, request: pb.RunRequest) -> None:
        """Send a request; where the stream is broken `frames` says it on the next one."""
        if self._over is not None:
            raise self._over
        async with self._writing:
            await self._write(request)

    async def _write(self, request: pb.RunRequest) -> None:
        if self._stream is None:
            raise FailedPreconditionError("NOT_STARTED", f"{self._component} begins with `start` or `attach`.")
        try:
            await self._stream.write(request)
        except SparringError:
            return  # why, and whether it can be mended, the reader finds out

    async def _next(self) -> pb.RunResponse:
        if self._over is not None:
            raise self._over
        if self._stream is None:
            raise FailedPreconditionError("NOT_STARTED", f"{self._component} begins with `start` or `attach`.")
        frame: pb.RunResponse | Any = await self._stream.read()
        if frame is grpc.aio.EOF:
            raise ended_early(self._component, "to the end")
        return frame

    async def _come_back(self, error: SparringError, attempts: Attempts) -> None:
        """Attach on another stream; a worker that never heard of its plan is given it again."""
        while True:
            try:
                await attempts.begin_soon(error)
                await self._begin(encode_attach_rollout(self._grant.token, self._epoch))
                await self._next()  # Attached
                break
            except SparringError as again:
                if again.reason == "SESSION_UNKNOWN" and self._start is not None and not self._answered:
                    await self._begin(self._start)
                    break
                if again is error or self._over is not None or not is_broken(again):
                    raise self._end(again) from again
                error = again
        async with self._writing:
            for request in (self._decision, self._holding, self._cancel):
                if request is not None:
                    await self._write(request)

    def _end(self, error: SparringError) -> SparringError:
        if self._over is None:
            self._over = session_error(error, self._component)
        if self._stream is not None:
            self._stream.cancel()
        return self._over
