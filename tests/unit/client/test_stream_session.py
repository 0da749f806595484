"""Sessions with environments over real streams: what is answered, refused, raised, hung, broken and resumed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sparring.client.access import Access
from sparring.client.stream_session import StreamSession, open_environment, open_muscle
from sparring.codec.session import Refused
from sparring.rpc.retry import Backoff
from sparring.types.declaration import FreeValue
from sparring.types.errors import (
    AuthorError,
    DeadlineError,
    ExhaustedError,
    FailedPreconditionError,
    HungError,
    InvalidArgumentError,
    LostError,
    NotFoundError,
    OutOfActionSpaceError,
    SparringError,
    UnavailableError,
)
from sparring.types.frames import Reset, ResetDone, ShutDown, Shutdown, StartEnvironment, Update, Updated
from sparring.types.plan import FixedAddress, Grant, Inline
from sparring.types.values import Values
from tests.support.eventually import eventually_sync
from tests.unit.client.connect_relay import ConnectRelay
from tests.unit.client.environment_server import READINGS, SOON_S, EnvironmentServer, answer, start, started

Session = StreamSession[Any, Any]
QUICK = Backoff(attempts=20, first_s=0.02, most_s=0.1, budget_s=2.0)
SETPOINTS = Values(b"setpoint")


@pytest.fixture
def server() -> Iterator[EnvironmentServer]:
    with EnvironmentServer() as server:
        yield server


@pytest.fixture
def session(server: EnvironmentServer) -> Iterator[Session]:
    session = open_environment(server.place, "grid", reconnecting=QUICK)
    yield session
    session.close()


def ask(session: Session, request: Any, timeout_s: float = SOON_S) -> Any:
    session.send(request)
    return session.receive(timeout_s)


def raising(error: BaseException) -> Callable[[Any], Any]:
    def behave(request: Any) -> Any:
        if isinstance(request, Update):
            raise error
        return answer(request)

    return behave


def update_raises(behave: Callable[[Any], Any]) -> SparringError:
    """Start a session with a server of this behaviour and return what its first update raises."""
    with EnvironmentServer(behave) as server:
        session = open_environment(server.place, "grid", reconnecting=QUICK)
        try:
            ask(session, start())
            with pytest.raises(SparringError) as caught:
                ask(session, Update(SETPOINTS))
            with pytest.raises(type(caught.value)):
                session.send(Update(SETPOINTS))
        finally:
            session.close()
    return caught.value


def test_a_session_goes_through_its_whole_life(session: Session, server: EnvironmentServer) -> None:
    assert ask(session, start()).first == ResetDone(READINGS)
    assert ask(session, Update(SETPOINTS)) == Updated(SETPOINTS, Values(b""))
    assert ask(session, Reset((7,))) == ResetDone(READINGS)
    assert ask(session, Shutdown()) == ShutDown()
    assert [type(request).__name__ for request in server.applied] == ["StartEnvironment", "Update", "Reset", "Shutdown"]


def test_where_nobody_granted_a_session_it_gets_a_random_name(session: Session, server: EnvironmentServer) -> None:
    ask(session, start())
    (applied,) = server.applied
    assert len(bytes.fromhex(applied.token)) == 16
    assert applied.token == session.token == server.metadata["sparring-session"]


def test_a_granted_session_bears_the_token_of_its_grant(server: EnvironmentServer) -> None:
    grant = Grant("ab" * 16, "worker-1", "environment", server.place.address)
    session = open_environment(grant, "grid", access=Access(token="secret"))
    ask(session, start())
    session.close()
    assert server.applied[0].token == "ab" * 16
    assert server.metadata["authorization"] == "Bearer secret"


def test_behind_a_relay_the_token_is_target_and_credential(server: EnvironmentServer) -> None:
    with ConnectRelay(server.port) as relay:
        grant = Grant("cd" * 16, "worker-1", "environment", "", relay=relay.address)
        session = open_environment(grant, "grid")
        ask(session, start())
        assert ask(session, Update(SETPOINTS)) == Updated(SETPOINTS, Values(b""))
        session.close()
    assert relay.targets == [f"{'cd' * 16}:443"]
    assert relay.credentials == [f"session:{'cd' * 16}"]


def test_all_are_asked_before_the_first_is_received() -> None:
    both = threading.Barrier(2, timeout=SOON_S)

    def together(request: Any) -> Any:
        if isinstance(request, Update):
            both.wait()
        return answer(request)

    with EnvironmentServer(together) as server:
        sessions = [open_environment(server.place, uid) for uid in ("a", "b")]
        for request in (start(), Update(SETPOINTS)):
            for session in sessions:
                session.send(request)
            answers = [session.receive(SOON_S) for session in sessions]
        for session in sessions:
            session.close()
    assert answers == [Updated(SETPOINTS, Values(b""))] * 2


def test_a_refused_request_leaves_the_session_unharmed() -> None:
    refusals = [
        Refused(OutOfActionSpaceError("SETPOINT_OUT_OF_SPACE", "Too much.", actuator="valve")),
        Refused(FailedPreconditionError("EPISODE_OVER", "Reset first.")),
    ]

    def refuse(request: Any) -> Any:
        return refusals.pop(0) if refusals and isinstance(request, Update) else answer(request)

    with EnvironmentServer(refuse) as server:
        session = open_environment(server.place, "grid")
        ask(session, start())
        with pytest.raises(OutOfActionSpaceError) as caught:
            ask(session, Update(SETPOINTS))
        assert caught.value.metadata == {"actuator": "valve"}
        with pytest.raises(FailedPreconditionError, match="Reset first"):
            ask(session, Update(SETPOINTS))
        assert ask(session, Update(SETPOINTS)) == Updated(SETPOINTS, Values(b""))
        session.close()


@pytest.mark.parametrize(
    ("raised", "kind", "reason"),
    [
        (AuthorError("AUTHOR_CODE_FAILED", "division by zero"), AuthorError, "AUTHOR_CODE_FAILED"),
        # What servers in other languages answer: a status with a reason, but no class of ours.
        (FailedPreconditionError("AUTHOR_CODE_FAILED", "division by zero"), AuthorError, "AUTHOR_CODE_FAILED"),
        (FailedPreconditionError("VALUE_OUT_OF_SPACE", "9 is no probability"), AuthorError, "VALUE_OUT_OF_SPACE"),
        (DeadlineError("STEP_TIMED_OUT", "60 s are over"), HungError, "STEP_TIMED_OUT"),
        (ExhaustedError("SLOT_TAKEN", "no room"), LostError, "SLOT_TAKEN"),
        (UnavailableError("SERVER_STOPPING", "bye"), LostError, "SERVER_STOPPING"),
        (InvalidArgumentError("FRAME_MALFORMED", "what is this?"), InvalidArgumentError, "FRAME_MALFORMED"),
    ],
)
def test_the_end_of_a_stream_says_what_it_means_for_the_session(
    raised: SparringError, kind: type[SparringError], reason: str
) -> None:
    error = update_raises(raising(raised))
    assert (type(error), error.reason) == (kind, reason)
    assert error.metadata["component"] == "environment 'grid'"
    assert error.message.startswith("environment 'grid': ")


def test_a_slot_that_is_taken_is_lost_before_it_started() -> None:
    def full(request: Any) -> Any:
        raise ExhaustedError("SLOT_TAKEN", "no room")

    with EnvironmentServer(full) as server:
        session = open_environment(server.place, "grid", reconnecting=QUICK)
        with pytest.raises(LostError) as caught:
            ask(session, start())
        session.close()
    assert caught.value.reason == "SLOT_TAKEN"


def test_an_answer_that_does_not_come_in_time_names_component_request_and_deadline(server: EnvironmentServer) -> None:
    server._answer = lambda request: answer(request) if not isinstance(request, Update) else server.hang()
    session = open_environment(server.place, "grid")
    ask(session, start())
    with pytest.raises(HungError) as caught:
        ask(session, Update(SETPOINTS), timeout_s=0.05)
    session.close()
    assert caught.value.message == "environment 'grid' did not answer Update within 0.05 s."
    assert caught.value.metadata == {"component": "environment 'grid'", "request": "Update", "timeout_s": "0.05"}


def test_an_answer_lost_with_its_stream_comes_from_the_cache_and_is_applied_once(
    session: Session, server: EnvironmentServer
) -> None:
    ask(session, start())
    server.breaks = {2, 3}
    assert ask(session, Update(Values(b"first"))) == Updated(Values(b"first"), Values(b""))
    assert ask(session, Update(Values(b"second"))) == Updated(Values(b"second"), Values(b""))
    assert server.attached == 2
    assert [request.setpoints.data for request in server.applied[1:]] == [b"first", b"second"]


def test_a_request_lost_with_its_stream_is_sent_again_under_its_number(
    session: Session, server: EnvironmentServer
) -> None:
    ask(session, start())
    server.cuts = {2}
    assert ask(session, Update(SETPOINTS)) == Updated(SETPOINTS, Values(b""))
    assert len(server.applied) == 2


def test_a_session_whose_server_cannot_resume_is_lost_with_its_stream() -> None:
    def simple(request: Any) -> Any:
        return started() if isinstance(request, StartEnvironment) else answer(request)

    with EnvironmentServer(simple) as server:
        session = open_environment(server.place, "grid", reconnecting=QUICK)
        ask(session, start())
        server.cuts = {2}
        with pytest.raises(LostError) as caught:
            ask(session, Update(SETPOINTS))
        session.close()
    assert caught.value.reason == "STREAM_BROKEN"
    assert server.attached == 0


def test_a_session_that_the_server_has_forgotten_is_lost(session: Session, server: EnvironmentServer) -> None:
    ask(session, start())
    server._cache.clear()
    server.cuts = {2}
    with pytest.raises(LostError) as caught:
        ask(session, Update(SETPOINTS))
    assert caught.value.reason == "SESSION_UNKNOWN"


def test_a_server_that_comes_back_at_its_address_is_found_again(server: EnvironmentServer) -> None:
    session = open_environment(server.place, "grid", reconnecting=QUICK)
    ask(session, start())
    server.stop()
    with EnvironmentServer(address=f"127.0.0.1:{server.port}") as successor:
        successor._cache = server._cache  # as a slot that was only cut off
        assert ask(session, Update(SETPOINTS)) == Updated(SETPOINTS, Values(b""))
        session.close()


def test_a_server_that_stays_away_is_lost_when_the_budget_is_used_up(server: EnvironmentServer) -> None:
    session = open_environment(server.place, "grid", reconnecting=Backoff(attempts=3, first_s=0.01, budget_s=1.0))
    ask(session, start())
    server.stop()
    with pytest.raises(LostError):
        ask(session, Update(SETPOINTS))
    session.close()


def test_a_server_that_is_not_up_yet_gets_a_moment() -> None:
    with EnvironmentServer() as first:
        port = first.port
    session = open_environment(FixedAddress(f"127.0.0.1:{port}"), "grid", reconnecting=QUICK)
    later = threading.Timer(0.1, lambda: servers.append(EnvironmentServer(address=f"127.0.0.1:{port}")))
    servers: list[EnvironmentServer] = []
    later.start()
    try:
        assert ask(session, start()).first == ResetDone(READINGS)
    finally:
        session.close()
        later.join()
        servers[0].stop()


def test_a_session_that_the_server_ends_without_an_answer_is_lost() -> None:
    with EnvironmentServer() as server:
        session = open_environment(server.place, "grid", reconnecting=QUICK)
        ask(session, start())
        server._codec.encode_response = lambda *_: ()  # type: ignore[method-assign, assignment]
        session.send(Shutdown())  # the fake ends the stream behind it, as always
        with pytest.raises(LostError) as caught:
            session.receive(SOON_S)
        session.close()
    assert caught.value.reason == "SESSION_ENDED"


def test_values_above_one_mebibyte_travel_in_chunks() -> None:
    model = FreeValue("application/octet-stream", bytes(range(256)) * (3 << 12) + b"tail")

    def large(request: Any) -> Any:
        return started(model=model) if isinstance(request, StartEnvironment) else answer(request)

    with EnvironmentServer(large) as server:
        session = open_environment(server.place, "grid")
        assert ask(session, start()).static_world_model == model
        assert ask(session, Update(SETPOINTS)) == Updated(SETPOINTS, Values(b""))
        session.close()


def test_a_message_that_is_too_large_is_refused_before_it_is_sent(session: Session) -> None:
    ask(session, start())
    with pytest.raises(InvalidArgumentError) as caught:
        session.send(Update(Values(bytes(65 << 20))))
    assert caught.value.reason == "MESSAGE_TOO_LARGE"
    assert ask(session, Update(SETPOINTS)) == Updated(SETPOINTS, Values(b""))


def test_an_answer_out_of_turn_is_an_error() -> None:
    with EnvironmentServer() as server:
        encode = server._codec.encode_response
        server._codec.encode_response = lambda number, frame: encode(number + 5, frame)  # type: ignore[method-assign]
        session = open_environment(server.place, "grid")
        with pytest.raises(FailedPreconditionError) as caught:
            ask(session, start())
        session.close()
    assert caught.value.reason == "SEQUENCE_UNEXPECTED"


def test_requests_and_answers_take_turns(session: Session) -> None:
    with pytest.raises(FailedPreconditionError) as early:
        session.receive(SOON_S)
    session.send(start())
    with pytest.raises(FailedPreconditionError) as late:
        session.send(Update(SETPOINTS))
    assert (early.value.reason, late.value.reason) == ("NOTHING_ASKED", "ANSWER_NOT_TAKEN")
    assert session.receive(SOON_S).first == ResetDone(READINGS)


def test_a_waiting_session_can_be_ended_from_another_thread(server: EnvironmentServer) -> None:
    server._answer = lambda request: answer(request) if not isinstance(request, Update) else server.hang()
    session = open_environment(server.place, "grid", reconnecting=QUICK)
    ask(session, start())
    session.send(Update(SETPOINTS))
    lost = LostError("WORKER_LOST", "The worker of environment 'grid' is gone.")
    ender = threading.Thread(target=lambda: (eventually_sync(lambda: len(server.applied) == 2), session.end(lost)))
    ender.start()
    with pytest.raises(LostError) as caught:
        session.receive(SOON_S)
    ender.join()
    session.close()
    assert caught.value is lost


def test_a_closed_session_says_so_and_closes_twice(session: Session) -> None:
    ask(session, start())
    session.close()
    session.close()
    with pytest.raises(FailedPreconditionError) as caught:
        session.send(Update(SETPOINTS))
    assert caught.value.reason == "SESSION_CLOSED"


def test_there_is_no_stream_to_what_runs_inline_or_nowhere() -> None:
    for place in (Inline(), FixedAddress("")):
        with pytest.raises(InvalidArgumentError) as caught:
            open_muscle(place, "defender")
        assert caught.value.reason == "PLACE_INVALID"


def test_an_unknown_environment_stays_what_it_is() -> None:
    def unknown(request: Any) -> Any:
        raise NotFoundError("ENVIRONMENT_UNKNOWN", "There is no environment 'cart'.", offered="grid")

    with EnvironmentServer(unknown) as server:
        session = open_environment(server.place, "grid")
        with pytest.raises(NotFoundError) as caught:
            ask(session, start())
        session.close()
    assert caught.value.metadata == {"component": "environment 'grid'", "offered": "grid"}
