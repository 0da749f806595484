"""Serves an environment's own object: what `Environment.run` and `Environment.worker` are made of."""

from __future__ import annotations

from sparring.environment.environment import Environment
from sparring.environment.server.object_worker import ObjectWorker


def worker_of(environment: Environment) -> ObjectWorker:
    """Return the worker of an object; nothing runs yet.

    Raises:
        InvalidArgumentError: UID_MISSING.
    """
    return ObjectWorker(environment)


def run_object(environment: Environment) -> None:
    """Serve an object in the calling thread; see `ObjectWorker.run`."""
    worker: ObjectWorker = environment.worker
    worker.run()
