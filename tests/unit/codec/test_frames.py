"""Every frame comes back as it was written, whole or in chunks; what is none is refused and never anything worse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.api.agent.v1 import brain_service_pb2, muscle_service_pb2
from sparring.api.environment.v1 import environment_service_pb2
from sparring.api.space.v1 import session_pb2
from sparring.codec import values
from sparring.codec.brain_frames import BrainFrames
from sparring.codec.environment_frames import EnvironmentFrames
from sparring.codec.experience_frames import ExperienceFrames
from sparring.codec.muscle_frames import MuscleFrames
from sparring.codec.session import Refused
from sparring.codec.values import Chunks
from sparring.codec.version import MAJOR
from sparring.types.declaration import Declaration, FreeValue
from sparring.types.errors import (
    AuthorError,
    FailedPreconditionError,
    InvalidArgumentError,
    OutOfActionSpaceError,
    SparringError,
)
from sparring.types.frames import Policy, ResetMuscle, Updated
from sparring.types.learning import ExperienceBatch, ExperienceStep
from sparring.types.space import Box
from sparring.types.values import Values
from tests.unit.codec import frames

Encode = Callable[[int, Any], Sequence[bytes]]
Decode = Callable[[bytes, Chunks], tuple[int, Any]]

ENVIRONMENT, MUSCLE, BRAIN, EXPERIENCE = EnvironmentFrames(), MuscleFrames(), BrainFrames(), ExperienceFrames()
DIRECTIONS: dict[str, tuple[Any, Encode, Decode]] = {
    "environment request": (frames.environment_requests, ENVIRONMENT.encode_request, ENVIRONMENT.decode_request),
    "environment response": (frames.environment_responses, ENVIRONMENT.encode_response, ENVIRONMENT.decode_response),
    "muscle request": (frames.muscle_requests, MUSCLE.encode_request, MUSCLE.decode_request),
    "muscle response": (frames.muscle_responses, MUSCLE.encode_response, MUSCLE.decode_response),
    "brain request": (frames.brain_requests, BRAIN.encode_request, BRAIN.decode_request),
    "brain response": (frames.brain_responses, BRAIN.encode_response, BRAIN.decode_response),
    "experience request": (frames.experience_requests, EXPERIENCE.encode_request, EXPERIENCE.decode_request),
    "experience response": (frames.experience_responses, EXPERIENCE.encode_response, EXPERIENCE.decode_response),
}
every_direction = pytest.mark.parametrize("direction", DIRECTIONS)


def read(decode: Decode, messages: Sequence[bytes]) -> tuple[int, Any]:
    """Decode the messages of one frame; all but the last are chunks of the same number."""
    chunks = Chunks()
    *pieces, last = messages
    numbers = set()
    for piece in pieces:
        number, frame = decode(piece, chunks)
        assert frame is None
        numbers.add(number)
    number, frame = decode(last, chunks)
    assert numbers <= {number}
    return number, frame


REFUSALS = (InvalidArgumentError, FailedPreconditionError, type(None))


def refusal_of(decode: Decode, data: bytes) -> SparringError | None:
    """Return with what bytes are refused; None if they are a frame."""
    try:
        decode(data, Chunks())
    except SparringError as error:
        return error
    return None


def same(one: Any, other: Any) -> bool:
    if isinstance(one, Refused) and isinstance(other, Refused):
        ours, theirs = one.error, other.error
        return (type(ours), ours.reason, ours.message, ours.metadata) == (
            type(theirs),
            theirs.reason,
            theirs.message,
            theirs.metadata,
        )
    return type(one) is type(other) and one == other


@every_direction
@given(data=st.data(), number=frames.counter)
def test_a_frame_comes_back_as_it_was_written(direction: str, data: st.DataObject, number: int) -> None:
    strategy, encode, decode = DIRECTIONS[direction]
    frame = data.draw(strategy)
    messages = encode(number, frame)
    assert len(messages) == 1
    found, back = read(decode, messages)
    assert (found, same(back, frame)) == (number, True), back


@every_direction
@given(data=st.data())
def test_long_values_travel_in_chunks_and_come_back_whole(direction: str, data: st.DataObject) -> None:
    strategy, encode, decode = DIRECTIONS[direction]
    frame = data.draw(strategy)
    with mock.patch.object(values, "CHUNK_BYTES", 7):
        messages = encode(3, frame)
    _, back = read(decode, messages)
    assert same(back, frame)


@given(drawn=frames.batches(), chunk_bytes=st.sampled_from([1 << 20, 7]))
def test_a_batch_of_experience_comes_back_step_by_step(drawn: Any, chunk_bytes: int) -> None:
    batch, reading_texts, setpoint_texts = drawn
    codec = ExperienceFrames(reading_texts, setpoint_texts)
    with mock.patch.object(values, "CHUNK_BYTES", chunk_bytes):
        messages = codec.encode_request(5, batch)
    assert read(codec.decode_request, messages) == (5, batch)


@every_direction
@given(data=st.binary(max_size=60))
def test_bytes_that_are_no_frame_are_refused(direction: str, data: bytes) -> None:
    assert isinstance(refusal_of(DIRECTIONS[direction][2], data), REFUSALS)


@every_direction
@given(data=st.data())
def test_a_frame_with_damaged_bytes_is_refused_or_another_frame(direction: str, data: st.DataObject) -> None:
    strategy, encode, decode = DIRECTIONS[direction]
    message = bytearray(encode(1, data.draw(strategy))[-1])
    for _ in range(data.draw(st.integers(1, 3))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(message[: data.draw(st.integers(0, len(message)))])
    assert isinstance(refusal_of(decode, damaged), REFUSALS)


@given(epoch=frames.counter)
def test_the_owners_epoch_travels_with_each_brain_request(epoch: int) -> None:
    receiver = BrainFrames()
    receiver.decode_request(BrainFrames(epoch).encode_request(1, frames.Save())[-1], Chunks())
    assert receiver.epoch == epoch


@pytest.mark.parametrize(
    ("message", "decode"),
    [
        (environment_service_pb2.SessionRequest(start={"version": {"major": 9}}), ENVIRONMENT.decode_request),
        (environment_service_pb2.SessionRequest(attach={"version": {"major": 9}}), ENVIRONMENT.decode_request),
        (environment_service_pb2.SessionResponse(started={"version": {"major": 9}}), ENVIRONMENT.decode_response),
        (muscle_service_pb2.MuscleSessionRequest(start={"version": {"major": 9}}), MUSCLE.decode_request),
        (muscle_service_pb2.MuscleSessionResponse(started={"version": {"major": 9}}), MUSCLE.decode_response),
        (brain_service_pb2.BrainSessionRequest(start={"version": {"major": 9}}), BRAIN.decode_request),
        (brain_service_pb2.BrainSessionResponse(started={"version": {"major": 9}}), BRAIN.decode_response),
        (brain_service_pb2.ExperienceRequest(join={"version": {"major": 9}}), EXPERIENCE.decode_request),
        (brain_service_pb2.ExperienceResponse(joined={"version": {"major": 9}}), EXPERIENCE.decode_response),
    ],
)
def test_every_beginning_refuses_another_major_version(message: Any, decode: Decode) -> None:
    with pytest.raises(FailedPreconditionError) as caught:
        decode(message.SerializeToString(), Chunks())
    assert (caught.value.reason, caught.value.metadata["theirs"]) == ("VERSION_MISMATCH", "9.0")


def test_a_higher_minor_version_and_unknown_capabilities_are_fine() -> None:
    started = environment_service_pb2.Started(
        version={"major": MAJOR, "minor": 99}, capabilities=["resume", "telepathy"]
    )
    message = environment_service_pb2.SessionResponse(sequence=1, started=started)
    _, frame = ENVIRONMENT.decode_response(message.SerializeToString(), Chunks())
    assert frame.capabilities == {"resume", "telepathy"}  # type: ignore[union-attr]


def test_a_value_whose_chunks_are_missing_is_malformed() -> None:
    with mock.patch.object(values, "CHUNK_BYTES", 4):
        *_, last = ENVIRONMENT.encode_response(
            1, Updated(Values(b""), Values(b""), world_state=FreeValue("x/y", b"12345"))
        )
    with pytest.raises(InvalidArgumentError) as caught:
        ENVIRONMENT.decode_response(last, Chunks())
    assert caught.value.reason == "FRAME_MALFORMED"


def test_chunks_that_no_value_names_are_malformed_and_forgotten() -> None:
    chunks = Chunks()
    chunks.feed(b"stray")
    (plain,) = ENVIRONMENT.encode_response(1, Updated(Values(b""), Values(b"")))
    with pytest.raises(InvalidArgumentError) as caught:
        ENVIRONMENT.decode_response(plain, chunks)
    assert caught.value.reason == "FRAME_MALFORMED"
    assert ENVIRONMENT.decode_response(plain, chunks)[0] == 1


def test_more_chunks_than_one_frame_may_have_are_refused() -> None:
    chunks = Chunks(limit_bytes=10)
    chunks.feed(bytes(10))
    with pytest.raises(InvalidArgumentError):
        chunks.feed(b"x")


def test_several_long_values_of_one_frame_take_their_chunks_in_order() -> None:
    data = [FreeValue("a/b", bytes([number]) * 9) for number in range(3)]
    steps = tuple(ExperienceStep(Values(b""), Values(b""), Values(b""), data=one) for one in data)
    with mock.patch.object(values, "CHUNK_BYTES", 4):
        messages = EXPERIENCE.encode_request(2, ExperienceBatch((0,), 0, steps))
    assert len(messages) == 10
    _, batch = read(EXPERIENCE.decode_request, messages)
    assert [step.data for step in batch.steps] == data


def test_only_the_first_step_of_a_batch_declares_rewards() -> None:
    declared = Declaration("r", Box(0.0, 1.0, ()))
    step = ExperienceStep(Values(b""), Values(b""), Values(b""))
    late = ExperienceStep(Values(b""), Values(b""), Values(b""), declared_rewards=(declared,))
    with pytest.raises(InvalidArgumentError):
        EXPERIENCE.encode_request(1, ExperienceBatch((0,), 0, (step, late)))


@pytest.mark.parametrize(
    "fields",
    [
        {"steps": 0, "episodes": [1]},
        {"steps": 2**32 - 1, "episodes": [1]},
        {"steps": 2, "episodes": []},
        {"steps": 2, "episodes": [1], "readings": b"123"},
        {"steps": 2, "episodes": [1], "rewards_present": b"1"},
        {"steps": 2, "episodes": [1], "terminated": b"\x01"},
        {"steps": 2, "episodes": [1], "texts": ["a"]},
        {"steps": 2, "episodes": [1], "data": [{}]},
    ],
)
def test_columns_that_are_no_whole_number_of_steps_are_malformed(fields: dict[str, Any]) -> None:
    message = brain_service_pb2.ExperienceRequest(sequence=1, batch=fields)
    with pytest.raises(InvalidArgumentError) as caught:
        EXPERIENCE.decode_request(message.SerializeToString(), Chunks())
    assert caught.value.reason == "FRAME_MALFORMED"


def test_a_step_with_fewer_texts_than_readings_and_setpoints_have_is_malformed() -> None:
    message = brain_service_pb2.ExperienceRequest(batch={"steps": 1, "episodes": [1], "texts": ["a"]})
    with pytest.raises(InvalidArgumentError):
        ExperienceFrames(1, 1).decode_request(message.SerializeToString(), Chunks())


def test_a_refusal_of_a_foreign_server_gets_the_class_that_its_reason_has_here() -> None:
    def refused(**fields: Any) -> SparringError:
        message = environment_service_pb2.SessionResponse(sequence=1, error=session_pb2.Error(**fields))
        _, frame = ENVIRONMENT.decode_response(message.SerializeToString(), Chunks())
        assert isinstance(frame, Refused)
        return frame.error

    assert type(refused(reason="SETPOINT_OUT_OF_SPACE", message="too much")) is InvalidArgumentError
    assert type(refused(reason="EPISODE_OVER", message="reset")) is FailedPreconditionError
    assert refused(reason="not a reason", message="what?").reason == "REQUEST_REFUSED"
    assert refused().message == "The other side refused this and said nothing else."
    assert refused(reason="OWN_ONE", metadata={"reason": "x", "message": "y"}).metadata == {
        "reason": "x",
        "message": "y",
    }


def test_a_refusal_never_is_more_than_a_refusal() -> None:
    (message,) = ENVIRONMENT.encode_response(1, Refused(AuthorError("AUTHOR_CODE_FAILED", "boom")))
    _, frame = ENVIRONMENT.decode_response(message, Chunks())
    assert isinstance(frame, Refused)
    assert (type(frame.error), frame.error.reason) == (InvalidArgumentError, "AUTHOR_CODE_FAILED")
    (message,) = ENVIRONMENT.encode_response(1, Refused(OutOfActionSpaceError("SETPOINT_OUT_OF_SPACE", "9")))
    assert isinstance(ENVIRONMENT.decode_response(message, Chunks())[1].error, OutOfActionSpaceError)  # type: ignore[union-attr]


def test_an_act_without_rewards_is_not_an_act_with_empty_ones() -> None:
    for rewards in (None, Values(b"")):
        (message,) = MUSCLE.encode_request(1, frames.Act(Values(b""), rewards))
        assert MUSCLE.decode_request(message, Chunks())[1].rewards == rewards  # type: ignore[union-attr]


def test_a_policy_without_a_snapshot_is_still_a_policy() -> None:
    policy = Policy(3, FreeValue("", b""))
    (message,) = MUSCLE.encode_request(1, ResetMuscle((1,), policy=policy))
    assert MUSCLE.decode_request(message, Chunks())[1].policy == policy  # type: ignore[union-attr]
