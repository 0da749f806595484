"""A session in a slot: admitted by its token, one at a time, numbered, and taken up again when its stream broke."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from sparring.client.stream_session import ENVIRONMENT_METHOD, open_environment
from sparring.codec.environment_frames import EnvironmentFrames
from sparring.codec.session import Attach, Attached
from sparring.codec.values import Chunks
from sparring.rpc.step_stream import ClientStream, StepChannel
from sparring.types.errors import ExhaustedError, FailedPreconditionError, LostError, NotFoundError
from sparring.types.frames import EnvironmentStarted, ShutDown, Shutdown, Updated
from sparring.types.holding import OpenSession, SessionEventKind, SessionState
from tests.integration.hosts.cut import Wire
from tests.integration.hosts.host_thread import SOON_S, HostThread
from tests.integration.hosts.pools import environment_pool
from tests.integration.hosts.sessions import UNTOUCHED, begun, shut_down, start, update, via
from tests.support.eventually import eventually_sync

FRAMES = EnvironmentFrames()


class Line:
    """A stream spoken frame by frame."""

    def __init__(self, stream: ClientStream) -> None:
        self.stream = stream

    def say(self, number: int, frame: Any) -> None:
        for message in FRAMES.encode_request(number, frame):
            self.stream.send(message)

    def hear(self) -> tuple[int, Any]:
        data = self.stream.receive(SOON_S)
        assert data is not None
        return FRAMES.decode_response(data, Chunks())

    def ask(self, number: int, frame: Any) -> tuple[int, Any]:
        self.say(number, frame)
        return self.hear()


Open: TypeAlias = Callable[[], Line]


@pytest.fixture
def opened(host: HostThread) -> Iterator[Open]:
    """Opens streams to the slot, closed after the test."""
    with ExitStack() as stack:
        channel = stack.enter_context(StepChannel(f"127.0.0.1:{host.pool.slots[0].port}"))
        yield lambda: Line(stack.enter_context(channel.open_stream(ENVIRONMENT_METHOD)))


def state(host: HostThread) -> SessionState | None:
    return next((session.state for session in host.pool.sessions()), None)


def test_a_session_is_told_as_it_goes(host: HostThread) -> None:
    grant = host.admit("one")
    assert host.pool.sessions() == [OpenSession("one", SessionState.EXPECTED, "something", "run-1", grant.address)]
    session = begun(grant)
    component = "grid (tests.integration.hosts.authors:Trouble)"
    assert host.pool.sessions() == [OpenSession("one", SessionState.CONNECTED, component, "run-1", grant.address)]
    shut_down(session)
    event = host.event("one")
    assert (event.kind, event.reason) == (SessionEventKind.ENDED, "")
    assert host.pool.sessions() == []


def test_author_code_runs_in_the_main_thread_of_its_process(host: HostThread, diary: Path) -> None:
    with closing(begun(host.admit(), diary=diary)) as session:
        update(session)
    assert {line.partition(" in ")[2] for line in diary.read_text().splitlines()[:2]} == {"MainThread"}


def test_what_author_code_prints_does_not_mix_with_our_output(capfd: pytest.CaptureFixture[str]) -> None:
    with HostThread(environment_pool) as host, closing(begun(host.admit(), what="print")) as session:
        update(session)
    assert capfd.readouterr().out == ""


def test_a_full_host_says_so_and_the_same_token_gets_the_same_answer(host: HostThread) -> None:
    first = host.try_admit("one")
    assert host.try_admit("one") == first
    refused = host.try_admit("two")
    assert getattr(refused, "reason", "") == "SLOT_TAKEN"
    assert "All 1 slots are taken" in getattr(refused, "message", "")


def test_nobody_begins_a_session_without_a_token_that_is_expected(host: HostThread, opened: Open) -> None:
    line = opened()
    line.say(1, start(token="nobody's"))
    with pytest.raises(ExhaustedError) as caught:
        line.hear()
    assert caught.value.reason == "SLOT_TAKEN"
    assert host.pool.sessions() == []


def test_a_token_is_good_for_one_session(host: HostThread, opened: Open) -> None:
    host.admit("one")
    line = opened()
    line.ask(1, start(token="one"))
    assert line.ask(2, Shutdown()) == (2, ShutDown())
    host.event("one")
    again = opened()
    again.say(1, start(token="one"))
    with pytest.raises(ExhaustedError):
        again.hear()


def test_a_grant_that_nobody_uses_expires(host: HostThread) -> None:
    host.try_admit("one", expires_in_s=-5)
    assert host.event("one").kind is SessionEventKind.ENDED
    shut_down(begun(host.admit("two")))


@pytest.mark.obligation(25)
def test_requests_are_numbered_and_one_that_is_repeated_is_answered_and_not_carried_out(
    host: HostThread, opened: Open, diary: Path
) -> None:
    host.admit("one")
    line = opened()
    _, started = line.ask(1, start(token="one", diary=diary))
    assert isinstance(started, EnvironmentStarted)
    first = line.ask(2, UNTOUCHED)
    assert first[0] == 2
    assert line.ask(2, UNTOUCHED) == first
    assert line.ask(3, UNTOUCHED)[0] == 3
    assert [line.split()[0] for line in diary.read_text().splitlines()] == ["start", "update", "update"]
    line.say(5, UNTOUCHED)
    with pytest.raises(FailedPreconditionError) as caught:
        line.hear()
    assert caught.value.reason == "SEQUENCE_UNEXPECTED"
    assert caught.value.metadata == {"found": "5", "expected": "4"}
    assert host.event("one").reason == "SEQUENCE_UNEXPECTED"


@pytest.mark.parametrize(
    ("number", "frame"),
    [(1, UNTOUCHED), (1, Shutdown()), (2, start(token="one"))],
    ids=["update", "shutdown", "start numbered 2"],
)
def test_a_session_begins_with_start_or_attach(host: HostThread, opened: Open, number: int, frame: Any) -> None:
    host.admit("one")
    line = opened()
    line.say(number, frame)
    with pytest.raises(FailedPreconditionError) as caught:
        line.hear()
    assert caught.value.reason == "GRAMMAR_VIOLATED"


def test_a_session_starts_once(host: HostThread, opened: Open) -> None:
    host.admit("one")
    line = opened()
    line.ask(1, start(token="one"))
    line.say(2, start(token="one"))
    with pytest.raises(FailedPreconditionError) as caught:
        line.hear()
    assert caught.value.reason == "GRAMMAR_VIOLATED"
    host.event("one")


def test_a_stream_that_is_closed_without_shutdown_ends_the_session(host: HostThread, opened: Open, diary: Path) -> None:
    host.admit("one")
    line = opened()
    line.ask(1, start(token="one", diary=diary))
    line.stream.done_sending()
    assert line.stream.receive(SOON_S) is None
    event = host.event("one")
    assert (event.kind, event.reason) == (SessionEventKind.LOST, "STREAM_CLOSED")
    assert diary.read_text().splitlines()[-1] == "shutdown reset=False"


def test_a_client_whose_stream_broke_comes_back_and_nothing_is_done_twice(host: HostThread, diary: Path) -> None:
    grant = host.admit("one")
    with Wire(grant.address) as wire:
        with closing(begun(via(grant, wire.address), diary=diary)) as session:
            assert update(session) == 1
            for count in (2, 3, 4):
                wire.cut()
                assert update(session) == count
            shut_down(session)
        assert wire.joined == 4
    assert host.event("one").kind is SessionEventKind.ENDED
    lines = [line.split()[0] for line in diary.read_text().splitlines()]
    assert lines == ["start", "update", "update", "update", "update", "shutdown"]


@pytest.mark.obligation(24)
def test_an_answer_that_was_lost_with_its_stream_is_given_again(host: HostThread, diary: Path) -> None:
    grant = host.admit("one")
    with Wire(grant.address) as wire, closing(begun(via(grant, wire.address), diary=diary, what="slow")) as session:
        cutter = threading.Timer(0.05, wire.cut)
        cutter.start()
        assert update(session) == 1
        cutter.join()
        assert wire.joined == 2
        assert update(session) == 2
        shut_down(session)
    assert [line.split()[0] for line in diary.read_text().splitlines()].count("update") == 2


def test_a_broken_stream_suspends_the_session(host: HostThread) -> None:
    grant = host.admit("one")
    with Wire(grant.address) as wire, closing(begun(via(grant, wire.address))) as session:
        wire.cut()
        eventually_sync(lambda: state(host) is SessionState.SUSPENDED)
        assert update(session) == 1
        eventually_sync(lambda: state(host) is SessionState.CONNECTED)


def test_nobody_but_its_client_takes_a_session_over(host: HostThread, opened: Open) -> None:
    with closing(begun(host.admit("one"))) as session:
        stranger = opened()
        stranger.say(0, Attach("another", 0))
        with pytest.raises(NotFoundError) as caught:
            stranger.hear()
        assert caught.value.reason == "SESSION_UNKNOWN"
        thief = opened()
        thief.say(1, start(token="one"))
        with pytest.raises(ExhaustedError) as taken:
            thief.hear()
        assert taken.value.reason == "SLOT_TAKEN"
        assert update(session) == 1


def test_a_client_that_comes_back_on_another_stream_replaces_the_first(host: HostThread, opened: Open) -> None:
    host.admit("one")
    first = opened()
    first.ask(1, start(token="one"))
    second = opened()
    assert second.ask(0, Attach("one", 1)) == (0, Attached(1))
    with pytest.raises(LostError):
        first.hear()
    assert isinstance(second.ask(2, UNTOUCHED)[1], Updated)
    third = opened()
    assert third.ask(0, Attach("one", 2)) == (0, Attached(2))
    assert third.ask(3, Shutdown()) == (3, ShutDown())
    assert third.stream.receive(SOON_S) is None


def test_a_client_that_comes_back_waits_for_author_code_to_return(host: HostThread, opened: Open) -> None:
    host.admit("one")
    first = opened()
    first.ask(1, start(token="one", what="slow", slow_s=0.5))
    first.say(2, UNTOUCHED)
    second = opened()
    assert second.ask(0, Attach("one", 1)) == (0, Attached(2))
    assert second.ask(2, UNTOUCHED)[0] == 2


def test_a_session_that_nobody_comes_back_to_is_lost_after_its_linger_time(diary: Path) -> None:
    with HostThread(lambda: environment_pool(linger_s=0.2)) as host:
        begun(host.admit("one"), diary=diary).close()
        event = host.event("one")
        assert (event.kind, event.reason) == (SessionEventKind.LOST, "LINGER_OVER")
        assert diary.read_text().splitlines()[-1] == "shutdown reset=False"
        shut_down(begun(host.admit("two")))


def test_a_session_is_withdrawn_whatever_its_state(host: HostThread, diary: Path) -> None:
    host.admit("expected")
    host.call(host.pool.withdraw("expected"))
    assert host.event("expected").kind is SessionEventKind.ENDED
    with closing(begun(host.admit("open"), diary=diary)) as session:
        host.call(host.pool.withdraw("open"))
        assert host.event("open").kind is SessionEventKind.ENDED
        assert diary.read_text().splitlines()[-1] == "shutdown reset=False"
        with pytest.raises(LostError) as caught:
            update(session)
        assert caught.value.reason == "SESSION_UNKNOWN"
    begun(host.admit("suspended")).close()
    eventually_sync(lambda: state(host) is SessionState.SUSPENDED)
    host.call(host.pool.withdraw("suspended"))
    assert host.event("suspended").kind is SessionEventKind.ENDED
    host.call(host.pool.withdraw("nobody's"))
    shut_down(begun(host.admit("after")))


def test_a_session_that_is_withdrawn_in_the_middle_of_author_code_ends_when_that_returns(host: HostThread) -> None:
    with closing(begun(host.admit("one"), what="slow", slow_s=0.5)) as session:
        session.send(UNTOUCHED)
        host.call(host.pool.withdraw("one"))
        assert host.event("one").kind is SessionEventKind.ENDED
        with pytest.raises(LostError):
            session.receive(SOON_S)


def test_the_next_session_may_begin_while_the_one_before_is_leaving(host: HostThread) -> None:
    for number in range(30):
        with closing(open_environment(host.admit(f"session-{number}"), "grid")) as session:
            session.send(start())
            session.receive(SOON_S)
            session.send(Shutdown())
            session.receive(SOON_S)


def test_a_stream_that_says_nothing_gives_way_to_one_that_is_expected(host: HostThread, opened: Open) -> None:
    silent = opened()
    silent.stream.send(b"")  # a frame of no kind: the stream is there, and waits for more
    with pytest.raises(Exception, match="no known kind"):
        silent.hear()
    grant = host.admit("one")
    shut_down(begun(grant))


def test_a_host_that_drains_admits_nobody_and_waits_for_its_sessions(host: HostThread) -> None:
    with closing(begun(host.admit("one"))) as session:
        assert not host.call(host.pool.drained(0.1))
        assert getattr(host.try_admit("two"), "reason", "") == "SLOT_TAKEN"
        assert update(session) == 1
        shut_down(session)
        assert host.call(host.pool.drained(SOON_S))
