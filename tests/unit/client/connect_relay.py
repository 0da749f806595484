"""A hand-written relay: takes one HTTP CONNECT at a time and joins the bytes of both sides, unread."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading

SOON_S = 10.0


class ConnectRelay:
    """Joins what is connected to a target port. Use it as a context.

    Attributes:
        targets: What was asked for.
        credentials: What was shown for it.
    """

    def __init__(self, port: int) -> None:
        self.targets: list[str] = []
        self.credentials: list[str] = []
        self._to = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        self._open: list[socket.socket] = [self._server]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> ConnectRelay:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                self._open.append(client)
                self._join(client)

    def _join(self, client: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
        request, *headers = head.decode().split("\r\n")
        self.targets.append(request.split()[1])
        for header in headers:
            name, _, value = header.partition(": ")
            if name.lower() == "proxy-authorization":
                self.credentials.append(base64.b64decode(value.split()[1]).decode())
        target = socket.create_connection(("127.0.0.1", self._to), SOON_S)
        target.settimeout(None)
        self._open.append(target)
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for source, sink in ((client, target), (target, client)):
            threading.Thread(target=_copy, args=(source, sink), daemon=True).start()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
