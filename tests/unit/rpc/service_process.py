"""A service in a process of its own, as a `main` builds it; started by the tests of signals."""

import asyncio
import sys
from collections.abc import AsyncIterator

import grpc

from sparring.rpc import logs
from sparring.rpc.mounts import Mount
from sparring.rpc.server import running
from sparring.rpc.signals import stop_on_signal


async def serve(stopped: bool) -> None:
    logs.configure()
    stop = stop_on_signal()

    async def wait(request: bytes, context: object) -> AsyncIterator[bytes]:
        yield b"open"
        await stop.wait()
        yield b"stopped"

    handler = grpc.method_handlers_generic_handler("test.Echo", {"Wait": grpc.unary_stream_rpc_method_handler(wait)})
    mounts = [Mount((handler,), ("test.Echo",))]
    if stopped:
        stop.set()  # as if the signal had come before the server was there
    async with running("127.0.0.1:0", mounts, name="echo", stop=stop, drain_s=5.0, http_address="127.0.0.1:0"):
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(serve(stopped="stopped" in sys.argv))
