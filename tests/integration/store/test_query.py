"""Results: by statement over gRPC, and as data frames without any service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.store import Store, open_store
from sparring.types.errors import DeadlineError, InvalidArgumentError, NotFoundError
from sparring.types.mode import Mode
from tests.integration.store.served import ServedStore
from tests.unit.store.builders import play

SEALED = [play(0, 3), play(1, 5)]
OPEN = [play(0, 2, phase=1, mode=Mode.TEST, late_at=1), play(0, 4, phase=1, mode=Mode.TEST, rollout=1)]


async def recorded(store: ServedStore) -> Path:
    """Record a sealed phase and one that goes on."""
    run = await store.owned()
    await store.enter(run, phase_name="warm-up")
    await store.record(run, *SEALED)
    await store.seal(run, *SEALED)
    for each in OPEN:
        await store.record(run, each)
    return store.directory


async def ask(store: ServedStore, sql: str) -> list[dict[str, Any]]:
    pieces = [each.data async for each in store.stub.Query(pb.QueryRequest(sql=sql))]
    return pa.ipc.open_stream(b"".join(pieces)).read_all().to_pylist()  # type: ignore[no-any-return]


async def test_a_statement_is_answered_over_grpc(store: ServedStore) -> None:
    await recorded(store)
    assert await ask(store, 'SELECT episode, max("sensor.plant.level") AS top FROM steps GROUP BY ALL ORDER BY 1') == [
        {"episode": 0, "top": 3},
        {"episode": 1, "top": 5},
    ]
    assert await ask(
        store, "SELECT mode, count(*) AS n, sum(steps) AS steps FROM episodes GROUP BY ALL ORDER BY 1"
    ) == [
        {"mode": "test", "n": 2, "steps": 6},
        {"mode": "train", "n": 2, "steps": 8},
    ]


async def test_a_statement_that_cannot_be_run_says_why(store: ServedStore) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        await ask(store, "SELECT nothing FROM runs")
    assert caught.value.reason == "QUERY_INVALID"
    assert "nothing" in str(caught.value)


async def test_a_statement_that_takes_long_ends_when_nobody_waits_for_it(store: ServedStore) -> None:
    endless = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE hash(a.range, b.range) = 1"
    with pytest.raises(DeadlineError):
        async for _ in store.stub.Query(pb.QueryRequest(sql=endless), timeout=0.5):
            pass
    assert await ask(store, "SELECT 1 AS one") == [{"one": 1}]  # and the store ends, or the test would not


async def test_runs_phases_and_episodes_are_data_frames(store: ServedStore) -> None:
    with open_store(await recorded(store)) as opened:
        runs, phases, episodes = opened.runs(), opened.phases(), opened.episodes("dummy-1")
    assert isinstance(runs, pd.DataFrame)
    assert runs[["run", "uid", "status", "seed"]].to_dict("records") == [
        {"run": "dummy-1", "uid": "dummy", "status": "running", "seed": 7}
    ]
    assert list(phases["name"]) == ["warm-up", "warm-up"]
    assert list(phases["sealed"]) == [True, False]
    assert list(episodes["steps"]) == [3, 5, 2, 4]
    assert list(episodes["digest"]) == [each.summary.digest.hex() for each in (*SEALED, *OPEN)]
    assert episodes["objectives"][0] == {"operator": 2.0}
    assert runs["created"][0] == pd.Timestamp(store.clock.now_ns, tz="UTC")


async def test_steps_of_sealed_phases_and_of_those_that_go_on_are_one_frame(store: ServedStore) -> None:
    with open_store(await recorded(store)) as opened:
        steps = opened.steps()
        assert len(opened.steps(phase=0)) == 10
        assert len(opened.steps(mode="test")) == 8
        assert len(opened.steps(phase=1, mode=Mode.TEST, rollout=1)) == 5
        assert len(opened.steps(phase=7)) == 0
    assert len(steps) == 18
    assert list(steps.columns[:5]) == ["phase", "mode", "rollout", "episode", "step"]
    late = steps[(steps["phase"] == 1) & (steps["rollout"] == 0)]
    assert late["reward.plant.bonus"].fillna(-1).tolist() == [-1, 1, 2]
    assert steps["actuator.plant.valve"].isna().sum() == 4
    assert steps["sensor.plant.power"][0].dtype == np.float32


async def test_statements_work_without_a_service(store: ServedStore) -> None:
    with open_store(await recorded(store)) as opened:
        found = opened.sql("SELECT run, count(*) AS n FROM steps GROUP BY run")
    assert found.to_dict("records") == [{"run": "dummy-1", "n": 10}]


async def test_sums_are_numbers(store: ServedStore) -> None:
    with open_store(await recorded(store)) as opened:
        found = opened.sql(
            "SELECT sum(steps) AS n, sum(steps / 4::DECIMAL(4, 1)) AS part, sum(2::HUGEINT ** 70) FROM episodes"
        )
    assert found.dtypes.tolist() == [np.int64, np.float64, np.float64]
    assert found["n"][0] == 14


async def test_steps_are_handed_out_in_pieces_as_well(store: ServedStore) -> None:
    with open_store(await recorded(store)) as opened:
        first, *others = opened.step_tables("dummy-1")
        assert (first.num_rows, sum(each.num_rows for each in others)) == (0, 18)
        assert first.column_names == list(opened.steps().columns)


async def test_a_run_that_has_not_begun_has_no_steps(store: ServedStore) -> None:
    await store.create()
    with open_store(store.directory) as opened:
        assert len(opened.steps()) == 0
        assert [each.num_rows for each in opened.step_tables()] == [0]


async def test_brain_states_are_listed(store: ServedStore) -> None:
    run = await store.owned()
    header = pb.BrainStateHeader(run=run.run, epoch=run.epoch, agent="operator", tag="phase-end", size_bytes=2)
    await store.stub.SaveBrainState(
        iter([pb.SaveBrainStateRequest(header=header), pb.SaveBrainStateRequest(data=b"ab")])
    )
    with open_store(store.directory) as opened:
        states = opened.brain_states()
    assert states[["agent", "tag", "size_bytes"]].to_dict("records") == [
        {"agent": "operator", "tag": "phase-end", "size_bytes": 2}
    ]


async def test_a_store_is_found_by_the_url_of_its_database_as_well(store: ServedStore) -> None:
    directory = await recorded(store)
    with open_store(f"sqlite:///{directory}/store.sqlite", directory) as opened:
        assert len(opened.steps("dummy-1")) == 18


@pytest.mark.parametrize("ask_for", [Store.phases, Store.episodes, Store.steps, Store.brain_states])
async def test_a_run_that_does_not_exist_is_said_to_be_unknown(store: ServedStore, ask_for: Any) -> None:
    with open_store(store.directory) as opened:
        for name in ("nobody-1", "latest"):
            with pytest.raises(NotFoundError) as caught:
                ask_for(opened, name)
            assert caught.value.reason == "RUN_UNKNOWN"


def test_a_directory_without_a_store_is_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        open_store(tmp_path / "nothing")
    assert caught.value.reason == "STORE_UNKNOWN"
    assert list(tmp_path.iterdir()) == []
