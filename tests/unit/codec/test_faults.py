"""Faults between plain values and the wire."""

from __future__ import annotations

import pytest

from sparring.api.space.v1 import fault_pb2 as pb
from sparring.codec.environment_frames import EnvironmentFrames
from sparring.codec.faults import decode_fault, decode_struck, encode_fault, encode_struck
from sparring.codec.muscle_frames import MuscleFrames
from sparring.codec.values import Chunks
from sparring.types.episode import EpisodeKey
from sparring.types.errors import InvalidArgumentError
from sparring.types.faults import Fault, FaultKind, StruckFault
from sparring.types.frames import Strike, Struck
from sparring.types.mode import Mode


@pytest.mark.parametrize("kind", FaultKind)
def test_every_fault_arrives_as_it_was(kind: FaultKind) -> None:
    plain = Fault(f"{kind.value} grid", kind, "grid")
    full = Fault("x", kind, "defender", True, 0.5, (0, 7), 0.0, 0, 3, 9)
    for fault in (plain, full):
        assert decode_fault(pb.Fault.FromString(encode_fault(fault).SerializeToString())) == fault
    struck = StruckFault(EpisodeKey(1, Mode.TEST, 2, 3), "x", kind, "grid.flow", 4, -0.5)
    assert decode_struck(pb.StruckFault.FromString(encode_struck(struck).SerializeToString())) == struck


def test_a_kind_that_is_not_known_is_refused() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        decode_fault(pb.Fault(name="melt grid", kind=99))  # type: ignore[arg-type]
    assert caught.value.reason == "FAULT_IMPOSSIBLE"
    assert "melt grid" in caught.value.message


@pytest.mark.parametrize("frames", [EnvironmentFrames(), MuscleFrames()])
@pytest.mark.parametrize("strike", [Strike(kill=True), Strike(freeze_s=0.25)])
def test_strikes_travel_in_both_kinds_of_session(frames: EnvironmentFrames | MuscleFrames, strike: Strike) -> None:
    (request,), (answer,) = frames.encode_request(7, strike), frames.encode_response(7, Struck())
    assert frames.decode_request(request, Chunks()) == (7, strike)
    assert frames.decode_response(answer, Chunks()) == (7, Struck())
