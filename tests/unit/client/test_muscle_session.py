"""Sessions with muscles: the same as with environments, with frames of their own."""

from __future__ import annotations

from sparring.client.stream_session import MUSCLE_METHOD, open_muscle
from sparring.codec.muscle_frames import MuscleFrames
from sparring.codec.values import Chunks
from sparring.rpc.step_stream import ServerStream, StepServer
from sparring.types.declaration import Component, FreeValue
from sparring.types.frames import (
    Act,
    Acted,
    MuscleReset,
    MuscleStarted,
    Policy,
    ResetMuscle,
    ShutDown,
    Shutdown,
    StartMuscle,
)
from sparring.types.plan import FixedAddress
from sparring.types.values import Values

SOON_S = 10.0
READINGS = Values(b"readings")
LARGE = FreeValue("application/octet-stream", bytes(3 << 20))


def test_a_muscle_acts_with_the_policies_that_it_is_given() -> None:
    heard = []

    def serve(stream: ServerStream) -> None:
        codec, chunks = MuscleFrames(), Chunks()
        while (data := stream.receive(SOON_S)) is not None:
            number, frame = codec.decode_request(data, chunks)
            if frame is None:
                continue
            heard.append(frame)
            match frame:
                case StartMuscle():
                    answer = MuscleStarted(frozenset({"resume"}))
                case Act():
                    answer = Acted(frame.readings, LARGE, (("entropy", 0.5),))
                case ResetMuscle():
                    answer = MuscleReset()
                case _:
                    answer = ShutDown()
            for message in codec.encode_response(number, answer):
                stream.send(message)
            if isinstance(frame, Shutdown):
                return

    server = StepServer({MUSCLE_METHOD: serve})
    port = server.start()
    session = open_muscle(FixedAddress(f"127.0.0.1:{port}"), "defender")
    start = StartMuscle(Component("m", {}), "defender", 1, (2,), (), (), policy=Policy(0, LARGE))
    answers = []
    try:
        for request in (start, Act(READINGS, policy=Policy(1, LARGE)), ResetMuscle((3,)), Shutdown()):
            session.send(request)
            answers.append(session.receive(SOON_S))
    finally:
        session.close()
        server.stop(0.0)
    assert answers == [
        MuscleStarted(frozenset({"resume"})),
        Acted(READINGS, LARGE, (("entropy", 0.5),)),
        MuscleReset(),
        ShutDown(),
    ]
    assert [request.policy for request in heard[:2]] == [Policy(0, LARGE), Policy(1, LARGE)]
