"""Services and their workers, as the broker sees them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from google.protobuf.duration_pb2 import Duration
from rich import box
from rich.table import Table
from rich.text import Text

from sparring.api.broker.v1.management_service_pb2 import ServiceStatus, WorkerStatus
from sparring.cli.showing.numbers import NOTHING, count, duration


def services_table(services: Sequence[ServiceStatus], broker: str) -> Table:
    """Return a row per worker, and one for each service that somebody waits for without any."""
    workers = sum(len(service.workers) for service in services)
    title = f"{count(len(services), 'service')}, {count(workers, 'worker')} at {broker}"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left", title_style="bold")
    table.add_column("service", overflow="fold")
    table.add_column("worker", overflow="fold")
    for heading in ("busy", "idle", "calls", "queued", "last heartbeat"):
        table.add_column(heading, justify="right")
    table.add_column("reached", overflow="fold")
    for service in services:
        queued = _queued(service)
        if not service.workers:
            table.add_row(Text(service.name), Text("none", style="yellow"), *[NOTHING] * 3, queued, NOTHING, NOTHING)
        for number, worker in enumerate(service.workers):
            name = "" if number else service.name
            table.add_row(Text(name), Text(_named(worker)), *_slots(worker), "" if number else queued, *_place(worker))
    return table


def json_line(services: Sequence[ServiceStatus]) -> str:
    """Return the same as one line of JSON: a list of services."""
    return json.dumps([_service(service) for service in services])


def _named(worker: WorkerStatus) -> str:
    """Return the worker's name; host and process id are easier to know it by."""
    host, pid = worker.labels.get("host", ""), worker.labels.get("pid", "")
    known = f"{host}:{pid}".strip(":")
    return f"{worker.worker_id[:8]} ({known})" if known else worker.worker_id


def _slots(worker: WorkerStatus) -> tuple[str, str, str]:
    calls = f"{worker.busy_calls}/{worker.calls}" if worker.calls else NOTHING
    busy = len(worker.sessions)
    if worker.slots_unlimited:
        return f"{busy}", "any", calls
    if not worker.slots:
        return NOTHING, NOTHING, calls
    return f"{busy}", f"{max(worker.slots - busy, 0)}", calls


def _queued(service: ServiceStatus) -> str:
    waiting = service.queued_calls + service.queued_bundles
    return f"{waiting} for {duration(_seconds(service.oldest_wait))}" if waiting else "0"


def _place(worker: WorkerStatus) -> tuple[str, str]:
    return f"{duration(_seconds(worker.silent))} ago", _reached(worker)


def _reached(worker: WorkerStatus) -> str:
    """Say how sessions are reached; a host whose slots have an address each names none of its own."""
    if not worker.slots and not worker.slots_unlimited:
        return NOTHING
    if worker.endpoint.relay:
        way = f"relay {worker.endpoint.relay}"
    else:
        way = f"direct {worker.endpoint.address}".rstrip()
    if worker.relayed and not worker.endpoint.relay:
        way += f", {worker.relayed} by relay"
    return way


def _service(service: ServiceStatus) -> dict[str, Any]:
    return {
        "service": service.name,
        "queued_calls": service.queued_calls,
        "queued_bundles": service.queued_bundles,
        "oldest_wait_s": _seconds(service.oldest_wait),
        "workers": [_worker(worker) for worker in service.workers],
    }


def _worker(worker: WorkerStatus) -> dict[str, Any]:
    return {
        "worker": worker.worker_id,
        "slots": None if worker.slots_unlimited else worker.slots,
        "busy": len(worker.sessions),
        "calls": worker.calls,
        "busy_calls": worker.busy_calls,
        "silent_s": _seconds(worker.silent),
        "reached": _reached(worker),
        "labels": dict(sorted(worker.labels.items())),
        "announcements": [{"name": each.name, "role": each.role} for each in worker.announcements],
    }


def _seconds(of: Duration) -> float:
    return of.seconds + of.nanos / 1e9
