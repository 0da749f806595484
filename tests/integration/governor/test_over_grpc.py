"""The governor behind a real broker, with a real store, real hosts and everything over gRPC."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from sparring.api.governor.v1 import governor_service_pb2 as pb
from sparring.api.store.v1 import run_pb2
from sparring.client.services import GovernorClient
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError
from tests.unit.governor.stage import document, phase

WITHIN_S = 60.0
LONG = phase(worker=2, episodes=1000).replace("uid: arena", "uid: arena\n            params: {max_iter: 50}")


async def followed(
    governor: GovernorClient, run: str, until: Callable[[pb.WatchRunResponse], bool] = lambda shown: False
) -> list[pb.WatchRunResponse]:
    """Watch a run until it ends, or until something is shown."""
    shown = []
    async with asyncio.timeout(WITHIN_S):
        stream = governor.watch_run(run)
        async for message in stream:
            shown.append(message)
            if until(message):
                break
        await stream.aclose()  # type: ignore[attr-defined]
    return shown


def committed(message: pb.WatchRunResponse) -> bool:
    return message.event.HasField("episode")


def states(shown: list[pb.WatchRunResponse]) -> list[str]:
    """Return the states in order; events of commits and of repeated states left out."""
    found: list[str] = []
    for message in shown:
        if message.HasField("event") and not message.event.HasField("episode"):
            name = run_pb2.Run.State.Name(message.event.run.state).removeprefix("STATE_")
            found += [] if found and found[-1] == name else [name]
    return found


async def test_a_run_is_shown_from_its_submission_to_its_digest(governor: GovernorClient) -> None:
    run = await governor.start_run(document(phase(episodes=4)), "play.yml", client_token="once")
    again = await governor.start_run(document(phase(episodes=4)), "play.yml", client_token="once")
    assert again.run == run.run
    shown = await followed(governor, run.run)
    assert states(shown) == [
        "PRISTINE",
        "INITIALIZING",
        "STARTING_SETUP",
        "STARTING_SIMULATION_CONTROLLERS",
        "STARTING_ENVIRONMENT_CONDUCTORS",
        "STARTING_AGENT_CONDUCTORS",
        "STARTING_RUN",
        "TRANSCEIVING",
        "STOPPING_SIMULATION",
        "STOPPING_RUN",
        "FINALIZING",
        "DONE",
    ]
    assert [message.event.episode.episode.episode for message in shown if committed(message)] == [0, 1, 2, 3]
    last = shown[-1].event.run
    assert (last.status, len(last.digest)) == (run_pb2.Run.STATUS_FINISHED, 32)


async def test_more_rollout_workers_than_slots_take_turns(governor: GovernorClient) -> None:
    text = document(phase(worker=4, episodes=2, more="learning: episode"))
    runs = [await governor.start_run(text, "play.yml") for _ in range(2)]
    shown = await asyncio.gather(*(followed(governor, run.run) for run in runs))
    assert [sum(map(committed, one)) for one in shown] == [8, 8]
    assert shown[0][-1].event.run.digest == shown[1][-1].event.run.digest


async def test_what_cannot_be_played_or_found_is_refused(governor: GovernorClient) -> None:
    with pytest.raises(InvalidArgumentError) as invalid:
        await governor.start_run(document(phase(worker=-1).replace("actuators:", "aktuators:")), "play.yml")
    with pytest.raises(NotFoundError) as component:
        await governor.start_run(document(phase().replace("DummyMuscle", "DummyMussel")), "play.yml")
    with pytest.raises(NotFoundError) as run:
        await followed(governor, "nobody-1")
    reasons = [invalid.value.reason, component.value.reason, run.value.reason]
    assert reasons == ["DOCUMENT_INVALID", "COMPONENT_UNKNOWN", "RUN_UNKNOWN"]
    assert "play.yml:14" in invalid.value.message
    assert "did you mean 'actuators'?" in invalid.value.message


async def test_a_failing_run_says_why_and_leaves_the_other_alone(governor: GovernorClient) -> None:
    good = await governor.start_run(document(phase(episodes=20)), "good.yml")
    bad = await governor.start_run(
        document(phase().replace("sparring.environment:DummyEnvironment", "plants:Broken")), "bad.yml"
    )
    ended, other = await asyncio.gather(followed(governor, bad.run), followed(governor, good.run))
    failed, finished = ended[-1].event.run, other[-1].event.run
    assert (failed.status, failed.error_reason) == (run_pb2.Run.STATUS_FAILED, "AUTHOR_CODE_FAILED")
    assert "Environment 'arena' raised in update in step 1" in failed.error_message
    assert "the pump is broken" in failed.error_message
    assert finished.status == run_pb2.Run.STATUS_FINISHED


async def test_a_cancelled_run_keeps_what_is_committed_and_gives_its_slots_back(governor: GovernorClient) -> None:
    run = await governor.start_run(document(LONG), "long.yml")
    await followed(governor, run.run, committed)
    passing = (await followed(governor, run.run, lambda shown: shown.HasField("progress")))[-1].progress
    assert (passing.phase_name, passing.episodes) == ("train", 1000)
    await governor.cancel_run(run.run)
    shown = await followed(governor, run.run)
    assert shown[-1].event.run.status == run_pb2.Run.STATUS_CANCELLED
    assert any(map(committed, shown))
    with pytest.raises(FailedPreconditionError) as caught:
        await governor.cancel_run(run.run)
    assert caught.value.reason == "RUN_ALREADY_TERMINAL"
    again = await governor.start_run(document(phase(worker=2, episodes=1)), "play.yml")
    assert (await followed(governor, again.run))[-1].event.run.status == run_pb2.Run.STATUS_FINISHED


async def test_a_paused_run_goes_on_where_it_was(governor: GovernorClient) -> None:
    run = await governor.start_run(document(LONG.replace("1000", "40")), "long.yml")
    await followed(governor, run.run, committed)
    await governor.pause_run(run.run)
    await followed(governor, run.run, lambda shown: shown.event.run.status == run_pb2.Run.STATUS_PAUSED)
    await governor.resume_run(run.run)
    shown = await followed(governor, run.run)
    assert shown[-1].event.run.status == run_pb2.Run.STATUS_FINISHED
    assert sum(map(committed, shown)) == 80
