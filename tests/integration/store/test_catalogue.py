"""Runs as users know them, over gRPC."""

from __future__ import annotations

import pytest

from sparring.api.store.v1 import run_pb2
from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError
from tests.integration.store.served import ServedStore

CANCEL = pb.RequestRunRequest.WISH_CANCEL
PAUSE = pb.RequestRunRequest.WISH_PAUSE
RESUME = pb.RequestRunRequest.WISH_RESUME


async def test_a_submitted_document_is_a_run_with_a_name_that_counts(store: ServedStore) -> None:
    first, second = await store.create(token="a"), await store.create(token="b")
    assert [first.run, second.run] == ["dummy-1", "dummy-2"]
    assert (first.uid, first.seed, first.status, first.state) == (
        "dummy",
        7,
        run_pb2.Run.STATUS_SUBMITTED,
        run_pb2.Run.STATE_PRISTINE,
    )
    assert first.deterministic
    assert not first.HasField("lease_until")
    assert not first.HasField("ended")
    assert first.created.ToNanoseconds() == store.clock.now_ns


async def test_submitting_twice_under_one_token_makes_one_run(store: ServedStore) -> None:
    assert (await store.create(token="same")).run == (await store.create(token="same")).run
    assert len((await store.stub.ListRuns(pb.ListRunsRequest())).runs) == 1


async def test_a_submission_needs_a_token(store: ServedStore) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        await store.stub.CreateRun(pb.CreateRunRequest(uid="dummy"))
    assert caught.value.reason == "CLIENT_TOKEN_MISSING"


async def test_the_document_comes_back_as_it_was(store: ServedStore) -> None:
    run = await store.create()
    found = await store.stub.GetDocument(pb.GetDocumentRequest(run=run.run))
    assert (found.document, found.file_name, found.placement, found.seed) == (b"uid: dummy", "dummy.yml", "", 7)


async def test_the_newest_run_is_called_latest(store: ServedStore) -> None:
    with pytest.raises(NotFoundError) as caught:
        await store.get("latest")
    assert caught.value.reason == "RUN_UNKNOWN"
    await store.create(token="a")
    newest = await store.create(token="b")
    assert await store.get("latest") == newest


async def test_runs_are_listed_page_by_page_newest_first(store: ServedStore) -> None:
    for number in range(5):
        await store.create(token=str(number))
    names: list[str] = []
    token = ""
    while True:
        page = await store.stub.ListRuns(pb.ListRunsRequest(page_size=2, page_token=token))
        names += [run.run for run in page.runs]
        token = page.next_page_token
        if not token:
            break
    assert names == [f"dummy-{number}" for number in (5, 4, 3, 2, 1)]


@pytest.mark.parametrize("token", ["x", "-1", "9" * 40])
async def test_a_page_token_of_somebody_elses_is_refused(store: ServedStore, token: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        await store.stub.ListRuns(pb.ListRunsRequest(page_token=token))
    assert caught.value.reason == "PAGE_TOKEN_INVALID"


async def test_wishes_are_told_to_the_owner_when_it_renews(store: ServedStore) -> None:
    run = await store.owned()
    for wish in (PAUSE, CANCEL):
        await store.stub.RequestRun(pb.RequestRunRequest(run=run.run, wish=wish))
    renewed = await store.stub.RenewRuns(pb.RenewRunsRequest(governor="gov", epochs={run.run: run.epoch}))
    assert [(each.pause_requested, each.cancel_requested) for each in renewed.runs] == [(True, True)]
    await store.stub.RequestRun(pb.RequestRunRequest(run=run.run, wish=RESUME))
    assert not (await store.get(run.run)).pause_requested


async def test_the_same_wish_again_is_no_event(store: ServedStore) -> None:
    run = await store.owned()
    once = (await store.stub.RequestRun(pb.RequestRunRequest(run=run.run, wish=PAUSE))).run
    twice = (await store.stub.RequestRun(pb.RequestRunRequest(run=run.run, wish=PAUSE))).run
    assert twice.revision == once.revision


async def test_a_run_that_nobody_has_begun_is_cancelled_at_once(store: ServedStore) -> None:
    run = await store.create()
    cancelled = (await store.stub.RequestRun(pb.RequestRunRequest(run=run.run, wish=CANCEL))).run
    assert cancelled.status == run_pb2.Run.STATUS_CANCELLED
    assert await store.claim() == []
    with pytest.raises(FailedPreconditionError) as caught:
        await store.stub.RequestRun(pb.RequestRunRequest(run=run.run, wish=CANCEL))
    assert caught.value.reason == "RUN_ALREADY_TERMINAL"
    assert caught.value.metadata == {"run": "dummy-1", "state": "cancelled"}


async def test_a_wish_that_nobody_knows_is_refused(store: ServedStore) -> None:
    run = await store.create()
    with pytest.raises(InvalidArgumentError) as caught:
        await store.stub.RequestRun(pb.RequestRunRequest(run=run.run))
    assert caught.value.reason == "WISH_UNKNOWN"


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("GetRun", pb.GetRunRequest(run="nobody-1")),
        ("GetDocument", pb.GetDocumentRequest(run="nobody-1")),
        ("RequestRun", pb.RequestRunRequest(run="nobody-1", wish=CANCEL)),
        ("RecordTransition", pb.RecordTransitionRequest(run="nobody-1", ordinal=1, state=1, status=1)),
        ("SealPhase", pb.SealPhaseRequest(run="nobody-1")),
    ],
)
async def test_a_run_that_does_not_exist_is_said_to_be_unknown(
    store: ServedStore, method: str, request_: object
) -> None:
    with pytest.raises(NotFoundError) as caught:
        await getattr(store.stub, method)(request_)
    assert caught.value.reason == "RUN_UNKNOWN"
    assert caught.value.metadata == {"run": "nobody-1"}


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("ListEpisodes", pb.ListEpisodesRequest(run="nobody-1")),
        ("WatchRun", pb.WatchRunRequest(run="nobody-1")),
        ("VerifyRun", pb.VerifyRunRequest(run="nobody-1")),
    ],
)
async def test_streams_about_a_run_that_does_not_exist_say_so(
    store: ServedStore, method: str, request_: object
) -> None:
    with pytest.raises(NotFoundError) as caught:
        async for _ in getattr(store.stub, method)(request_):
            pass
    assert caught.value.reason == "RUN_UNKNOWN"
