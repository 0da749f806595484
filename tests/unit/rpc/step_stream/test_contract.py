"""What a step stream does in order, over each pair of transports."""

import threading

import pytest

from sparring.rpc.limits import MAX_MESSAGE_BYTES
from sparring.rpc.step_stream import ServerStream, unary
from sparring.types.errors import DeadlineError, FailedPreconditionError, InternalError, InvalidArgumentError
from tests.unit.rpc.step_stream.pairs import METHOD, SOON_S, Pair


@pytest.mark.parametrize("message", [b"", b"\x00", b"step", bytes(100_000)], ids=len)
def test_an_exchange_gives_the_answer_to_the_message(pair: Pair, message: bytes) -> None:
    with pair.channel().open_stream(METHOD) as stream:
        assert stream.exchange(message, SOON_S) == message


def test_answers_come_in_the_order_of_the_questions(pair: Pair) -> None:
    with pair.channel().open_stream(METHOD) as stream:
        assert [stream.exchange(b"%d" % step, SOON_S) for step in range(300)] == [b"%d" % step for step in range(300)]


def test_several_streams_are_asked_before_the_first_is_heard(pair: Pair) -> None:
    met = threading.Barrier(2)

    def meet(stream: ServerStream) -> None:
        message = stream.receive(SOON_S)
        met.wait(SOON_S)  # fails unless both sides work at the same time
        assert message is not None
        stream.send(message)

    channel = pair.channel(meet)
    with channel.open_stream(METHOD) as left, channel.open_stream(METHOD) as right:
        left.ask(b"left")
        right.ask(b"right")
        assert (left.receive(SOON_S), right.receive(SOON_S)) == (b"left", b"right")


def test_messages_need_no_answers(pair: Pair) -> None:
    def add(stream: ServerStream) -> None:
        total = 0
        while (message := stream.receive(SOON_S)) is not None:
            total += int(message)
        stream.send(b"%d" % total)

    with pair.channel(add).open_stream(METHOD) as stream:
        for number in range(10):
            stream.send(b"%d" % number)
        stream.done_sending()
        assert stream.receive(SOON_S) == b"45"
        assert stream.receive(SOON_S) is None


def test_the_server_may_speak_unasked(pair: Pair) -> None:
    def tell(stream: ServerStream) -> None:
        for number in range(10):
            stream.send(b"%d" % number)

    with pair.channel(tell).open_stream(METHOD) as stream:
        assert [stream.receive(SOON_S) for _ in range(11)] == [*(b"%d" % number for number in range(10)), None]


def test_after_half_close_the_server_still_answers_and_the_end_is_told_again(pair: Pair) -> None:
    def last_word(stream: ServerStream) -> None:
        assert stream.receive(SOON_S) == b"question"
        assert stream.receive(SOON_S) is None
        assert stream.receive(SOON_S) is None
        assert stream.alive
        stream.send(b"answer")

    with pair.channel(last_word).open_stream(METHOD) as stream:
        stream.send(b"question")
        stream.done_sending()
        stream.done_sending()
        assert stream.receive(SOON_S) == b"answer"
        assert stream.receive(SOON_S) is None
        assert stream.receive(SOON_S) is None


def test_what_is_sent_after_half_close_is_refused(pair: Pair) -> None:
    with pair.channel().open_stream(METHOD) as stream:
        stream.done_sending()
        for late in (stream.send, stream.ask):
            with pytest.raises(FailedPreconditionError) as caught:
                late(b"late")
            assert caught.value.reason == "DONE_SENDING"


def test_what_is_sent_after_the_end_is_refused(pair: Pair) -> None:
    with pair.channel(lambda stream: None).open_stream(METHOD) as stream:
        assert stream.receive(SOON_S) is None
        for late in (stream.send, stream.ask):
            with pytest.raises(FailedPreconditionError) as caught:
                late(b"late")
            assert caught.value.reason == "STREAM_ENDED"


def test_a_second_question_waits_for_the_first_answer(pair: Pair) -> None:
    with pair.channel().open_stream(METHOD) as stream:
        stream.ask(b"first")
        for early in (stream.ask, stream.send):
            with pytest.raises(FailedPreconditionError) as caught:
                early(b"second")
            assert caught.value.reason == "ANSWER_NOT_TAKEN"
        assert stream.receive(SOON_S) == b"first"
        assert stream.exchange(b"second", SOON_S) == b"second"


