"""How a step channel reaches its server: through a relay, over TLS, around the proxies of the environment."""

import base64
import contextlib
import socket
import subprocess
import threading
from pathlib import Path

import grpc
import pytest

from sparring.rpc.step_stream import StepChannel
from sparring.types.errors import SparringError, UnavailableError
from tests.unit.rpc.step_stream.pairs import METHOD, SOON_S, Pair

SESSION = "session-7.relay"


class Relay:
    """A splice by HTTP CONNECT for one connection, as the broker's relay makes it."""

    def __init__(self, target_port: int, answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n") -> None:
        self.request = b""
        self._target_port = target_port
        self._answer = answer
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(SOON_S)
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._splice)
        self._thread.start()

    def close(self) -> None:
        self._server.close()
        self._thread.join(SOON_S)

    def _splice(self) -> None:
        with self._server.accept()[0] as near, socket.create_connection(("127.0.0.1", self._target_port)) as far:
            while b"\r\n\r\n" not in self.request:
                self.request += near.recv(4096)
            near.sendall(self._answer)
            there = threading.Thread(target=_pour, args=(near, far))
            there.start()
            _pour(far, near)
            there.join(SOON_S)


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[bytes, bytes]:
    """A key and a certificate for localhost, good for a day."""
    key, chain = tmp_path / "key.pem", tmp_path / "chain.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost"
    arguments = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(chain)]
    subprocess.run([*command.split(), *arguments], check=True, capture_output=True)
    return key.read_bytes(), chain.read_bytes()


@pytest.fixture
def proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that wants everything to go through a proxy that is not there."""
    for name in ("http_proxy", "https_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("no_proxy", "no_grpc_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_a_stream_goes_through_the_relay_by_the_name_of_its_session(pair: Pair) -> None:
    relay = Relay(pair.serve().bind())
    channel = StepChannel(SESSION, transport=pair.client, http_proxy=f"http://session:token@127.0.0.1:{relay.port}")
    with channel, channel.open_stream(METHOD) as stream:
        for message in (b"question", bytes(300_000)):
            assert stream.exchange(message, SOON_S) == message
    relay.close()
    lines = relay.request.decode().split("\r\n")
    assert lines[0].startswith(f"CONNECT {SESSION}")
    assert f"Proxy-Authorization: Basic {base64.b64encode(b'session:token').decode()}" in lines


def test_a_relay_that_refuses_leaves_the_server_unreachable(pair: Pair) -> None:
    relay = Relay(pair.serve().bind(), b"HTTP/1.1 403 Forbidden\r\n\r\n")
    channel = StepChannel(SESSION, transport=pair.client, http_proxy=f"http://127.0.0.1:{relay.port}")
    with channel, channel.open_stream(METHOD) as stream, pytest.raises(UnavailableError) as caught:
        stream.exchange(b"question", SOON_S)
    relay.close()
    assert caught.value.reason == "SERVER_UNREACHABLE"


@pytest.mark.usefixtures("proxies")
def test_proxies_of_the_environment_are_not_for_steps(pair: Pair) -> None:
    with pair.channel().open_stream(METHOD) as stream:
        assert stream.exchange(b"question", SOON_S) == b"question"


def test_a_stream_over_tls_needs_the_right_certificate(pair: Pair, certificate: tuple[bytes, bytes]) -> None:
    server = pair.serve(credentials=grpc.ssl_server_credentials([certificate]))
    trusting = grpc.ssl_channel_credentials(root_certificates=certificate[1])
    with pair.connect(server, credentials=trusting).open_stream(METHOD) as stream:
        assert stream.exchange(b"question", SOON_S) == b"question"
    for wrong in (None, grpc.ssl_channel_credentials()):
        with pair.connect(server, credentials=wrong).open_stream(METHOD) as stream, pytest.raises(SparringError):
            stream.exchange(b"question", SOON_S)


def test_options_reach_grpc(pair: Pair) -> None:
    channel = pair.connect(pair.serve(), options=(("grpc.max_receive_message_length", 10),))
    with channel.open_stream(METHOD) as stream, pytest.raises(SparringError) as caught:
        stream.exchange(bytes(11), SOON_S)
    assert caught.value.reason == "MESSAGE_TOO_LARGE"
