"""How step streams end out of order, over each pair of transports."""

import logging
import threading

import pytest

from sparring.rpc.step_stream import Metadata, ServerStream
from sparring.types.errors import (
    AuthorError,
    ExhaustedError,
    FailedPreconditionError,
    InternalError,
    InvalidArgumentError,
    LostError,
    NotFoundError,
    SparringError,
    UnauthenticatedError,
    UnavailableError,
)
from tests.support.eventually import eventually_sync
from tests.unit.rpc.step_stream.pairs import METHOD, SOON_S, Pair, echo


class Ends:
    """A handler that notes how its streams end."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.errors: list[SparringError] = []

    def __call__(self, stream: ServerStream) -> None:
        self.begun.release()
        try:
            echo(stream)
        except SparringError as error:
            self.errors.append(error)
            raise

    def reasons(self) -> list[str]:
        return [error.reason for error in self.errors]


@pytest.mark.parametrize(
    "error",
    [
        NotFoundError("NO_SUCH_ENVIRONMENT", "There is no environment grid.", environment="grid"),
        AuthorError("UPDATE_RAISED", "update raised at step 3: ä ∞", component="grid", step=3),
        LostError("WORKER_LOST", "The worker is gone."),
        ExhaustedError("SLOT_TAKEN", "Taken.", retry_after_ms=20),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_of_the_handler_arrives_as_it_was_raised(pair: Pair, error: SparringError) -> None:
    def fail(stream: ServerStream) -> None:
        stream.receive(SOON_S)
        raise error

    with pair.channel(fail).open_stream(METHOD) as stream:
        for wait in (lambda: stream.exchange(b"question", SOON_S), lambda: stream.receive(SOON_S)):
            with pytest.raises(type(error)) as caught:
                wait()
            assert (caught.value.reason, str(caught.value)) == (error.reason, str(error))
            assert caught.value.metadata == error.metadata
        for late in (stream.send, stream.ask):
            with pytest.raises(type(error)):
                late(b"late")


def test_the_text_of_any_other_exception_stays_here(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    def fail(stream: ServerStream) -> None:
        raise ValueError("the secret")

    with caplog.at_level(logging.ERROR), pair.channel(fail).open_stream(METHOD) as stream:
        with pytest.raises(InternalError) as caught:
            stream.receive(SOON_S)
        assert "secret" not in str(caught.value)
    assert "the secret" in caplog.text


def test_an_unknown_method_is_refused_with_the_known_ones(pair: Pair) -> None:
    with pair.channel().open_stream("/tests.Step/Walk") as stream, pytest.raises(InvalidArgumentError) as caught:
        stream.receive(SOON_S)
    assert caught.value.reason == "UNIMPLEMENTED"
    assert "/tests.Step/Walk is not served here; these are: /tests.Step/Run" in str(caught.value)


def test_who_is_not_authorized_never_meets_the_handler(pair: Pair) -> None:
    ends = Ends()

    def demand_token(method: str, metadata: Metadata) -> None:
        if (method, dict(metadata).get("authorization")) != (METHOD, "Bearer right"):
            raise UnauthenticatedError("TOKEN_WRONG", "Show the right token.")

    channel = pair.connect(pair.serve(ends, authorize=demand_token))
    with channel.open_stream(METHOD, (("authorization", "Bearer wrong"),)) as stream:
        with pytest.raises(UnauthenticatedError) as caught:
            stream.receive(SOON_S)
        assert caught.value.reason == "TOKEN_WRONG"
    with channel.open_stream(METHOD, (("authorization", "Bearer right"),)) as stream:
        assert stream.exchange(b"question", SOON_S) == b"question"
    assert ends.begun.acquire(blocking=False)
    assert not ends.begun.acquire(blocking=False)


def test_cancelling_from_another_thread_ends_a_blocked_wait_on_both_sides(pair: Pair) -> None:
    ends = Ends()
    with pair.channel(ends).open_stream(METHOD) as stream:
        canceller = threading.Thread(target=lambda: (ends.begun.acquire(timeout=SOON_S), stream.cancel()))
        canceller.start()
        with pytest.raises(LostError) as caught:
            stream.receive(SOON_S)
        assert caught.value.reason == "STREAM_CANCELLED"
        canceller.join()
        with pytest.raises(LostError):
            stream.ask(b"late")
    eventually_sync(lambda: ends.reasons() == ["STREAM_BROKEN"])


def test_closing_an_open_stream_breaks_it_off(pair: Pair) -> None:
    ends = Ends()
    stream = pair.channel(ends).open_stream(METHOD)
    assert stream.exchange(b"question", SOON_S) == b"question"
    stream.close()
    stream.close()
    eventually_sync(lambda: ends.reasons() == ["STREAM_BROKEN"])


def test_closing_the_channel_breaks_off_its_streams(pair: Pair) -> None:
    ends = Ends()
    channel = pair.channel(ends)
    with channel.open_stream(METHOD) as stream:
        assert stream.exchange(b"question", SOON_S) == b"question"
        channel.close()
        channel.close()
        with pytest.raises(LostError):
            stream.receive(SOON_S)
    eventually_sync(lambda: ends.reasons() == ["STREAM_BROKEN"])
    with pytest.raises(FailedPreconditionError) as caught:
        channel.open_stream(METHOD)
    assert caught.value.reason == "CHANNEL_CLOSED"


def test_the_server_may_cancel_a_stream_from_another_thread(pair: Pair) -> None:
    ends = Ends()
    streams: list[ServerStream] = []

    def note(stream: ServerStream) -> None:
        streams.append(stream)
        ends(stream)

    with pair.channel(note).open_stream(METHOD) as stream:
        assert stream.exchange(b"question", SOON_S) == b"question"
        streams[0].cancel()
        with pytest.raises(LostError) as caught:
            stream.receive(SOON_S)
        assert caught.value.reason == "STREAM_BROKEN"
    eventually_sync(lambda: ends.reasons() == ["STREAM_BROKEN"])


def test_a_handler_sees_between_messages_that_its_client_is_gone(pair: Pair) -> None:
    asked, gone, seen = threading.Event(), threading.Event(), threading.Event()

    def work(stream: ServerStream) -> None:
        assert stream.receive(SOON_S) == b"question"
        assert stream.alive
        asked.set()
        gone.wait(SOON_S)
        eventually_sync(lambda: not stream.alive)
        with pytest.raises(LostError):
            stream.answer_and_receive(b"answer")
        seen.set()

    with pair.channel(work).open_stream(METHOD) as stream:
        stream.ask(b"question")
        assert asked.wait(SOON_S)
    gone.set()
    assert seen.wait(SOON_S)


def test_a_message_sent_just_before_the_client_goes_is_still_received(pair: Pair) -> None:
    received: list[bytes | None] = []
    gone, done = threading.Event(), threading.Event()

    def work(stream: ServerStream) -> None:
        received.append(stream.peek(SOON_S))
        gone.wait(SOON_S)
        received.append(stream.receive(SOON_S))
        with pytest.raises(LostError):
            stream.receive(SOON_S)
        done.set()

    with pair.channel(work).open_stream(METHOD) as stream:
        stream.send(b"last")
        eventually_sync(lambda: received == [b"last"])
    gone.set()
    assert done.wait(SOON_S)
    assert received == [b"last", b"last"]


def test_where_nobody_listens_the_server_is_called_unreachable(pair: Pair) -> None:
    server = pair.serve()
    channel = pair.connect(server)
    server.stop(0.0)
    for _ in range(2):
        with channel.open_stream(METHOD) as stream, pytest.raises(UnavailableError) as caught:
            stream.exchange(b"question", SOON_S)
        assert caught.value.reason == "SERVER_UNREACHABLE"


def test_a_server_that_comes_back_at_its_address_is_found_by_a_new_channel(pair: Pair) -> None:
    first = pair.serve()
    port = first.bind()
    with pair.connect(first).open_stream(METHOD) as stream:
        assert stream.exchange(b"question", SOON_S) == b"question"
    first.stop(0.0)
    second = pair.serve(address=f"127.0.0.1:{port}")
    with pair.connect(second).open_stream(METHOD) as stream:
        assert stream.exchange(b"question", SOON_S) == b"question"


def test_an_address_that_is_taken_is_named(pair: Pair) -> None:
    port = pair.serve().bind()
    with pytest.raises(FailedPreconditionError) as caught:
        pair.prepare(address=f"127.0.0.1:{port}").bind()
    assert caught.value.reason == "ADDRESS_NOT_FREE"
    assert str(port) in str(caught.value)


def test_a_forgotten_stream_warns_and_breaks_off(pair: Pair) -> None:
    ends = Ends()
    channel = pair.channel(ends)
    with pytest.warns(ResourceWarning, match="was not closed"):
        channel.open_stream(METHOD)
    with channel.open_stream(METHOD) as stream:
        assert stream.exchange(b"question", SOON_S) == b"question"
