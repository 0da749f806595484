"""What one side sees when the other is a process that dies, or that holds its interpreter."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from sparring.rpc.grpc_environment import child_environment
from sparring.rpc.step_stream import ServerStream, StepChannel
from sparring.types.errors import DeadlineError, ExhaustedError, LostError, UnavailableError
from tests.support.eventually import eventually_sync
from tests.unit.rpc.step_stream.pairs import METHOD, SOON_S, TRANSPORTS, Pair, echo


@contextlib.contextmanager
def peer(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the other end; give the process and the first line that it prints."""
    environment = {**child_environment(os.environ), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "tests.unit.rpc.step_stream.peer_process", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=environment, **pipes) as process:  # type: ignore[call-overload]
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_server_that_is_killed_is_lost_at_once(pair: Pair) -> None:
    with (
        peer("server", pair.server.name, "echo") as (process, port),
        StepChannel(f"127.0.0.1:{port}", transport=pair.client) as channel,
        channel.open_stream(METHOD) as stream,
    ):
        assert stream.exchange(b"question", SOON_S) == b"question"
        killer = threading.Thread(target=lambda: os.kill(process.pid, signal.SIGKILL))
        killer.start()
        with pytest.raises(LostError) as caught:
            stream.receive(SOON_S)
        assert caught.value.reason == "STREAM_BROKEN"
        killer.join()
        with pytest.raises(LostError):
            stream.ask(b"question")


def test_a_server_that_is_stopped_costs_a_deadline_and_goes_on_where_it_was(pair: Pair) -> None:
    with (
        peer("server", pair.server.name, "echo") as (process, port),
        StepChannel(f"127.0.0.1:{port}", transport=pair.client) as channel,
        channel.open_stream(METHOD) as stream,
    ):
        assert stream.exchange(b"question", SOON_S) == b"question"
        os.kill(process.pid, signal.SIGSTOP)
        with pytest.raises(DeadlineError):
            stream.exchange(b"next", 0.1)
        os.kill(process.pid, signal.SIGCONT)
        assert stream.receive(SOON_S) == b"next"


def test_a_client_that_is_killed_is_lost_to_the_handler(pair: Pair) -> None:
    lost = threading.Event()

    def note(stream: ServerStream) -> None:
        try:
            echo(stream)
        except LostError:
            lost.set()
            raise

    port = pair.serve(note).bind()
    with peer("client", pair.client.name, str(port)) as (process, answer):
        assert answer == repr(b"question")
        assert not lost.is_set()
        os.kill(process.pid, signal.SIGKILL)
        assert lost.wait(SOON_S)


def test_a_slot_that_is_told_to_stop_cancels_its_stream_and_ends_in_order(pair: Pair) -> None:
    with (
        peer("server", pair.server.name, "echo") as (process, port),
        StepChannel(f"127.0.0.1:{port}", transport=pair.client) as channel,
        channel.open_stream(METHOD) as stream,
    ):
        assert stream.exchange(b"question", SOON_S) == b"question"
        process.terminate()
        with pytest.raises(LostError):
            stream.receive(SOON_S)
        assert process.communicate(timeout=SOON_S) == ("served\n", "")
        assert process.returncode == 0


def test_an_interrupt_ends_a_slot_in_the_middle_of_a_wait(pair: Pair) -> None:
    with (
        peer("server", pair.server.name, "echo") as (process, port),
        StepChannel(f"127.0.0.1:{port}", transport=pair.client) as channel,
        channel.open_stream(METHOD) as stream,
    ):
        assert stream.exchange(b"question", SOON_S) == b"question"
        process.send_signal(signal.SIGINT)
        with pytest.raises((LostError, UnavailableError)):
            stream.receive(SOON_S)
        _, complaint = process.communicate(timeout=SOON_S)
        assert complaint.splitlines()[-1] == "KeyboardInterrupt"


def test_an_interrupt_ends_a_client_in_the_middle_of_a_wait(pair: Pair) -> None:
    lost = threading.Event()

    def note(stream: ServerStream) -> None:
        try:
            echo(stream)
        except LostError:
            lost.set()
            raise

    with peer("client", pair.client.name, str(pair.serve(note).bind())) as (process, answer):
        assert answer == repr(b"question")
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=SOON_S)
        assert complaint.splitlines()[-1] == "KeyboardInterrupt"
        assert lost.wait(SOON_S)


def test_a_server_that_holds_its_interpreter_breaks_nothing(pair: Pair) -> None:
    with (
        peer("server", pair.server.name, "hold") as (_, port),
        StepChannel(f"127.0.0.1:{port}", transport=pair.client) as channel,
        channel.open_stream(METHOD) as stream,
    ):
        with pytest.raises(DeadlineError):
            stream.exchange(b"slow", 0.1)
        assert stream.receive(SOON_S) == b"slow"
        assert stream.exchange(b"again", SOON_S) == b"again"


def test_a_thousand_streams_leave_nothing_behind(transport: str) -> None:
    cycles = {"core": 1000, "plain": 200}[transport]
    with peer("server", transport, "echo") as (process, port):

        def held() -> int:
            return threading.active_count() + len(os.listdir("/proc/self/fd"))

        def held_there() -> int:
            return sum(len(os.listdir(f"/proc/{process.pid}/{kind}")) for kind in ("task", "fd"))

        def cycle(count: int, orderly: bool) -> None:
            with StepChannel(f"127.0.0.1:{port}", transport=TRANSPORTS[transport]()) as channel:
                for _ in range(count):
                    with channel.open_stream(METHOD) as stream:
                        assert stream.exchange(b"question", SOON_S) == b"question"
                        if orderly:
                            stream.done_sending()
                            assert stream.receive(SOON_S) is None

        cycle(50, orderly=True)
        before, before_there = held(), held_there()
        cycle(cycles, orderly=True)
        for _ in range(20):
            eventually_sync(lambda: cycle(1, orderly=False) or True, retry_on=(ExhaustedError,))
        eventually_sync(lambda: held() <= before, message="threads and files of the client")
        # gRPC's own pool of threads grows and shrinks by a few as it likes
        eventually_sync(lambda: held_there() <= before_there + 10, message="threads and files of the server")
