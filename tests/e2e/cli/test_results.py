"""What can be done with results: the page about it is followed, on a short run of the same document."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from sparring.store import Store, open_store
from tests.e2e.command import EXAMPLES, sparring
from tests.e2e.services import Service, free_port

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "query-results.md").read_text()
LIMIT_S = 90
STATEMENTS = re.findall(r"^\*\*(.+?)\*\*.+?^```sql\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
COMPARED = re.findall(r"^And one over.+?^```sql\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the page has it: a shorter document in `examples`, which has been played."""
    made = tmp_path_factory.mktemp("results")
    text = (EXAMPLES / "cartpole.yml").read_text()
    short = re.sub(r"episodes: \d+", "episodes: 3", text)
    assert short.count("episodes: 3") == 2
    (made / "examples").mkdir()
    (made / "examples" / "cartpole.yml").write_text(short)
    result = sparring("run", "examples/cartpole.yml", "--no-plot", folder=made)
    assert result.code == 0, result.err
    return made


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with open_store(folder / "sparring-data") as opened:
        yield opened


def test_the_page_has_five_queries_and_one_over_all_runs() -> None:
    assert [title for title, _ in STATEMENTS] == [
        "Learning curve",
        "Test against training",
        "The worst episodes, and how they ended",
        "What agents do",
        "Where the time goes",
    ]
    assert len(COMPARED) == 1


@pytest.mark.parametrize(("title", "statement"), STATEMENTS, ids=[title for title, _ in STATEMENTS])
def test_a_query_of_the_page_has_an_answer(title: str, statement: str, store: Store) -> None:
    found = store.sql(statement)
    assert len(found) > 0
    assert not found.isna().all(axis="columns").any(), found


def test_the_answers_are_those_of_the_run(store: Store) -> None:
    answers = {title: store.sql(statement) for title, statement in STATEMENTS}
    episodes = store.episodes()
    train, test = (episodes[episodes["mode"] == mode] for mode in ("train", "test"))
    assert answers["Learning curve"]["episodes"].tolist() == [12]
    assert answers["Learning curve"]["mean_return"][0] == pytest.approx(train["episode_return"].mean())
    against = answers["Test against training"].set_index("mode")
    assert against.loc["test", "mean"] == pytest.approx(test["episode_return"].mean())
    assert (against["agent"] == "balancer").all()
    worst = answers["The worst episodes, and how they ended"]
    assert worst.groupby(["phase", "rollout", "episode"]).size().tolist() == [4, 4, 4]
    assert worst["episode_return"].min() == episodes["episode_return"].min()
    assert answers["What agents do"]["column_name"].tolist() == ["actuator.cart.0"]
    assert answers["What agents do"][["min", "max"]].to_numpy().tolist() == [["0", "1"]]
    assert answers["Where the time goes"]["steps"].tolist() == [train["steps"].sum(), test["steps"].sum()]
    assert store.sql(COMPARED[0])["mean_return"][0] == pytest.approx(test["episode_return"].mean())


def test_the_commands_of_the_page_do_what_it_says(folder: Path) -> None:
    tools = folder / ".tools"
    tools.mkdir()
    tool = tools / "sparring"
    tool.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m sparring "$@"\n')
    tool.chmod(0o755)
    script = "".join(blocks("bash")[1:])  # the run has been played
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1", "COLUMNS": "160"},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^return +train +[▁▂▃▄▅▆▇█]+ ", done.stdout, re.MULTILINE)
    assert (folder / "sparring-data" / "plots" / "cartpole-1.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (folder / "cartpole.svg").read_text()
    assert re.search(r"^\s*episode_return\s+DOUBLE", done.stdout, re.MULTILINE)
    assert "exit code 2" in done.stdout
    assert "Columns of episodes: run, phase," in done.stderr
    returns = pd.read_csv(folder / "returns.csv")
    assert list(returns.columns) == ["phase", "rollout", "episode", "episode_return"]
    assert len(returns) == 15
    assert done.stdout.count('"objectives": {"balancer": ') == 3
    exported = pd.read_parquet(folder / "cartpole" / "steps.parquet")
    assert len(exported) == len(pd.read_csv(folder / "cartpole-csv" / "steps.csv"))
    assert len(exported) == returns["episode_return"].sum() + 15  # a reward of one per step, and the beginnings
    assert "`sensor.cart.0`" in (folder / "cartpole" / "README.md").read_text()


def test_the_python_of_the_page_runs(folder: Path) -> None:
    (program,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "'mode': 'test'" in done.stdout


@pytest.fixture(scope="module")
def broker(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a broker behind which there is a store with the run."""
    place = tmp_path_factory.mktemp("services")
    address = f"127.0.0.1:{free_port()}"
    common = {"SPARRING_BROKER": address, "SPARRING_STORE_DIRECTORY": str(folder / "sparring-data")}
    with contextlib.ExitStack() as stack:
        for name, at in (("broker", address), ("store", "127.0.0.1:0")):
            own = {f"SPARRING_{name.upper()}_ADDRESS": at, f"SPARRING_{name.upper()}_HTTP_ADDRESS": "127.0.0.1:0"}
            service = Service(name, place, {**common, **own})
            stack.callback(service.stop)
            service.wait_until_serving()
        yield address


def test_results_of_a_deployed_system_are_asked_through_its_broker(broker: str, tmp_path: Path) -> None:
    for line in "".join(blocks("console")).replace("127.0.0.1:7000", broker).splitlines():
        result = sparring(*shlex.split(line)[1:], folder=tmp_path)
        assert result.code == 0, line + result.err
    assert (tmp_path / "cartpole-1.png").read_bytes().startswith(b"\x89PNG")
    assert len(pd.read_parquet(tmp_path / "results" / "steps.parquet")) > 15
    assert "Steps are missing" not in (tmp_path / "results" / "README.md").read_text()
