"""What gRPC's core, malloc and the number libraries read from the environment, set before any of them is imported.

Every process's entry imports this module before anything that imports grpc. Importing it sets the variables, unless
grpc is loaded already: then it changes nothing, for nothing would come of it, and `prepare` says so. A spawned process
gets them from its parent, by `child_environment`. Whether grpc heeds them is measured, not assumed:
`sparring.rpc.step_stream.polling`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from typing import Final

EXPERIMENTS: Final = "GRPC_EXPERIMENTS"
POLL_STRATEGY: Final = "GRPC_POLL_STRATEGY"
VERBOSITY: Final = "GRPC_VERBOSITY"
"""Without it gRPC's core writes a line to stderr for each server that stops while a client is connected."""

_NO_EVENT_ENGINE: Final = ("event_engine_client", "event_engine_listener", "event_engine_for_all_other_endpoints")
"""Experiments of gRPC's core that hand each read to a pool of threads: they halve a lock-step stream in Python."""

_ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
"""Many processes share the cores here; and results of matrix products depend on the number of threads."""

_MALLOC: Final = {
    "MALLOC_MMAP_THRESHOLD_": str(256 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(2**30),
    "MALLOC_TOP_PAD_": str(64 * 2**20),
}
"""Keep the memory of messages of 1 MiB instead of returning it each step. Read by glibc when a process starts."""


def prepare() -> None:
    """Set the variables of this process.

    Raises:
        RuntimeError: grpc has been imported before, and without them.
    """
    missing = {name: value for name, value in _for_any_process(os.environ) if os.environ.get(name) != value}
    if EXPERIMENTS in missing and "grpc" in sys.modules:
        raise RuntimeError(
            f"grpc was imported before {EXPERIMENTS} was set to {missing[EXPERIMENTS]!r}: too late for it to be "
            f"heeded. Import {__name__} first in the entry of the process."
        )
    os.environ.update(missing)


def child_environment(base: Mapping[str, str], *, poll_strategy: str | None = None) -> dict[str, str]:
    """Return the environment of a process to be spawned: `base`, and what it does not say itself.

    Args:
        base: usually `os.environ`. What it sets stays as it is.
        poll_strategy: how gRPC's core waits for its sockets, such as "poll" for a process with few of them.
    """
    environment = {**base, **dict(_for_any_process(base))}
    for name, value in _MALLOC.items():
        environment.setdefault(name, value)
    if poll_strategy is not None:
        environment.setdefault(POLL_STRATEGY, poll_strategy)
    return environment


def _for_any_process(base: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield EXPERIMENTS, _merged(base.get(EXPERIMENTS, ""))
    yield VERBOSITY, base.get(VERBOSITY, "ERROR")
    for name in _ONE_THREAD:
        yield name, base.get(name, "1")


def _merged(experiments: str) -> str:
    """Add what is missing; an experiment that the user names, on or off, stays as named."""
    named = [name for name in (part.strip() for part in experiments.split(",")) if name]
    taken = {name.removeprefix("-") for name in named}
    return ",".join([*named, *(f"-{name}" for name in _NO_EVENT_ENGINE if name not in taken)])


if "grpc" not in sys.modules:
    prepare()