def test_a_receive_that_times_out_leaves_the_stream_unharmed(pair: Pair) -> None:
    may_answer = threading.Event()

    def answer_late(stream: ServerStream) -> None:
        assert stream.receive(SOON_S) == b"question"
        may_answer.wait(SOON_S)
        stream.send(b"answer")
        stream.receive(SOON_S)

    with pair.channel(answer_late).open_stream(METHOD) as stream:
        stream.ask(b"question")
        for timeout_s in (0.02, 0.0, 0.01):
            with pytest.raises(DeadlineError) as caught:
                stream.receive(timeout_s)
            assert caught.value.reason == "RECEIVE_TIMED_OUT"
        may_answer.set()
        assert stream.receive(SOON_S) == b"answer"
        stream.done_sending()
        assert stream.receive(None) is None


def test_a_message_may_be_sent_after_a_receive_that_timed_out(pair: Pair) -> None:
    with pair.channel().open_stream(METHOD) as stream:
        with pytest.raises(DeadlineError):
            stream.receive(0.01)
        with pytest.raises(FailedPreconditionError) as caught:
            stream.ask(b"question")
        assert caught.value.reason == "ANSWER_NOT_TAKEN"
        stream.send(b"message")
        assert stream.receive(SOON_S) == b"message"
        assert stream.exchange(b"question", SOON_S) == b"question"


def test_the_server_may_wait_for_a_while_and_wait_again(pair: Pair) -> None:
    waited = threading.Event()

    def wait(stream: ServerStream) -> None:
        with pytest.raises(DeadlineError) as caught:
            stream.receive(0.01)
        assert caught.value.reason == "RECEIVE_TIMED_OUT"
        waited.set()
        assert stream.receive(SOON_S) == b"question"
        with pytest.raises(DeadlineError):
            stream.answer_and_receive(b"answer", 0.01)
        assert stream.answer_and_receive(b"another", SOON_S) is None

    with pair.channel(wait).open_stream(METHOD) as stream:
        assert waited.wait(SOON_S)
        assert stream.exchange(b"question", SOON_S) == b"answer"
        assert stream.receive(SOON_S) == b"another"
        stream.done_sending()
        assert stream.receive(SOON_S) is None


def test_a_peek_takes_nothing_away(pair: Pair) -> None:
    def look(stream: ServerStream) -> None:
        assert stream.peek(SOON_S) == stream.peek(SOON_S) == b"first"
        assert stream.receive(SOON_S) == b"first"
        assert stream.answer_and_receive(b"seen", SOON_S) == b"second"
        assert stream.peek(SOON_S) is None

    with pair.channel(look).open_stream(METHOD) as stream:
        assert stream.exchange(b"first", SOON_S) == b"seen"
        stream.send(b"second")
        stream.done_sending()
        assert stream.receive(SOON_S) is None


def test_the_largest_message_passes_and_a_larger_one_is_refused_before_it_is_sent(pair: Pair) -> None:
    def measure(stream: ServerStream) -> None:
        with pytest.raises(InvalidArgumentError) as caught:
            stream.send(bytes(MAX_MESSAGE_BYTES + 1))
        assert caught.value.reason == "MESSAGE_TOO_LARGE"
        message = stream.receive(SOON_S)
        assert message is not None
        stream.send(b"%d" % len(message))

    with pair.channel(measure).open_stream(METHOD) as stream:
        for refused in (stream.send, stream.ask):
            with pytest.raises(InvalidArgumentError) as caught:
                refused(bytes(MAX_MESSAGE_BYTES + 1))
            assert caught.value.reason == "MESSAGE_TOO_LARGE"
        assert stream.exchange(bytes(MAX_MESSAGE_BYTES), SOON_S) == b"%d" % MAX_MESSAGE_BYTES


def test_metadata_of_the_channel_and_of_the_stream_reach_the_handler(pair: Pair) -> None:
    def tell(stream: ServerStream) -> None:
        found = dict(stream.metadata)
        assert stream.method == METHOD
        assert "127.0.0.1" in stream.peer
        stream.send(b"%s %s" % (str(found["authorization"]).encode(), found["session-bin"]))

    channel = pair.connect(pair.serve(tell), metadata=(("authorization", "Bearer token"),))
    with channel.open_stream(METHOD, (("session-bin", b"\x00\xff"),)) as stream:
        assert stream.receive(SOON_S) == b"Bearer token \x00\xff"


def test_a_unary_method_is_called_with_one_message_each_way(pair: Pair) -> None:
    channel = pair.channel(unary(bytes.upper))
    assert channel.call(METHOD, b"describe", SOON_S) == b"DESCRIBE"


def test_calling_a_stream_that_gives_no_single_answer_says_so(pair: Pair) -> None:
    def listen(stream: ServerStream) -> None:
        stream.receive(SOON_S)

    with pytest.raises(InternalError) as caught:
        pair.channel(listen).call(METHOD, b"describe", SOON_S)
    assert caught.value.reason == "NOT_ONE_ANSWER"
