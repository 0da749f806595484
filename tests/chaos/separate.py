"""Separate services under a supervisor: whatever dies is started again, as Compose and Kubernetes do it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import grpc

from sparring.api.broker.v1.management_service_pb2 import ListServicesRequest
from sparring.api.broker.v1.management_service_pb2_grpc import ManagementServiceStub
from sparring.store.places import Places
from sparring.store.runs import Status
from sparring.store.sql.database import SqlDatabase
from sparring.types.errors import SparringError
from tests.chaos.campaign import caught_up, children_named
from tests.chaos.documents import Disturbed
from tests.chaos.drift import PULSES
from tests.chaos.pulses import Pulses
from tests.e2e.command import sparring
from tests.e2e.services import SERVICES, Service
from tests.support.ports import lasting_port

SLOTS = ("environment", "agent", "simulation")
KINDS = (*SERVICES, *(f"{name} slot" for name in SLOTS))
SPARE = "spare governor"
QUICK = {
    "SPARRING_BROKER_HEARTBEAT_S": "0.7",
    "SPARRING_GOVERNOR_LEASE_S": "3",
    "SPARRING_GOVERNOR_LOOK_EVERY_S": "0.5",
}
"""Leases as short as tests can have them: 2.1 s of workers, 3 s of runs."""
WORKER_LEASE_S = 2.1
LIMIT_S = 300.0
_LOOK_S = 0.05
_SPARES = (SPARE, "governor")
_PROCESSES = {"environment": ("environment",), "agent": ("agent",), "simulation": ("simulation", "embedded")}
"""What slot processes are called; one that could run inline components as well is called after those."""


class Deployment:
    """All services of a system, kept alive.

    Args:
        folder: where data, pulses and modules lie.
        rollouts: for so many rollout workers there are slots.
        variables: settings of all services.
        spare: whether there is a second governor.
    """

    def __init__(self, folder: Path, rollouts: int, variables: Mapping[str, str], *, spare: bool = False) -> None:
        self.pulses = Pulses(folder / "pulses")
        self.store = folder / "data"
        self.restarts = 0
        self._folder = folder
        self._run = ""
        self._names = (*SERVICES, SPARE) if spare else SERVICES
        self._addresses = {name: f"127.0.0.1:{lasting_port()}" for name in self._names}
        self._broker = self._addresses["broker"]
        self._variables = {
            "SPARRING_BROKER": self._broker,
            "SPARRING_STORE_DIRECTORY": str(self.store),
            "SPARRING_PLUGINS": "drift",
            "SPARRING_LOG_LEVEL": "INFO",
            "SPARRING_ENVIRONMENT_SLOTS": str(rollouts),
            "SPARRING_SIMULATION_SLOTS": str(rollouts),
            "SPARRING_AGENT_SLOTS": str(rollouts + 1),
            PULSES: str(folder / "pulses"),
            **variables,
        }
        self._services: dict[str, Service] = {}
        self._ended: list[Service] = []
        self._stopping = threading.Event()
        self._guard = threading.Lock()
        for name in self._names:
            self._services[name] = self._started(name)
        for service in self._services.values():
            service.wait_until_serving()
        self._supervisor = threading.Thread(target=self._supervise, name="supervisor")
        self._supervisor.start()

    @property
    def broker(self) -> str:
        """Where the broker is."""
        return self._broker

    @property
    def playing(self) -> bool:
        """Whether the submitted run goes on."""
        return not self._status().terminal

    def submit(self, document: Disturbed) -> str:
        """Submit a document, played by services; returns the run's name."""
        arguments = ("--connect", self._broker, "--detach", "--json", "--placement", "service")
        result = sparring("run", *arguments, str(document.file), folder=document.folder)
        assert result.code == 0, result.out + result.err
        self._run = str(result.summary["run"])
        return self._run

    def wait(self) -> None:
        """Wait until the submitted run has ended."""
        until = time.monotonic() + LIMIT_S
        while self.playing:
            assert time.monotonic() < until, self.logs()
            time.sleep(_LOOK_S)

    def targets(self, kind: str) -> Sequence[int]:
        """Return the processes of a kind."""
        name, _, slot = kind.partition(" ")
        with self._guard:
            processes = [one.process for one in self._named(name)]
        living = [process.pid for process in processes if process.poll() is None]
        return [child for pid in living for child in children_named(pid, *_PROCESSES[name])] if slot else living

    def _named(self, name: str) -> list[Service]:
        """Return the service of a name; of two governors the one that governs the run."""
        found = [one for key, one in self._services.items() if key == name or (key, name) == _SPARES]
        if len(found) < 2:
            return found
        return [one for one in found if any(f"run {self._run}: TRANSCEIVING" in line for line in one.lines)]

    def lost(self, kind: str) -> None:
        """Nothing: the supervisor has seen it."""

    def open_sessions(self) -> int:
        """Return how many sessions the broker knows at the hosts of author code, once all has settled."""
        until = time.monotonic() + 30.0
        with grpc.insecure_channel(self._broker) as channel:
            stub = ManagementServiceStub(channel)
            while True:
                listed = stub.ListServices(ListServicesRequest(), timeout=10.0).services
                found = sum(len(worker.sessions) for one in listed if one.name in SLOTS for worker in one.workers)
                if not found or time.monotonic() > until:
                    return found
                time.sleep(_LOOK_S)

    def logs(self) -> str:
        """Return the last lines of all services."""
        with self._guard:
            every = [*self._services.values(), *self._ended]
            return "\n".join(f"--- {one.name}\n" + "\n".join(one.lines[-15:]) for one in every)

    def fed(self) -> list[int]:
        """Return on how many episodes brains have caught up, each time that one was lost."""
        with self._guard:
            every = [*self._services.values(), *self._ended]
            return [count for one in every for count in caught_up(one.lines)]

    def said(self, text: str) -> bool:
        """Whether any service has logged a text."""
        with self._guard:
            every = [*self._services.values(), *self._ended]
            return any(text in line for one in every for line in one.lines)

    def close(self) -> dict[str, int]:
        """Stop everything in good order; returns the exit codes."""
        self._stopping.set()
        self._supervisor.join()
        for service in reversed(self._services.values()):
            service.ask_to_stop()
        codes = {name: service.stop() for name, service in reversed(self._services.items())}
        for service in self._ended:
            service.stop()
        return codes

    def _supervise(self) -> None:
        while not self._stopping.wait(_LOOK_S):
            for name in self._names:
                service = self._services[name]
                if service.process.poll() is not None:
                    again = self._started(name)
                    with self._guard:
                        self._ended.append(service)
                        self._services[name] = again
                        self.restarts += 1

    def _started(self, name: str) -> Service:
        service = "governor" if name == SPARE else name
        own = {f"SPARRING_{service.upper()}_ADDRESS": self._addresses[name]}
        return Service(service, self._folder, {**self._variables, **own})

    def _status(self) -> Status:
        database = SqlDatabase(Places(self.store).database_url, create=False)
        try:
            return database.read(lambda tables: tables.runs.find(self._run).status)
        except SparringError:
            return Status.SUBMITTED
        finally:
            database.close()


@contextlib.contextmanager
def deployment(
    folder: Path, rollouts: int, *, modules: Path, spare: bool = False, **variables: str
) -> Iterator[Deployment]:
    """Run all services, supervised, for the length of the block; every one must end with 0."""
    running = Deployment(folder, rollouts, {"PYTHONPATH": str(modules), **QUICK, **variables}, spare=spare)
    try:
        yield running
    finally:
        codes = running.close()
    assert codes == dict.fromkeys(codes, 0), (codes, running.logs())
