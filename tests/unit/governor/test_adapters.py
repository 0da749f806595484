"""The governor's ports over gRPC, where they do more than hand on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from gymnasium.spaces import Discrete

from sparring.api.agent.v1 import muscle_service_pb2 as muscle_pb
from sparring.api.agent.v1 import muscle_service_pb2_grpc as muscle_grpc
from sparring.api.environment.v1 import environment_service_pb2 as environment_pb
from sparring.api.environment.v1 import environment_service_pb2_grpc as environment_grpc
from sparring.api.simulation.v1 import simulation_service_pb2 as pb
from sparring.api.space.v1 import episode_pb2, session_pb2
from sparring.api.store.v1 import run_pb2
from sparring.client.access import Access
from sparring.client.broker_client import BrokerClient
from sparring.client.store_client import StoreClient
from sparring.codec.declaration import encode_declarations
from sparring.codec.errors import encode_error
from sparring.codec.version import encode_version
from sparring.governor.adapters.broker import BrokerSlots
from sparring.governor.adapters.describer import HostDescriber
from sparring.governor.adapters.rollouts import decode_frame
from sparring.governor.adapters.store import StoredRuns
from sparring.governor.ports import Source
from sparring.governor.rollout_frames import (
    Cause,
    EpisodeCommitted,
    RolloutEnded,
    RolloutPaused,
    RolloutProgress,
    RolloutResumed,
    RolloutStarted,
)
from sparring.rpc.channels import open_channel
from sparring.rpc.mounts import mount
from sparring.rpc.server import running
from sparring.types.declaration import Component, Declaration, FreeValue
from sparring.types.episode import EpisodeKey
from sparring.types.errors import AuthorError, InvalidArgumentError, LostError, NotFoundError, UnavailableError
from sparring.types.flow import SimulationFlowControl
from sparring.types.holding import SessionEvent, SessionEventKind
from sparring.types.learning import Saved
from sparring.types.mode import Mode

LEVEL = Declaration("level", Discrete(3))


class Plant(environment_grpc.EnvironmentServiceServicer):
    async def Describe(self, request: environment_pb.DescribeRequest, context: Any) -> environment_pb.DescribeResponse:
        if request.environment.name:
            raise NotFoundError("ENVIRONMENT_UNKNOWN", "This server offers only one.")
        return environment_pb.DescribeResponse(version=encode_version(), sensors=encode_declarations([LEVEL]))

    def Session(self, request_iterator: Any, context: Any) -> Any:
        raise NotImplementedError


class Operator(muscle_grpc.MuscleServiceServicer):
    async def DescribeMuscle(
        self, request: muscle_pb.DescribeMuscleRequest, context: Any
    ) -> muscle_pb.DescribeMuscleResponse:
        raise InvalidArgumentError("PARAMETERS_INVALID", "The operator has no parameter 'speed'.")

    def MuscleSession(self, request_iterator: Any, context: Any) -> Any:
        raise NotImplementedError


async def test_components_at_fixed_addresses_are_asked_there() -> None:
    async with (
        running("127.0.0.1:0", [mount(Plant()), mount(Operator())], name="plant", drain_s=0.0) as server,
        open_channel("127.0.0.1:9") as nowhere,
        HostDescriber(nowhere, Access()) as describer,
    ):
        there = Source(Component("", {}), address=str(server.address))
        described = await describer.environment(there, 5.0)
        with pytest.raises(InvalidArgumentError) as refused:
            await describer.muscle(there, (), 5.0)
    assert described.sensors == (LEVEL,)
    assert refused.value.message == "The operator has no parameter 'speed'."


KEY = EpisodeKey(0, Mode.TRAIN, 1, 2)
ENDED = pb.EpisodeEnded(
    episode=episode_pb2.EpisodeKey(phase=0, mode="MODE_TRAIN", rollout=1, episode=2),
    steps=10,
    episode_return=4.5,
    agents=[pb.AgentReturn(agent="one", objective=1.5), pb.AgentReturn(agent="silent")],
    flow_control="FLOW_CONTROL_RESTART",
)


@pytest.mark.parametrize(
    ("message", "frame"),
    [
        (pb.RunResponse(started=pb.Started()), RolloutStarted(0.0)),
        (pb.RunResponse(paused=pb.Paused()), RolloutPaused()),
        (pb.RunResponse(resumed=pb.Resumed()), RolloutResumed()),
        (
            pb.RunResponse(progress=pb.Progress(episode=1, step=2, steps_played=3, steps_per_second=4, waiting="?")),
            RolloutProgress(1, 2, 3, 4.0, 0.0, "?"),
        ),
        (
            pb.RunResponse(episode_ended=ENDED),
            EpisodeCommitted(KEY, 10, 4.5, {"one": 1.5}, SimulationFlowControl.RESTART),
        ),
        (
            pb.RunResponse(ended=pb.Ended(cause=pb.Ended.CAUSE_PARKED, steps_sent=20, episodes_sent=2)),
            RolloutEnded(Cause.PARKED, None, 20, 2),
        ),
        (pb.RunResponse(), None),
    ],
    ids=["started", "paused", "resumed", "progress", "episode", "ended", "from-a-newer-peer"],
)
def test_what_a_rollout_worker_tells_is_read(message: pb.RunResponse, frame: object) -> None:
    assert decode_frame(message) == frame


def test_why_a_rollout_worker_failed_is_read_with_its_values() -> None:
    raised = AuthorError("AUTHOR_CODE_FAILED", "update raised.", component="environment 'arena'", step=3)
    read = decode_frame(pb.RunResponse(ended=pb.Ended(cause=pb.Ended.CAUSE_FAILED, error=encode_error(raised))))
    assert isinstance(read, RolloutEnded)
    assert isinstance(read.error, AuthorError)
    assert (read.error.reason, read.error.metadata["step"]) == ("AUTHOR_CODE_FAILED", "3")


def test_an_error_that_says_only_its_reason_is_read_as_well() -> None:
    error = session_pb2.Error(reason="SESSION_LOST", metadata={"message": "a value that is called like our argument"})
    read = decode_frame(pb.RunResponse(ended=pb.Ended(cause=pb.Ended.CAUSE_LOST, error=error)))
    assert isinstance(read, RolloutEnded)
    assert read.error is not None
    assert read.error.reason == "SESSION_LOST"


class Watches:
    """Stands in for the broker's client: first it refuses, then it tells two events and ends."""

    def __init__(self) -> None:
        self.asked = 0

    async def watch_sessions(self, tokens: Sequence[str]) -> AsyncIterator[SessionEvent]:
        self.asked += 1
        if self.asked == 1:
            raise UnavailableError("UNAVAILABLE", "not now")
        yield SessionEvent(tokens[0], SessionEventKind.OPEN)
        yield SessionEvent(tokens[0], SessionEventKind.ENDED)


