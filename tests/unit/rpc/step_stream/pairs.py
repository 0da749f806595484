"""Servers and channels for the tests, over each pair of transports, and handlers that answer."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from sparring.rpc.step_stream import ServerStream, StepChannel, StepServer, StreamHandler, transport
from sparring.rpc.step_stream.transport import Transport

METHOD: Final = "/tests.Step/Run"
SOON_S: Final = 10.0
"""How long a test waits for what ought to come at once."""

TRANSPORTS: Final[Mapping[str, Callable[[], Transport]]] = {"core": transport.core, "plain": lambda: transport.PLAIN}


def echo(stream: ServerStream) -> None:
    """Answer each message with itself."""
    message = stream.receive(SOON_S)
    while message is not None:
        message = stream.answer_and_receive(message, SOON_S)


class Pair:
    """A client's and a server's transport, and what was made with them."""

    def __init__(self, client: str, server: str, resources: contextlib.ExitStack) -> None:
        self.client = TRANSPORTS[client]()
        self.server = TRANSPORTS[server]()
        self._resources = resources

    def serve(self, handler: StreamHandler = echo, **options: Any) -> StepServer:
        """Start a server that answers METHOD in a thread per stream; stopped when the test is over."""
        server = self.prepare(handler, **options)
        server.start()
        return server

    def prepare(self, handler: StreamHandler = echo, **options: Any) -> StepServer:
        """Make a server; stopped when the test is over."""
        server = StepServer({METHOD: handler}, transport=self.server, **options)
        self._resources.callback(server.stop, 0.0)
        return server

    def connect(self, server: StepServer, **options: Any) -> StepChannel:
        """Make a channel to the server; closed when the test is over."""
        return self._resources.enter_context(
            StepChannel(f"127.0.0.1:{server.bind()}", transport=self.client, **options)
        )

    def channel(self, handler: StreamHandler = echo) -> StepChannel:
        """Start a server and make a channel to it."""
        return self.connect(self.serve(handler))
