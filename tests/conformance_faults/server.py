"""The good server: plain grpc and generated stubs, nothing else of ours; with one fault, if asked for.

`FAULT=name python -m tests.conformance_faults.server` serves it and prints its port.
"""

import json
import os
import secrets
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.api.environment.v1 import environment_service_pb2_grpc as pb_grpc
from sparring.api.space.v1 import declaration_pb2
from tests.conformance_faults.faults import ALL
from tests.conformance_faults.session import MAX_LANES, Fatal, Session, attached, declared

NAME = "levels"
CAPACITY = 2
LINGER_S = 2.0
LIMIT_BYTES = 1 << 20
"""Of messages; the protocol's is 64 MiB, which takes half a second to send."""
GARBAGE = b"\xff\xff\xff\xff no message"
SERVICE = "sparring.api.environment.v1.EnvironmentService"


class GoodServer(pb_grpc.EnvironmentServiceServicer):
    """Good, but for `fault`."""

    def __init__(self, fault: str = "", capabilities: tuple[str, ...] = ALL) -> None:
        self._fault = fault
        self._capabilities = capabilities
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._dead = False
        self._ended: dict[str, Session] = {}

    def Describe(self, request: pb.DescribeRequest, context: Any) -> pb.DescribeResponse:
        """Say what is offered."""
        try:
            if self._fault != "describe_knows_everything":
                self._check(request.environment)
            if self._fault == "describe_takes_slot" and len(self._sessions) >= CAPACITY:
                raise Fatal("RESOURCE_EXHAUSTED", "SLOT_TAKEN", "All slots are taken.")
        except Fatal as fatal:
            self._abort(context, fatal)
        many = "lanes" in self._capabilities
        response = pb.DescribeResponse(
            capabilities=self._capabilities,
            capacity=0 if self._fault == "capacity_zero" else CAPACITY,
            max_lanes=MAX_LANES if many else 1,
            offered=[NAME],
        )
        response.version.major = 1
        found: pb.DescribeResponse = declared(response, self._fault)
        return found

    def session(self, requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
        """Serve one stream."""
        gone = threading.Event()
        context.add_callback(gone.set)
        stream = object()
        session: Session | None = None
        limited = context.time_remaining() is not None and context.time_remaining() < 60
        try:
            for data in requests:
                request = self._parse(data, gone)
                if session is None:
                    session, answer = self._open(request, stream)
                elif self._fault == "hangs" and request.WhichOneof("kind") == "update":
                    gone.wait(60)
                    return
                else:
                    answer = session.answer(request)
                    if self._fault == "answer_garbled" and request.WhichOneof("kind") == "update":
                        answer = GARBAGE
                over = request.WhichOneof("kind") == "shutdown"
                if over and self._fault != "slot_kept":
                    self._release(session)
                if over and self._fault == "shutdown_silent":
                    return
                yield answer
                if over:
                    session = None
                    return
            if self._fault == "half_close_ignored":
                gone.wait(60)
            # grpc tells a cancelled stream from a half-closed one a moment later.
            if gone.wait(0.1) and self._fault != "half_close_ignored":
                self._broken(session, stream, limited)
            elif session is not None:
                self._release(session)
        except Fatal as fatal:
            if session is not None:
                self._release(session)
            self._abort(context, fatal)
        except grpc.RpcError:
            self._broken(session, stream, limited)
        finally:
            if gone.is_set() and session is not None:
                self._broken(session, stream, limited)

    def _broken(self, session: Session | None, stream: object, limited: bool) -> None:
        """Suspend, or end, the session of a stream that broke."""
        if session is None or session.stream is not stream or session.token not in self._sessions:
            return
        session.stream, session.lost_at = None, time.monotonic()
        kept = self._fault == ("deadline_ignored" if limited else "cancel_ignored")
        if "resume" not in self._capabilities and not kept:
            self._release(session)

    def _parse(self, data: bytes, gone: threading.Event) -> pb.SessionRequest:
        try:
            request = pb.SessionRequest.FromString(data)
        except DecodeError:
            if self._fault == "garbage_swallowed":
                gone.wait(60)
            self._dead = self._fault == "garbage_deadly"
            raise Fatal("INVALID_ARGUMENT", "FRAME_MALFORMED", f"{len(data)} bytes that are no request.") from None
        if self._fault == "unknown_refused" and b"\xc0\x3e\x01" in data:
            raise Fatal("INVALID_ARGUMENT", "FRAME_MALFORMED", "Field 1000 is not known.")
        return request

    def _open(self, request: pb.SessionRequest, stream: object) -> tuple[Session, bytes]:
        kind = request.WhichOneof("kind")
        if kind == "attach" and ("resume" in self._capabilities or self._fault == "attach_invented"):
            return self._attach(request.attach.token, stream)
        if kind == "update" and self._fault == "update_first":
            request.start.CopyFrom(pb.Start(token="x", episode_seeds=[1]))
            request.start.version.major = 1
            kind = "start"
        if kind != "start" or request.sequence != 1:
            raise Fatal("FAILED_PRECONDITION", "GRAMMAR_VIOLATED", f"A session begins with Start; found {kind}.")
        start = request.start
        if start.version.major != 1 and self._fault != "version_ignored":
            named = f"You speak {start.version.major}.{start.version.minor}, this server 1.0."
            message = "" if self._fault == "status_nameless" else named
            raise Fatal("FAILED_PRECONDITION", "VERSION_MISMATCH", message)
        if (start.version.minor or "telepathy" in start.capabilities) and self._fault == "version_picky":
            raise Fatal("FAILED_PRECONDITION", "VERSION_MISMATCH", "This server speaks 1.0 and nothing else.")
        self._check(start.environment)
        most = 1 if "lanes" not in self._capabilities or self._fault == "lanes_refused" else MAX_LANES
        if (start.lanes or 1) > most and self._fault not in ("lanes_invented", "lanes_unlimited"):
            raise Fatal("INVALID_ARGUMENT", "LANES_MISMATCH", f"{start.lanes} lanes; at most {most}.")
        with self._lock:
            self._purge()
            if (len(self._sessions) >= CAPACITY and self._fault != "no_limit") or self._dead:
                code = "UNAVAILABLE" if self._fault == "limit_misnamed" or self._dead else "RESOURCE_EXHAUSTED"
                raise Fatal(code, "SLOT_TAKEN", f"All {CAPACITY} slots are taken.")
            others = [one.worlds for one in self._sessions.values()]
            shared = others[0] if others and self._fault == "world_shared" else []
            session = Session(start, self._capabilities, self._fault, shared)
            session.stream = stream
            self._sessions[session.token] = session
        return session, session.started()

    def _attach(self, token: str, stream: object) -> tuple[Session, bytes]:
        if self._fault == "attach_missing":
            raise Fatal("UNIMPLEMENTED", "UNIMPLEMENTED", "Attach is not implemented.")
        found = self._sessions.get(token) or self._ended.get(token)
        if found is None and self._fault == "attach_by_anybody":
            found = next(iter(self._sessions.values()), None)
        if found is None and self._fault == "attach_invented":
            found = Session(pb.Start(token=secrets.token_hex(4), episode_seeds=[1]), (), "", [])
        if found is None:
            raise Fatal("NOT_FOUND", "SESSION_UNKNOWN", "There is no such session here.")
        found.stream = stream
        return found, attached(found, self._fault)

    def _check(self, component: declaration_pb2.Component) -> None:
        if component.name not in ("", NAME):
            raise Fatal("NOT_FOUND", "ENVIRONMENT_UNKNOWN", f"There is no {component.name!r} here, only {NAME!r}.")
        if component.parameters.data and self._fault != "parameters_unchecked":
            try:
                found = json.loads(component.parameters.data)
            except ValueError:
                found = None
            if not isinstance(found, dict):
                raise Fatal("INVALID_ARGUMENT", "PARAMETERS_INVALID", "The parameters are no JSON object.")

    def _release(self, session: Session) -> None:
        with self._lock:
            self._sessions.pop(session.token, None)
            if self._fault == "attach_after_shutdown":
                self._ended[session.token] = session

    def _purge(self) -> None:
        """Forget sessions that nobody came back to."""
        if self._fault in ("cancel_ignored", "deadline_ignored", "slot_kept"):
            return
        now = time.monotonic()
        late = [one.token for one in self._sessions.values() if one.stream is None and now > one.lost_at + LINGER_S]
        for token in late:
            del self._sessions[token]

    @staticmethod
    def _abort(context: Any, fatal: Fatal) -> None:
        context.abort(getattr(grpc.StatusCode, fatal.code), fatal.message)


@contextmanager
def serving(fault: str = "", capabilities: tuple[str, ...] = ALL) -> Iterator[str]:
    """Serve for the length of the block; yields host:port."""
    most = -1 if fault == "oversized_taken" else LIMIT_BYTES
    server = grpc.server(ThreadPoolExecutor(32), options=[("grpc.max_receive_message_length", most)])
    servicer = GoodServer(fault, capabilities)
    methods = {
        "Describe": grpc.unary_unary_rpc_method_handler(
            servicer.Describe,
            pb.DescribeRequest.FromString,
            (lambda _: GARBAGE) if fault == "describe_garbled" else pb.DescribeResponse.SerializeToString,
        ),
        "Session": grpc.stream_stream_rpc_method_handler(servicer.session),
    }
    if fault == "describe_missing":
        del methods["Describe"]
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
    if fault != "health_missing":
        status = health_pb2.HealthCheckResponse.SERVING
        checks = health.HealthServicer()
        checks.set("", health_pb2.HealthCheckResponse.NOT_SERVING if fault == "health_not_serving" else status)
        health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    names = () if fault == "reflection_wrong" else (SERVICE,)
    reflection.enable_server_reflection((*names, reflection.SERVICE_NAME), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(0).wait(5)


if __name__ == "__main__":
    with serving(os.environ.get("FAULT", "")) as address:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
        threading.Event().wait()
