"""The other end of a stream, as a process of its own: `peer_process.py server|client TRANSPORT ...`."""

import ctypes
import signal
import sys
import threading

import sparring.rpc.grpc_environment  # noqa: F401 - before grpc, as in every process of ours
from sparring.rpc.step_stream import ServerStream, StepChannel, StepServer
from tests.unit.rpc.step_stream.pairs import METHOD, SOON_S, TRANSPORTS, echo

HOLD_US = 700_000


def hold_the_interpreter(stream: ServerStream) -> None:
    """Answer each message after a while in which no other thread of this process can run, as some simulators do."""
    message = stream.receive()
    while message is not None:
        ctypes.PyDLL(None).usleep(HOLD_US)  # PyDLL keeps the interpreter's lock
        message = stream.answer_and_receive(message)


def serve(transport: str, behaviour: str) -> None:
    """Serve in the main thread until SIGTERM, and print the port."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    handler = {"echo": echo, "hold": hold_the_interpreter}[behaviour]
    server = StepServer({METHOD: handler}, transport=TRANSPORTS[transport]())
    say(str(server.bind()))
    server.serve(stop, grace_s=0.1)
    say("served")


def ask(transport: str, port: str) -> None:
    """Exchange one message, say so, and wait for one that never comes."""
    channel = StepChannel(f"127.0.0.1:{port}", transport=TRANSPORTS[transport]())
    with channel, channel.open_stream(METHOD) as stream:
        say(repr(stream.exchange(b"question", SOON_S)))
        stream.receive(None)


def say(line: str) -> None:
    """Tell the test, which reads our output."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    {"server": serve, "client": ask}[sys.argv[1]](*sys.argv[2:])
