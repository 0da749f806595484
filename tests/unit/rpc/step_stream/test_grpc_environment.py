"""What is set before grpc is imported, for this process and for its children."""

import os
import subprocess
import sys

import pytest

from sparring.rpc import grpc_environment
from sparring.rpc.grpc_environment import EXPERIMENTS, POLL_STRATEGY, child_environment

WITHOUT_ENGINE = "-event_engine_client,-event_engine_listener,-event_engine_for_all_other_endpoints"


def test_a_child_gets_everything_that_is_not_set() -> None:
    environment = child_environment({"HOME": "/somewhere"}, poll_strategy="poll")
    assert environment["HOME"] == "/somewhere"
    assert environment[EXPERIMENTS] == WITHOUT_ENGINE
    assert environment[POLL_STRATEGY] == "poll"
    assert environment["OMP_NUM_THREADS"] == environment["OPENBLAS_NUM_THREADS"] == "1"
    assert int(environment["MALLOC_MMAP_THRESHOLD_"]) > 2**20


def test_a_child_keeps_what_is_set() -> None:
    base = {"OMP_NUM_THREADS": "4", POLL_STRATEGY: "epoll1", "MALLOC_TOP_PAD_": "0", "GRPC_VERBOSITY": "DEBUG"}
    assert base.items() <= child_environment(base, poll_strategy="poll").items()
    assert POLL_STRATEGY not in child_environment({})


@pytest.mark.parametrize(
    ("given", "merged"),
    [
        ("", WITHOUT_ENGINE),
        (WITHOUT_ENGINE, WITHOUT_ENGINE),
        ("tcp_rcv_lowat", f"tcp_rcv_lowat,{WITHOUT_ENGINE}"),
        (" event_engine_client ,", "event_engine_client,-event_engine_listener,-event_engine_for_all_other_endpoints"),
    ],
)
def test_experiments_of_the_user_stay_and_ours_are_added(given: str, merged: str) -> None:
    assert child_environment({EXPERIMENTS: given})[EXPERIMENTS] == merged


def run(code: str, **variables: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in (EXPERIMENTS, "OMP_NUM_THREADS")}
    environment |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **variables}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout


SHOW = f"import os; print(os.environ.get('{EXPERIMENTS}'), os.environ.get('OMP_NUM_THREADS'))"


def test_importing_the_module_prepares_the_process_and_loads_no_grpc() -> None:
    code = f"import sys, sparring.rpc.grpc_environment; assert 'grpc' not in sys.modules; {SHOW}"
    assert run(code) == f"{WITHOUT_ENGINE} 1\n"
    assert run(code, OMP_NUM_THREADS="3") == f"{WITHOUT_ENGINE} 3\n"


def test_importing_it_too_late_changes_nothing_and_preparing_says_so() -> None:
    late = "import grpc, sparring.rpc.grpc_environment as environment"
    assert run(f"{late}; {SHOW}") == "None None\n"
    code = f"{late}\ntry: environment.prepare()\nexcept RuntimeError as error: print(error)"
    assert "grpc was imported before GRPC_EXPERIMENTS was set" in run(code)
    assert run(f"{late}; environment.prepare(); {SHOW}", GRPC_EXPERIMENTS=WITHOUT_ENGINE) == f"{WITHOUT_ENGINE} 1\n"


def test_preparing_twice_is_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in child_environment(os.environ).items():
        monkeypatch.setenv(name, value)
    grpc_environment.prepare()
    grpc_environment.prepare()
