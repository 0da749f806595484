"""An environment server as somebody else writes one: plain grpc, sessions that count, no word of a broker."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.api.environment.v1 import environment_service_pb2_grpc as pb_grpc
from sparring.api.space.v1 import session_pb2

VERSION = session_pb2.ProtocolVersion(major=1)


class ForeignServer(pb_grpc.EnvironmentServiceServicer):
    """Use it as a context.

    Attributes:
        address: host:port.
        open: How many sessions there are now.
    """

    def __init__(self, capacity: int) -> None:
        self.open = 0
        self._capacity = capacity
        self._lock = threading.Lock()
        self._server = grpc.server(ThreadPoolExecutor(8))
        self._health = health.HealthServicer()
        pb_grpc.add_EnvironmentServiceServicer_to_server(self, self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self) -> ForeignServer:
        self.be(health_pb2.HealthCheckResponse.SERVING)
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(0.0).wait()

    def be(self, status: Any) -> None:
        """Be healthy, or not."""
        self._health.set("", status)

    def Describe(self, request: pb.DescribeRequest, context: Any) -> pb.DescribeResponse:
        return pb.DescribeResponse(version=VERSION, capacity=self._capacity, offered=["counter"])

    def Session(self, request_iterator: Iterator[pb.SessionRequest], context: Any) -> Iterator[pb.SessionResponse]:
        with self._lock:
            self.open += 1
        count = 0
        try:
            for request in request_iterator:
                answer = pb.SessionResponse(sequence=request.sequence)
                match request.WhichOneof("kind"):
                    case "start":
                        answer.started.version.CopyFrom(VERSION)
                    case "update":
                        count += 1
                        answer.updated.time.ticks.append(count)
                    case "shutdown":
                        answer.shut_down.SetInParent()
                yield answer
        finally:
            with self._lock:
                self.open -= 1
