"""Streams of experience to a brain: joining, windows, answers in order, policies, and how they end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sparring.client.experience_session import StreamExperience, open_experience
from sparring.codec.session import Refused
from sparring.types.declaration import Component, Declaration, FreeValue
from sparring.types.episode import EpisodeKey
from sparring.types.errors import (
    AuthorError,
    FailedPreconditionError,
    HungError,
    InternalError,
    InvalidArgumentError,
    LostError,
    NotFoundError,
)
from sparring.types.frames import Origin
from sparring.types.learning import (
    Considered,
    DiscardEpisode,
    EpisodeEnd,
    ExperienceBatch,
    ExperienceStep,
    Joined,
    Learning,
)
from sparring.types.mode import Mode
from sparring.types.plan import RolloutPlan
from sparring.types.space import Box
from sparring.types.values import Values
from tests.support.eventually import eventually_sync
from tests.unit.client.brain_server import TOKEN, BrainServer, consider, policy

SOON_S = 10.0
KEY = EpisodeKey(0, Mode.TRAIN, 0, 3)


def batch(number: int, data: FreeValue | None = None) -> ExperienceBatch:
    step = ExperienceStep(Values(b"readings"), Values(b"setpoint"), Values(b"rewards!"), data=data)
    return ExperienceBatch((3,), number, (step,))


def join(server: BrainServer, **options: Any) -> StreamExperience:
    field = Declaration("grid.x", Box(-1.0, 1.0, (2,)))
    plan = RolloutPlan(
        Origin("run-1", 0, 2), "train", Mode.TRAIN, Component("vanilla", {}), (), (), 1, server.grant, Learning.EPISODE
    )
    return open_experience(server.grant, "defender", (field,), (field,), replace(plan, epoch=7), **options)


@pytest.fixture
def brain() -> Iterator[BrainServer]:
    with BrainServer() as brain:
        yield brain


@pytest.fixture
def session(brain: BrainServer) -> Iterator[StreamExperience]:
    session = join(brain)
    yield session
    session.close()


def test_joining_says_for_whom_and_learns_the_first_policy(session: StreamExperience, brain: BrainServer) -> None:
    (heard,) = brain.heard
    assert (heard.token, heard.origin, heard.lanes, heard.epoch) == (TOKEN, Origin("run-1", 0, 2), 1, 7)
    assert session.joined == Joined(policy(0), 4)
    assert session.latest_policy() == policy(0)


def test_answers_come_in_the_order_of_what_was_sent(session: StreamExperience, brain: BrainServer) -> None:
    for number in range(3):
        session.send(batch(number))
    session.send(EpisodeEnd(KEY, 0, 3, Values(b"readings")))
    assert [session.receive(SOON_S).objectives for _ in range(4)] == [(0.0,), (1.0,), (2.0,), ()]
    assert brain.heard[1:] == [batch(0), batch(1), batch(2), EpisodeEnd(KEY, 0, 3, Values(b"readings"))]


def test_beyond_the_window_sending_takes_answers_in_first(session: StreamExperience) -> None:
    for number in range(20):
        session.send(batch(number))
    assert [session.receive(SOON_S).objectives for _ in range(20)] == [(float(number),) for number in range(20)]


def test_a_discarded_episode_is_not_answered(session: StreamExperience, brain: BrainServer) -> None:
    session.discard(DiscardEpisode(KEY))
    session.send(batch(5))
    assert session.receive(SOON_S).objectives == (5.0,)
    assert brain.heard[1] == DiscardEpisode(KEY)


def test_a_policy_that_comes_unasked_is_heard_of_without_waiting(session: StreamExperience, brain: BrainServer) -> None:
    brain.pushed.put(policy(1))
    assert eventually_sync(lambda: session.latest_policy() == policy(1))
    session.send(batch(0))
    assert session.receive(SOON_S).objectives == (0.0,)


def test_a_policy_is_waited_for_and_answers_meanwhile_are_kept(session: StreamExperience, brain: BrainServer) -> None:
    session.send(batch(8))
    later = threading.Timer(0.05, lambda: [brain.pushed.put(policy(version)) for version in (1, 2, 3)])
    later.start()
    assert session.wait_for_policy(2, SOON_S).version >= 2
    later.join()
    assert session.receive(SOON_S).objectives == (8.0,)


def test_an_older_policy_does_not_replace_a_newer_one(brain: BrainServer) -> None:
    brain.answers = lambda request: Considered(policy=policy(9))
    session = join(brain)
    session.send(batch(0))
    assert session.receive(SOON_S).policy == policy(9)
    brain.pushed.put(policy(4))
    brain.pushed.put(policy(10))
    assert session.wait_for_policy(10, SOON_S) == policy(10)
    session.close()


def test_policies_and_data_above_one_mebibyte_travel_in_chunks(session: StreamExperience, brain: BrainServer) -> None:
    data = FreeValue("application/octet-stream", bytes(3 << 20))
    brain.answers = lambda request: Considered(policy=policy(1, size=(2 << 20) + 5))
    session.send(batch(0, data))
    assert session.receive(SOON_S).policy == policy(1, size=(2 << 20) + 5)
    assert brain.heard[1].steps[0].data == data


def test_a_refused_batch_leaves_the_stream_unharmed(session: StreamExperience, brain: BrainServer) -> None:
    brain.answers = lambda request: Refused(InvalidArgumentError("BATCH_MALFORMED", "Two readings are missing."))
    session.send(batch(0))
    with pytest.raises(InvalidArgumentError, match="Two readings are missing"):
        session.receive(SOON_S)
    brain.answers = consider
    session.send(batch(1))
    assert session.receive(SOON_S).objectives == (1.0,)


def test_an_objective_that_raises_fails_the_run_and_names_its_agent(
    session: StreamExperience, brain: BrainServer
) -> None:
    def fail(request: Any) -> Any:
        raise AuthorError("AUTHOR_CODE_FAILED", "objective: division by zero")

    brain.answers = fail
    session.send(batch(0))
    with pytest.raises(AuthorError) as caught:
        session.receive(SOON_S)
    assert caught.value.message == "the brain of agent 'defender': objective: division by zero"
    with pytest.raises(AuthorError):
        session.send(batch(1))


def test_a_brain_that_thinks_too_long_is_hung(session: StreamExperience, brain: BrainServer) -> None:
    brain.answers = lambda request: None
    session.send(batch(0))
    with pytest.raises(HungError) as caught:
        session.receive(0.05)
    assert caught.value.metadata["timeout_s"] == "0.05"
    with pytest.raises(HungError):
        session.wait_for_policy(1, SOON_S)


def test_a_policy_that_does_not_come_is_hung(session: StreamExperience) -> None:
    with pytest.raises(HungError) as caught:
        session.wait_for_policy(5, 0.05)
    assert "policy 5" in caught.value.message


def test_a_brain_that_goes_away_is_lost(session: StreamExperience, brain: BrainServer) -> None:
    session.send(batch(0))
    assert session.receive(SOON_S).objectives == (0.0,)
    brain.stop()
    with pytest.raises(LostError):
        session.wait_for_policy(1, SOON_S)
    assert session.latest_policy() == policy(0)


def test_a_brain_that_refuses_the_epoch_is_not_joined() -> None:
    def stale(join: Any) -> Any:
        raise FailedPreconditionError("EPOCH_STALE", "Epoch 7 is older than 8.")

    with BrainServer(joined=stale) as brain, pytest.raises(FailedPreconditionError) as caught:
        join(brain)
    assert caught.value.reason == "EPOCH_STALE"


def test_a_brain_session_that_is_over_is_lost() -> None:
    def unknown(join: Any) -> Any:
        raise NotFoundError("SESSION_UNKNOWN", "There is no such brain here.")

    with BrainServer(joined=unknown) as brain, pytest.raises(LostError):
        join(brain)


def test_a_brain_that_is_not_up_yet_gets_a_moment(brain: BrainServer) -> None:
    brain.stop()
    servers: list[BrainServer] = []
    address = f"127.0.0.1:{brain.port}"
    later = threading.Timer(0.1, lambda: servers.append(BrainServer(address=address)))
    later.start()
    try:
        session = join(brain)
        session.send(batch(4))
        assert session.receive(SOON_S).objectives == (4.0,)
        session.close()
    finally:
        later.join()
        servers[0].stop()


def test_leaving_is_half_closing(session: StreamExperience, brain: BrainServer) -> None:
    session.close()
    session.close()
    assert eventually_sync(lambda: brain.half_closed)
    with pytest.raises(FailedPreconditionError) as caught:
        session.send(batch(0))
    assert caught.value.reason == "SESSION_CLOSED"


def test_an_answer_that_nobody_asked_for_is_an_error(session: StreamExperience, brain: BrainServer) -> None:
    brain.pushed.put(Considered())  # type: ignore[arg-type]
    with pytest.raises(InternalError) as caught:
        session.wait_for_policy(1, SOON_S)
    assert caught.value.reason == "RESPONSE_UNEXPECTED"


def test_values_of_the_wrong_size_are_refused_before_they_are_sent(session: StreamExperience) -> None:
    step = ExperienceStep(Values(b"readings too long"), Values(b"setpoint"), Values(b""))
    with pytest.raises(InvalidArgumentError) as caught:
        session.send(ExperienceBatch((3,), 0, (step,)))
    assert caught.value.reason == "PACKED_INVALID"


def test_without_a_request_there_is_no_answer(session: StreamExperience) -> None:
    with pytest.raises(FailedPreconditionError) as caught:
        session.receive(SOON_S)
    assert caught.value.reason == "NOTHING_ASKED"
