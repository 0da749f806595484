"""A wire between a client and a slot that can be cut."""

import contextlib
import socket
import threading

SOON_S = 10.0


class Wire:
    """Joins whoever connects to a target port, until cut; then whoever connects again. Use it as a context.

    Attributes:
        address: host:port to connect to.
        joined: How many connections were joined.
    """

    def __init__(self, target: str) -> None:
        self.joined = 0
        self._port = int(target.rpartition(":")[2])
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def cut(self) -> None:
        """Break all connections."""
        ends, self._open = self._open, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.cut()
        for thread in self._threads:
            thread.join(SOON_S)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                target = socket.create_connection(("127.0.0.1", self._port), SOON_S)
                target.settimeout(None)
                self._open += [client, target]
                self.joined += 1
                for source, sink in ((client, target), (target, client)):
                    thread = threading.Thread(target=_copy, args=(source, sink), daemon=True)
                    self._threads.append(thread)
                    thread.start()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
