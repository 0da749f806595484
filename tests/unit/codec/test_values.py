"""Parameters, times, deadlines, flow control, plans, records and sessions between plain values and the wire."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.api.simulation.v1 import plan_pb2
from sparring.api.space.v1 import flow_pb2, session_pb2, values_pb2
from sparring.api.store.v1 import store_service_pb2
from sparring.codec.declaration import (
    decode_component,
    decode_flow,
    decode_timeouts,
    encode_component,
    encode_flow,
    encode_timeouts,
)
from sparring.codec.errors import decode_error, encode_error
from sparring.codec.holding import decode_event, decode_open_session, encode_event, encode_open_session
from sparring.codec.plan import decode_plan, encode_plan
from sparring.codec.record import decode_rows, decode_summary, encode_rows, encode_summary, halves
from sparring.codec.record_frames import Committed, Flushed, Opened, decode_record_response, encode_rows_frames
from sparring.codec.values import decode_free_value, decode_parameters, encode_free_value, encode_parameters
from sparring.types import errors
from sparring.types.declaration import Component, FreeValue, Timeouts
from sparring.types.episode import EpisodeSummary, StepRows
from sparring.types.errors import InternalError, InvalidArgumentError, SparringError
from sparring.types.flow import SimulationFlowControl
from sparring.types.holding import OpenSession, SessionEvent, SessionEventKind, SessionState
from sparring.types.plan import RolloutPlan
from tests.unit.codec import frames

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SparringError)]


@given(plan=frames.plans)
def test_a_plan_comes_back_as_it_was_written(plan: RolloutPlan) -> None:
    message = plan_pb2.RolloutPlan.FromString(encode_plan(plan).SerializeToString())
    assert decode_plan(message, plan.epoch) == plan


def test_a_plan_in_which_something_has_no_place_is_refused() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        decode_plan(plan_pb2.RolloutPlan(environments=[{"uid": "grid"}]), 1)
    assert caught.value.reason == "PLAN_INVALID"
    assert "'grid'" in caught.value.message


@given(parameters=frames.parameters)
def test_parameters_come_back_as_they_were_given(parameters: dict[str, object]) -> None:
    component = Component("module:Class", parameters)
    assert decode_component(encode_component(component)) == component


def test_a_component_that_is_not_there_stays_so() -> None:
    assert encode_component(None) is None
    assert encode_free_value(None) is None
    assert decode_free_value(values_pb2.FreeValue()) is None
    assert decode_parameters(values_pb2.FreeValue()) == {}


@pytest.mark.parametrize(
    ("content_type", "data"),
    [
        ("application/x-pickle", b"{}"),
        ("application/json", b"[1]"),
        ("application/json", b"{"),
        ("application/json", b"\xff"),
        ("application/json", b"[" * 100_000),
    ],
)
def test_parameters_that_are_no_json_object_are_refused(content_type: str, data: bytes) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        decode_parameters(values_pb2.FreeValue(content_type=content_type, data=data))
    assert caught.value.reason == "PARAMETERS_INVALID"


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes"])
def test_parameters_that_json_does_not_know_are_refused(value: object) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        encode_parameters({"size": value})
    assert caught.value.reason == "PARAMETERS_INVALID"


def test_a_flow_control_of_a_newer_peer_changes_nothing() -> None:
    assert [decode_flow(encode_flow(flow)) for flow in SimulationFlowControl] == list(SimulationFlowControl)
    assert decode_flow(flow_pb2.FLOW_CONTROL_UNSPECIFIED) is SimulationFlowControl.CONTINUE
    assert decode_flow(99) is SimulationFlowControl.CONTINUE  # type: ignore[arg-type]


def test_deadlines_that_nobody_set_are_the_usual_ones_and_none_becomes_zero() -> None:
    assert decode_timeouts(session_pb2.Timeouts()) == Timeouts()
    assert decode_timeouts(encode_timeouts(Timeouts(step_s=0.0001))).step_s == 0.001


@given(rows=frames.step_rows())
def test_rows_come_back_as_they_were_written(rows: StepRows) -> None:
    message = store_service_pb2.StepBatch.FromString(encode_rows(rows).SerializeToString())
    assert decode_rows(message) == rows


@given(rows=frames.step_rows(least=2))
def test_rows_cut_in_two_are_the_same_rows(rows: StepRows) -> None:
    first, second = halves(rows)
    assert (first.steps + second.steps, first.first_step) == (rows.steps, rows.first_step)
    assert second.first_step == first.first_step + first.steps
    assert first.rows + second.rows == rows.rows
    assert first.texts + second.texts == rows.texts
    assert first.world_states + second.world_states == rows.world_states
    for whole, one, two in zip(rows.agents, first.agents, second.agents, strict=True):
        assert one.objectives + two.objectives == whole.objectives
        assert (one.data + two.data, one.acted + two.acted) == (whole.data, whole.acted)


@given(rows=frames.step_rows(), most_bytes=st.integers(1, 200))
def test_rows_in_several_frames_have_every_row_once(rows: StepRows, most_bytes: int) -> None:
    read = [store_service_pb2.RecordEpisodesRequest.FromString(frame) for frame in encode_rows_frames(rows, most_bytes)]
    back = [decode_rows(message.steps) for message in read]
    assert b"".join(one.rows for one in back) == rows.rows
    assert sum(one.steps for one in back) == rows.steps
    assert all(
        one.steps == 1 or len(message.SerializeToString()) <= most_bytes
        for one, message in zip(back, read, strict=True)
    )


@given(summary=frames.summaries)
def test_the_row_of_an_episode_comes_back_as_it_was_written(summary: EpisodeSummary) -> None:
    assert decode_summary(encode_summary(summary)) == summary


@given(summary=frames.summaries)
def test_an_objective_that_said_nothing_is_absent(summary: EpisodeSummary) -> None:
    silent = EpisodeSummary(summary.key, 1, 0.0, {"a": math.nan, "b": 1.0}, False, False, b"", {})
    assert decode_summary(encode_summary(silent)).objectives == {"b": 1.0}


def test_what_a_store_answers_is_read() -> None:
    def read(**kind: Any) -> object:
        return decode_record_response(store_service_pb2.RecordEpisodesResponse(**kind).SerializeToString())

    assert read(opened={"committed": [3, 1]}) == Opened(frozenset({1, 3}))
    assert read(flushed={}) == Flushed()
    answer = read(committed={"existed": True, "summary": {"steps": 4}})
    assert isinstance(answer, Committed)
    assert (answer.existed, answer.summary.steps) == (True, 4)
    for data in (b"", b"\xff\xff"):
        with pytest.raises(InvalidArgumentError):
            decode_record_response(data)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not InternalError], ids=lambda kind: kind.__name__)
def test_every_error_comes_back_as_itself(kind: type[SparringError]) -> None:
    error = decode_error(encode_error(kind("SOME_REASON", "A sentence.", value=3)))
    assert (type(error), error.reason, error.message, error.metadata) == (
        kind,
        "SOME_REASON",
        "A sentence.",
        {"value": "3"},
    )


def test_the_text_of_a_bug_of_ours_stays_here() -> None:
    error = decode_error(encode_error(InternalError("BROKEN", "the secret", path="here")))
    assert (type(error), error.reason, error.metadata) == (InternalError, "BROKEN", {})
    assert "secret" not in error.message


def test_sessions_and_what_becomes_of_them_come_back_as_they_were_written() -> None:
    for state in SessionState:
        session = OpenSession("ab", state, "module:Class", "run-1", "host:1", "relay:2")
        assert decode_open_session(encode_open_session(session)) == session
    for kind in SessionEventKind:
        event = SessionEvent("ab", kind, "SOME_REASON", "A sentence.")
        assert decode_event(encode_event(event)) == event


def test_a_long_value_stays_whole_where_nobody_takes_chunks() -> None:
    value = FreeValue("a/b", bytes(3 << 20))
    assert decode_free_value(encode_free_value(value)) == value