async def test_a_watch_begins_again_and_never_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparring.governor.adapters.broker.AGAIN_S", 0.0)
    client = Watches()
    events = BrokerSlots(cast(BrokerClient, client)).watch(["token"])
    assert [(await anext(events)).kind for _ in range(2)] == [SessionEventKind.OPEN, SessionEventKind.ENDED]
    more = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    assert not more.done()
    more.cancel()
    assert client.asked == 2


class Catalogue:
    """Stands in for the store's client: three runs of one document, the newest of them still played."""

    runs = (
        run_pb2.Run(run="other-4", uid="other", status=run_pb2.Run.STATUS_FINISHED),
        run_pb2.Run(run="play-3", uid="play", status=run_pb2.Run.STATUS_RUNNING),
        run_pb2.Run(run="play-2", uid="play", status=run_pb2.Run.STATUS_FINISHED),
        run_pb2.Run(run="play-1", uid="play", status=run_pb2.Run.STATUS_FINISHED),
    )

    def __init__(self) -> None:
        self.loaded: list[tuple[str, str, int | None]] = []

    async def list_runs(self, page_size: int = 0, page_token: str = "") -> tuple[list[run_pb2.Run], str]:
        at = int(page_token or 0)
        return [self.runs[at]], str(at + 1) if at + 1 < len(self.runs) else ""

    async def get_run(self, run: str) -> tuple[Any, list[Any]]:
        assert run == "play-2"
        return None, [SimpleNamespace(phase=0, name="warm-up"), SimpleNamespace(phase=1, name="train")]

    async def load_brain_state(
        self, run: str, agent: str, phase: int | None = None, *, committed_only: bool = False
    ) -> Saved:
        self.loaded.append((run, agent, phase))
        return Saved(FreeValue("application/json", b"{}"), (), 0)


async def test_a_phase_is_found_by_its_name_in_the_newest_finished_run_of_a_document() -> None:
    catalogue = Catalogue()
    await StoredRuns(cast(StoreClient, catalogue)).load_brain("play", "train", "one")
    assert catalogue.loaded == [("play", "one", 1)]


@pytest.mark.parametrize(("run", "phase"), [("nobody", "train"), ("play", "test")])
async def test_a_phase_that_is_not_there_is_said_to_be_missing(run: str, phase: str) -> None:
    with pytest.raises(NotFoundError):
        await StoredRuns(cast(StoreClient, Catalogue())).load_brain(run, phase, "one")


def test_a_lost_session_is_a_lost_session_by_its_cause() -> None:
    error = encode_error(LostError("SESSION_LOST", "gone"))
    read = decode_frame(pb.RunResponse(ended=pb.Ended(cause=pb.Ended.CAUSE_LOST, error=error)))
    assert isinstance(read, RolloutEnded)
    assert (read.cause, type(read.error)) == (Cause.LOST, LostError)
