"""Which thread a handler runs in, how many streams there may be, and how a server stops."""

import threading
from collections.abc import Iterator

import pytest

from sparring.rpc.step_stream import ServerStream, StepServer, unary
from sparring.types.errors import DeadlineError, ExhaustedError, LostError, UnavailableError
from tests.support.eventually import eventually_sync
from tests.unit.rpc.step_stream.pairs import METHOD, SOON_S, Pair, echo

HEALTH = "/grpc.health.v1.Health/Check"


class Slot:
    """A server whose streams are driven by one thread, as those of a slot's process by its main thread."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.drove: list[int] = []
        self.thread = threading.Thread()

    def drive(self, stream: ServerStream) -> None:
        self.drove.append(threading.get_ident())
        echo(stream)

    def serve(self, server: StepServer, **options: object) -> StepServer:
        server.bind()
        self.thread = threading.Thread(target=lambda: server.serve(self.stop, **options))  # type: ignore[arg-type]
        self.thread.start()
        return server


@pytest.fixture
def slot() -> Iterator[Slot]:
    slot = Slot()
    yield slot
    slot.stop.set()
    slot.thread.join(SOON_S)
    assert not slot.thread.is_alive()


def test_author_code_stays_in_the_thread_that_serves(pair: Pair, slot: Slot) -> None:
    channel = pair.connect(slot.serve(pair.prepare(slot.drive)))
    for _ in range(3):
        with channel.open_stream(METHOD) as stream:
            assert stream.exchange(b"question", SOON_S) == b"question"
            stream.done_sending()
            assert stream.receive(SOON_S) is None
    assert slot.drove == [slot.thread.ident] * 3


def test_a_second_stream_is_refused_while_the_slot_is_taken(pair: Pair, slot: Slot) -> None:
    channel = pair.connect(slot.serve(pair.prepare(slot.drive)))
    with channel.open_stream(METHOD) as stream:
        assert stream.exchange(b"question", SOON_S) == b"question"
        with channel.open_stream(METHOD) as second, pytest.raises(ExhaustedError) as caught:
            second.exchange(b"question", SOON_S)
        assert caught.value.reason == "SLOT_TAKEN"
        assert stream.exchange(b"question", SOON_S) == b"question"


def test_a_newcomer_that_may_wait_is_driven_by_the_same_thread_once_that_is_free(pair: Pair, slot: Slot) -> None:
    met = threading.Semaphore(0)

    def attach_only(stream: ServerStream) -> bool:
        met.release()
        if stream.peek(SOON_S) != b"attach":
            raise ExhaustedError("SLOT_TAKEN", "Taken.")
        return True

    channel = pair.connect(slot.serve(pair.prepare(slot.drive), newcomer=attach_only))
    with channel.open_stream(METHOD) as first:
        assert first.exchange(b"start", SOON_S) == b"start"
        with channel.open_stream(METHOD) as second:
            second.ask(b"attach")
            assert met.acquire(timeout=SOON_S)
            with channel.open_stream(METHOD) as third, pytest.raises(ExhaustedError):
                third.exchange(b"start", SOON_S)
            assert first.exchange(b"step", SOON_S) == b"step"
            first.cancel()
            assert second.receive(SOON_S) == b"attach"
            assert second.exchange(b"step", SOON_S) == b"step"
    assert slot.drove == [slot.thread.ident] * 2


def test_only_one_newcomer_may_wait(pair: Pair, slot: Slot) -> None:
    waiting = threading.Semaphore(0)

    def let_wait(stream: ServerStream) -> bool:
        waiting.release()
        return True

    channel = pair.connect(slot.serve(pair.prepare(slot.drive), newcomer=let_wait))
    with channel.open_stream(METHOD) as first:
        assert first.exchange(b"start", SOON_S) == b"start"
        with channel.open_stream(METHOD) as second, channel.open_stream(METHOD) as third:
            for _ in range(2):
                assert waiting.acquire(timeout=SOON_S)
            outcomes = []
            for stream in (second, third):
                try:
                    stream.receive(0.2)
                except (DeadlineError, ExhaustedError) as error:
                    outcomes.append(error.reason)
        assert sorted(outcomes) == ["RECEIVE_TIMED_OUT", "SLOT_TAKEN"]


def test_a_method_beside_is_answered_while_author_code_is_busy(pair: Pair, slot: Slot) -> None:
    busy, may_end = threading.Event(), threading.Event()

    def work(stream: ServerStream) -> None:
        busy.set()
        may_end.wait(SOON_S)

    health = unary(lambda request: b"SERVING")
    channel = pair.connect(slot.serve(pair.prepare(work, beside={HEALTH: health})))
    with channel.open_stream(METHOD) as stream:
        stream.ask(b"question")
        assert busy.wait(SOON_S)
        assert channel.call(HEALTH, b"", SOON_S) == b"SERVING"
        may_end.set()
        assert stream.receive(SOON_S) is None


def test_streams_run_side_by_side_each_in_a_thread_of_its_own(pair: Pair) -> None:
    drove: list[int] = []

    def note(stream: ServerStream) -> None:
        drove.append(threading.get_ident())
        echo(stream)

    channel = pair.channel(note)
    with channel.open_stream(METHOD) as left, channel.open_stream(METHOD) as right:
        for step in range(50):
            left.ask(b"left %d" % step)
            right.ask(b"right %d" % step)
            assert right.receive(SOON_S) == b"right %d" % step
            assert left.receive(SOON_S) == b"left %d" % step
    assert len(set(drove)) == 2


def test_one_stream_too_many_is_refused_until_another_ends(pair: Pair) -> None:
    server = pair.serve(max_streams=1)
    channel = pair.connect(server)
    with channel.open_stream(METHOD) as stream:
        assert stream.exchange(b"question", SOON_S) == b"question"
        with channel.open_stream(METHOD) as second, pytest.raises(ExhaustedError) as caught:
            second.exchange(b"question", SOON_S)
        assert caught.value.reason == "TOO_MANY_STREAMS"
        assert caught.value.metadata == {"limit": "1"}
        stream.done_sending()
        assert stream.receive(SOON_S) is None

    def free() -> bytes | None:
        with channel.open_stream(METHOD) as stream:
            return stream.exchange(b"question", SOON_S)

    assert eventually_sync(free, retry_on=(ExhaustedError,)) == b"question"


def test_a_stopping_server_lets_an_open_stream_end_and_refuses_others(pair: Pair, slot: Slot) -> None:
    server = pair.prepare(slot.drive)
    channel = pair.connect(slot.serve(server, grace_s=SOON_S))
    with channel.open_stream(METHOD) as stream:
        assert stream.exchange(b"question", SOON_S) == b"question"
        slot.stop.set()

        def refused() -> bool:
            with pair.connect(server).open_stream(METHOD) as late:
                late.exchange(b"question", SOON_S)
            return False

        with pytest.raises((UnavailableError, LostError)):
            eventually_sync(refused, retry_on=(ExhaustedError,))
        assert stream.exchange(b"last", SOON_S) == b"last"
        stream.done_sending()
        assert stream.receive(SOON_S) is None
    slot.thread.join(SOON_S)
    assert not slot.thread.is_alive()


def test_a_stream_that_outlives_the_grace_is_cancelled_on_both_sides(pair: Pair) -> None:
    lost = threading.Event()

    def note(stream: ServerStream) -> None:
        try:
            echo(stream)
        except LostError:
            lost.set()
            raise

    server = pair.serve(note)
    with pair.connect(server).open_stream(METHOD) as stream:
        assert stream.exchange(b"question", SOON_S) == b"question"
        server.stop(grace_s=0.01)
        with pytest.raises(LostError) as caught:
            stream.exchange(b"question", SOON_S)
        assert caught.value.reason == "STREAM_BROKEN"
    assert lost.wait(SOON_S)


def test_stopping_a_server_that_never_started_is_harmless(pair: Pair) -> None:
    pair.prepare().stop()
    bound = pair.prepare()
    bound.bind()
    bound.stop()
    bound.stop()


def test_serving_ends_when_the_server_is_stopped_from_elsewhere(pair: Pair, slot: Slot) -> None:
    server = slot.serve(pair.prepare(slot.drive))
    with pair.connect(server).open_stream(METHOD) as stream:
        assert stream.exchange(b"question", SOON_S) == b"question"
        server.stop(grace_s=0.0)
    slot.thread.join(SOON_S)
    assert not slot.thread.is_alive()
