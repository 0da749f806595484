"""A deployment of which any process can be killed, frozen and started again, at the addresses it had."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import grpc

from sparring.api.broker.v1 import management_service_pb2 as management
from sparring.api.broker.v1 import management_service_pb2_grpc as management_grpc
from sparring.api.store.v1 import run_pb2
from sparring.api.store.v1 import store_service_pb2 as store_pb
from sparring.api.store.v1 import store_service_pb2_grpc as store_grpc
from tests.e2e.services import STOP_S, Service
from tests.support.eventually import eventually_sync
from tests.support.ports import lasting_port

OTHERS = ("store", "governor", "simulation", "environment", "agent")
WITHIN_S = 60.0


class Deployment:
    """Processes by name: `broker`, or `broker 2`, and the other services. All are on 127.0.0.1.

    Args:
        folder: has the store's data, and the modules of `plugins`.
        brokers: how many.
        plugins: modules with author classes.
        variables: of all processes.
    """

    def __init__(self, folder: Path, *, brokers: int = 1, plugins: str = "", **variables: str) -> None:
        self.running: dict[str, Service] = {}
        self.addresses = [f"127.0.0.1:{lasting_port()}" for _ in range(brokers)]
        self.broker = ",".join(self.addresses)
        self._folder = folder
        self._store = f"127.0.0.1:{lasting_port()}"
        self._variables = {
            "SPARRING_BROKER": self.broker,
            "SPARRING_STORE_DIRECTORY": str(folder / "data"),
            "SPARRING_PLUGINS": plugins,
            **variables,
        }

    def start(self, *names: str, **variables: str) -> None:
        """Start processes, and wait until they serve."""
        for name in names:
            service, _, number = name.partition(" ")
            address = {"broker": self.addresses[int(number or 1) - 1], "store": self._store}.get(service, "127.0.0.1:0")
            own = {f"SPARRING_{service.upper()}_ADDRESS": address}
            self.running[name] = Service(service, self._folder, {**self._variables, **own, **variables})
        for name in names:
            self.running[name].wait_until_serving()

    def kill(self, name: str) -> None:
        """End a process with SIGKILL, as a machine does that loses power."""
        self.running.pop(name).kill()

    def freeze(self, name: str) -> None:
        """Stop a process, not its children, as a debugger does."""
        os.kill(self.running[name].process.pid, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let it go on."""
        os.kill(self.running[name].process.pid, signal.SIGCONT)

    def stop(self) -> dict[str, int]:
        """End everything in good order; returns the exit codes."""
        began = time.monotonic()
        for service in reversed(self.running.values()):
            service.ask_to_stop()
        codes = {name: service.stop() for name, service in reversed(self.running.items())}
        assert time.monotonic() - began < STOP_S
        return codes

    def services(self, broker: int = 0) -> dict[str, list[Any]]:
        """Ask a broker for the workers there are, by service."""
        with grpc.insecure_channel(self.addresses[broker]) as channel:
            stub = management_grpc.ManagementServiceStub(channel)
            answer = stub.ListServices(management.ListServicesRequest(), timeout=5)
            return {service.name: list(service.workers) for service in answer.services}

    def wait_registered(self, *names: str, broker: int = 0) -> None:
        """Wait until workers of these services are registered."""

        def there() -> bool:
            found = self.services(broker)
            return all(found.get(name) for name in names)

        eventually_sync(there, within_s=WITHIN_S, retry_on=(AssertionError, grpc.RpcError))

    def sessions(self, broker: int = 0) -> set[str]:
        """Return the tokens of the sessions that hold slots."""
        workers = (worker for found in self.services(broker).values() for worker in found if worker.slots)
        return {session.token for worker in workers for session in worker.sessions}

    def runs(self) -> Sequence[run_pb2.Run]:
        """Ask the store itself, at its own address, for all runs."""
        with grpc.insecure_channel(self._store) as channel:
            stub = store_grpc.StoreServiceStub(channel)
            return list(stub.ListRuns(store_pb.ListRunsRequest(), timeout=10).runs)

    def episodes(self, run: str) -> list[run_pb2.EpisodeSummary]:
        """Ask the store itself for the committed episodes of a run."""
        with grpc.insecure_channel(self._store) as channel:
            stub = store_grpc.StoreServiceStub(channel)
            request = store_pb.ListEpisodesRequest(run=run)
            return [episode for page in stub.ListEpisodes(request, timeout=10) for episode in page.episodes]

    def wait_episodes(self, run: str, count: int) -> list[run_pb2.EpisodeSummary]:
        """Wait until so many episodes are committed."""

        def enough() -> list[run_pb2.EpisodeSummary]:
            found = self.episodes(run)
            return found if len(found) >= count else []

        return eventually_sync(enough, within_s=WITHIN_S)

    def wait_run(self) -> run_pb2.Run:
        """Wait until the only run has ended; returns it."""

        def ended() -> run_pb2.Run | None:
            [run] = self.runs()
            return run if run.HasField("ended") else None

        return eventually_sync(ended, within_s=WITHIN_S, retry_on=(AssertionError, ValueError, grpc.RpcError))


@contextlib.contextmanager
def deployment(folder: Path, *, brokers: int = 1, plugins: str = "", **variables: str) -> Iterator[Deployment]:
    """Have a deployment for the length of the block, empty at first; what runs at its end must end with 0."""
    made = Deployment(folder, brokers=brokers, plugins=plugins, **variables)
    try:
        yield made
    finally:
        for name in made.running:
            with contextlib.suppress(ProcessLookupError):
                made.thaw(name)
        codes = made.stop()
    assert codes == dict.fromkeys(codes, 0), (codes, {name: made.running[name].lines[-10:] for name in codes})
