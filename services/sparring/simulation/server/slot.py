"""A slot of the simulation service: the control stream in threads of its own, the step loop in the main thread."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import grpc

from sparring.api.simulation.v1 import simulation_service_pb2 as pb
from sparring.api.simulation.v1 import simulation_service_pb2_grpc as pb_grpc
from sparring.codec.plan import decode_plan
from sparring.codec.version import check_version
from sparring.host.slot_context import SlotContext
from sparring.rpc.limits import MESSAGE_SIZE_OPTIONS
from sparring.rpc.status import to_status
from sparring.simulation.control import Outcome, RolloutControl
from sparring.simulation.provider import SessionProvider
from sparring.simulation.rollout import Rollout
from sparring.simulation.server.run_frames import decode_decision
from sparring.simulation.server.session import RolloutSession
from sparring.types.errors import FailedPreconditionError, LostError, NotFoundError, SparringError

_STREAMS = 4
"""A living one, and some that are on their way out."""
GRACE_S = 2.0

_log = logging.getLogger(__name__)


class RunServicer(pb_grpc.SimulationServiceServicer):
    """Decode, hand over, encode: `Run` for the one rollout worker that a slot holds."""

    def __init__(self, context: SlotContext) -> None:
        self._context = context
        self._jobs: queue.Queue[RolloutSession] = queue.Queue(1)
        self._session: RolloutSession | None = None
        context.on_withdraw(self._withdraw)

    def next_job(self, timeout_s: float) -> RolloutSession | None:
        """Return a rollout worker to be run in the calling thread, or None if there is none yet."""
        try:
            return self._jobs.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def done(self, session: RolloutSession) -> None:
        """Forget a rollout worker that has ended."""
        self._session = None
        self._context.ended(session.token)

    def cancel(self) -> None:
        """Stop what runs."""
        if self._session is not None:
            self._session.control.cancel()

    def Run(self, request_iterator: Iterator[pb.RunRequest], context: Any) -> Iterator[pb.RunResponse]:
        """Serve one control stream."""
        try:
            self._context.authorize("Run", context.invocation_metadata())
            session = self._begin(next(request_iterator, None))
        except SparringError as error:
            _abort(context, error)
        reader = threading.Thread(
            target=self._read, args=(session, request_iterator, context), name="run-reader", daemon=True
        )
        reader.start()
        yield from session.frames()

    def _begin(self, first: pb.RunRequest | None) -> RolloutSession:
        kind = None if first is None else first.WhichOneof("kind")
        if first is not None and kind == "start":
            return self._start(first)
        if first is not None and kind == "attach":
            check_version(first.attach.version, "The governor")
            session = self._session
            if session is None or session.token != first.attach.token:
                raise NotFoundError("SESSION_UNKNOWN", "There is no such rollout worker here.")
            session.check_epoch(first.epoch)
            session.attach()
            return session
        raise FailedPreconditionError(
            "GRAMMAR_VIOLATED", f"A control stream begins with Start or Attach; found {kind}."
        )

    def _start(self, first: pb.RunRequest) -> RolloutSession:
        start = first.start
        check_version(start.version, "The governor")
        plan = decode_plan(start.plan, first.epoch)
        self._context.admit(start.token)
        session = RolloutSession(start.token, plan, decode_decision(start.decision))
        self._session = session
        self._context.opened(start.token, f"rollout {plan.origin.rollout} of phase {plan.phase_name}", plan.origin.run)
        self._jobs.put_nowait(session)
        return session

    def _read(self, session: RolloutSession, requests: Iterator[pb.RunRequest], context: Any) -> None:
        """Take in what the governor wants, until its stream ends."""
        try:
            for request in requests:
                session.check_epoch(request.epoch)
                _carry_out(session.control, request)
        except SparringError as error:
            context.set_code(grpc.StatusCode.FAILED_PRECONDITION)
            context.set_details(error.message)
            context.cancel()
        except grpc.RpcError:
            pass
        if self._session is session and not context.is_active():
            session.control.governor_lost()

    def _withdraw(self, token: str) -> None:
        session = self._session
        if session is not None and session.token == token:
            session.control.cancel()


class SimulationSlot:
    """The server of a slot's process."""

    def __init__(self, context: SlotContext, provider: Callable[[SlotContext], SessionProvider]) -> None:
        self._context = context
        self._provider = provider
        self._servicer = RunServicer(context)
        self._server = grpc.server(
            ThreadPoolExecutor(_STREAMS, thread_name_prefix="run"),
            options=[*MESSAGE_SIZE_OPTIONS, ("grpc.so_reuseport", 0)],
            maximum_concurrent_rpcs=_STREAMS,
        )
        pb_grpc.add_SimulationServiceServicer_to_server(self._servicer, self._server)

    def bind(self) -> int:
        """Listen; return the port."""
        address, credentials = self._context.configuration.address, self._context.server_credentials()
        port: int = (
            self._server.add_insecure_port(address)
            if credentials is None
            else self._server.add_secure_port(address, credentials)
        )
        self._server.start()
        return port

    def serve(self) -> None:
        """Run one rollout worker after the other in this thread."""
        stopper = threading.Thread(target=self._cancel_when_stopped, name="slot-stop", daemon=True)
        stopper.start()
        while not self._context.stop.is_set():
            session = self._servicer.next_job(0.2)
            if session is None:
                continue
            provider = self._provider(self._context)
            rollout = Rollout(session.plan, provider, session.control, session, session.gauge)
            outcome = rollout.run()
            _say_if_stale(session, outcome)
            session.ended(outcome)
            session.heard.wait(GRACE_S)  # the end of the session shall not overtake its last frame
            self._servicer.done(session)
        self._server.stop(GRACE_S).wait(GRACE_S)

    def _cancel_when_stopped(self) -> None:
        self._context.stop.wait()
        self._servicer.cancel()


def _say_if_stale(session: RolloutSession, outcome: Outcome) -> None:
    """Log that a rollout worker came back too late: the store has refused what it wanted to write."""
    if outcome.error is not None and outcome.error.reason == "EPOCH_STALE":
        origin = session.plan.origin
        _log.warning(
            "run %s: rollout worker %d of phase %d ends: another governor owns the run, nothing more was written",
            origin.run,
            origin.rollout,
            origin.phase,
        )


def _carry_out(control: RolloutControl, request: pb.RunRequest) -> None:
    match request.WhichOneof("kind"):
        case "decision":
            control.decide(decode_decision(request.decision))
        case "pause":
            control.pause()
        case "resume":
            control.resume()
        case "cancel":
            control.cancel()
        case "session_lost":
            lost = request.session_lost
            control.lose(lost.token, LostError(lost.reason, lost.message))
        case other:
            raise FailedPreconditionError("GRAMMAR_VIOLATED", f"{other} is not allowed after the first frame.")


def _abort(context: Any, error: SparringError) -> NoReturn:
    """End the stream with the error's status; never returns."""
    status = to_status(error)
    context.set_trailing_metadata((("grpc-status-details-bin", status.details),))
    context.abort(status.code, status.message)
    raise AssertionError("abort has returned")
