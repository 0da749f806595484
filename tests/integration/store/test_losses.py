"""What was acknowledged survives the store: a restart, a kill at any moment, a full disk."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.api.store.v1.store_service_pb2_grpc import StoreServiceStub
from sparring.rpc.channels import open_channel
from sparring.store.phases import RecordingKey
from sparring.types.errors import SparringError, UnavailableError
from sparring.types.mode import Mode
from tests.integration.store.served import WITHIN_S, Clock, RolloutRecord, ServedStore, opening, serving
from tests.unit.store.builders import play

ROOT = Path(__file__).parents[3]


async def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    clock = Clock()
    async with serving(tmp_path, clock) as store:
        run = await store.owned()
        await store.record(run, play(0))
        async with store.recording(run) as record:
            await record.steps(play(1))  # not committed
    async with serving(tmp_path, clock) as store:
        assert (await store.get(run.run)).epoch == 1
        async with store.recording(run) as record:
            assert list(record.opened.committed) == [0]
            await record.play(play(1))
            assert not (await record.receive()).committed.existed
        assert (await store.seal(run, play(0), play(1))).sealed
        assert (await store.verify(run.run))[1].equal


@contextlib.asynccontextmanager
async def process(directory: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, StoreServiceStub]]:
    """Run a store in a process of its own; killed at the end of the block."""
    made = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.store.store_process",
        str(directory),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'services'}{os.pathsep}{ROOT}", "SPARRING_LOG_LEVEL": "WARNING"},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert made.stdout is not None
        port = int(await asyncio.wait_for(made.stdout.readline(), WITHIN_S))
        async with open_channel(f"127.0.0.1:{port}", retries=False, deadline_s=WITHIN_S) as channel:
            yield made, StoreServiceStub(channel)
    finally:
        with contextlib.suppress(ProcessLookupError):
            made.kill()
        await made.wait()


@pytest.mark.parametrize("kill_after", [1, 7, 23])
async def test_a_store_that_is_killed_keeps_what_it_acknowledged(tmp_path: Path, kill_after: int) -> None:
    acknowledged: list[int] = []
    async with process(tmp_path) as (made, stub):
        await stub.CreateRun(pb.CreateRunRequest(client_token="t", uid="dummy"))
        [run] = (await stub.ClaimRuns(pb.ClaimRunsRequest(governor="gov", limit=1))).runs
        record = RolloutRecord(stub.RecordEpisodes(timeout=WITHIN_S))
        await record.send(open=opening(run))
        await record.receive()
        sending = asyncio.create_task(_send_for_ever(record))
        with contextlib.suppress(SparringError):
            while True:
                answer = await record.call.read()
                if answer is grpc.aio.EOF:
                    break
                acknowledged.append(answer.committed.summary.episode.episode)
                if len(acknowledged) == kill_after:
                    made.kill()
        await asyncio.gather(sending, return_exceptions=True)
    assert len(acknowledged) >= kill_after

    async with process(tmp_path) as (_, stub):
        record = RolloutRecord(stub.RecordEpisodes(timeout=WITHIN_S))
        await record.send(open=opening(run))
        kept = list((await record.receive()).opened.committed)
        assert set(acknowledged) <= set(kept)
        following = play(kept[-1] + 1, 3)
        await record.play(following)
        assert (await record.receive()).committed.summary.episode.episode == kept[-1] + 1
        answers = [each async for each in stub.VerifyRun(pb.VerifyRunRequest(run=run.run))]
        assert answers[-1].verified.equal
        assert answers[-1].verified.episodes == len(kept) + 1


async def _send_for_ever(record: RolloutRecord) -> None:
    number = 0
    with contextlib.suppress(SparringError):
        while True:
            await record.play(play(number, 3))
            number += 1


class FullDisk:
    """Stands in for `os.pwrite` on a disk that takes nothing more."""

    def __init__(self) -> None:
        self.full = True
        self._write = os.pwrite

    def __call__(self, file: int, data: bytes, offset: int) -> int:
        if self.full:
            raise OSError(28, "No space left on device")
        return self._write(file, data, offset)


async def test_a_full_disk_is_told_and_costs_nothing_that_was_acknowledged(
    store: ServedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await store.owned()
    await store.record(run, play(0))
    async with store.recording(run) as record:
        disk = FullDisk()
        monkeypatch.setattr(os, "pwrite", disk)
        await record.play(play(1))
        error = await record.failure()
    assert isinstance(error, UnavailableError)
    assert error.reason == "STORE_FULL"
    disk.full = False
    async with store.recording(run) as record:
        assert list(record.opened.committed) == [0]
        await record.play(play(1))
        await record.receive()
    assert (await store.verify(run.run))[1].equal


async def test_a_segment_that_lost_its_end_is_not_written_to(store: ServedStore) -> None:
    run = await store.owned()
    await store.record(run, play(0))
    segment = store.places.segment(RecordingKey(run.run, 0, Mode.TRAIN, 0))
    os.truncate(segment, 50)
    record = RolloutRecord(store.stub.RecordEpisodes(timeout=WITHIN_S))
    await record.send(open=opening(run))
    error = await record.failure()
    assert isinstance(error, SparringError)
    assert error.reason == "DATA_DAMAGED"
