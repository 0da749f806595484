"""Brain states: kept whole or not at all, found by run, phase, agent and tag."""

from __future__ import annotations

import hashlib
import os
from typing import Any

import pytest

from sparring.api.space.v1 import episode_pb2
from sparring.api.store.v1 import run_pb2
from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError, SparringError
from tests.integration.store.served import TRAIN, ServedStore

STATE = os.urandom(3_000_000)


def header(run: run_pb2.Run, state: bytes = STATE, **given: Any) -> pb.BrainStateHeader:
    return pb.BrainStateHeader(
        run=run.run,
        epoch=run.epoch,
        contains=[episode_pb2.EpisodeKey(phase=0, mode=TRAIN, rollout=1, episode=9)],
        policy_version=4,
        content_type="application/x-npz",
        size_bytes=len(state),
        digest=hashlib.sha256(state).digest(),
        **{"phase": 0, "agent": "operator", "tag": "phase-end", **given},
    )


async def save(store: ServedStore, named: pb.BrainStateHeader, state: bytes = STATE) -> None:
    pieces = [state[at : at + (1 << 20)] for at in range(0, len(state), 1 << 20)]
    await store.stub.SaveBrainState(
        iter([pb.SaveBrainStateRequest(header=named), *(pb.SaveBrainStateRequest(data=piece) for piece in pieces)])
    )


async def load(
    store: ServedStore, run: str, agent: str = "operator", **given: Any
) -> tuple[pb.BrainStateHeader, bytes]:
    request = pb.LoadBrainStateRequest(run=run, agent=agent, **given)
    first, *rest = [each async for each in store.stub.LoadBrainState(request)]
    return first.header, b"".join(each.data for each in rest)


def files(store: ServedStore) -> list[str]:
    return sorted(path.name for path in (store.directory / "runs").glob("*/brains/*"))


async def test_a_state_comes_back_with_its_header(store: ServedStore) -> None:
    run = await store.owned()
    await save(store, header(run))
    assert await load(store, run.run) == (header(run), STATE)
    assert files(store) == [f"{hashlib.sha256(STATE).hexdigest()}.state"]


async def test_an_empty_state_is_a_state(store: ServedStore) -> None:
    run = await store.owned()
    await save(store, header(run, b""), b"")
    assert (await load(store, run.run))[1] == b""


async def test_saving_again_changes_nothing_and_another_state_takes_its_place(store: ServedStore) -> None:
    run = await store.owned()
    for state in (b"old", b"old", b"new"):
        await save(store, header(run, state), state)
    assert (await load(store, run.run))[1] == b"new"
    assert files(store) == [f"{hashlib.sha256(b'new').hexdigest()}.state"]


async def test_a_state_that_another_name_still_uses_stays(store: ServedStore) -> None:
    run = await store.owned()
    await save(store, header(run, b"same", tag="episode-5"), b"same")
    await save(store, header(run, b"same"), b"same")
    await save(store, header(run, b"new"), b"new")
    assert (await load(store, run.run, tag="episode-5"))[1] == b"same"


async def test_the_newest_that_fits_is_loaded(store: ServedStore) -> None:
    run = await store.owned()
    for state, given in (
        (b"a", {"tag": "episode-5"}),
        (b"b", {"tag": "phase-end"}),
        (b"c", {"phase": 1, "tag": "episode-5"}),
        (b"d", {"agent": "other"}),
    ):
        await save(store, header(run, state, **given), state)
    assert (await load(store, run.run))[1] == b"c"
    assert (await load(store, run.run, phase=0))[1] == b"b"
    assert (await load(store, run.run, phase=0, tag="episode-5"))[1] == b"a"
    assert (await load(store, run.run, agent="other"))[1] == b"d"


async def test_a_uid_means_its_newest_finished_run(store: ServedStore) -> None:
    runs = []
    for number in range(3):
        store.clock.advance(1)
        run = await store.owned()
        await save(store, header(run, b"%d" % number), b"%d" % number)
        runs.append(run)
    for run in runs[:2]:
        await store.finish(run)
    assert (await load(store, "dummy"))[1] == b"1"
    assert (await load(store, runs[2].run))[1] == b"2"


@pytest.mark.parametrize("given", [{"agent": "nobody"}, {"phase": 7}, {"tag": "episode-1"}])
async def test_a_state_that_is_not_there_is_said_to_be_unknown(store: ServedStore, given: dict[str, Any]) -> None:
    run = await store.owned()
    await save(store, header(run))
    for name in (run.run, "nobody"):
        with pytest.raises(NotFoundError) as caught:
            await load(store, name, **given)
        assert caught.value.reason == "BRAIN_STATE_UNKNOWN"


@pytest.mark.parametrize("state", [STATE[:-1], STATE + b"x", b"\0" + STATE[1:], b""])
async def test_a_state_that_is_not_what_its_header_says_is_not_kept(store: ServedStore, state: bytes) -> None:
    run = await store.owned()
    with pytest.raises(InvalidArgumentError) as caught:
        await save(store, header(run), state)
    assert caught.value.reason == "STATE_DAMAGED"
    assert files(store) == []
    with pytest.raises(NotFoundError):
        await load(store, run.run)


async def test_only_the_owner_saves(store: ServedStore) -> None:
    run = await store.owned()
    store.clock.advance(60)
    await store.claim("other")
    with pytest.raises(FailedPreconditionError) as caught:
        await save(store, header(run))
    assert caught.value.reason == "EPOCH_STALE"
    assert files(store) == []


@pytest.mark.parametrize(
    "messages",
    [[], [pb.SaveBrainStateRequest(data=b"x")], [pb.SaveBrainStateRequest()]],
)
async def test_the_header_comes_first(store: ServedStore, messages: list[pb.SaveBrainStateRequest]) -> None:
    with pytest.raises(FailedPreconditionError) as caught:
        await store.stub.SaveBrainState(iter(messages))
    assert caught.value.reason == "GRAMMAR_VIOLATED"


async def test_after_the_header_only_data_comes(store: ServedStore) -> None:
    run = await store.owned()
    with pytest.raises(FailedPreconditionError) as caught:
        await store.stub.SaveBrainState(iter([pb.SaveBrainStateRequest(header=header(run))] * 2))
    assert caught.value.reason == "GRAMMAR_VIOLATED"
    assert files(store) == []


async def test_a_state_that_was_changed_on_the_disk_is_noticed(store: ServedStore) -> None:
    run = await store.owned()
    await save(store, header(run, b"state"), b"state")
    [path] = (store.directory / "runs").glob("*/brains/*")
    path.write_bytes(b"stale")
    with pytest.raises(SparringError) as caught:
        await load(store, run.run)
    assert caught.value.reason == "DATA_DAMAGED"
