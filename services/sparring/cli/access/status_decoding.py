"""From the broker's answers to records."""

from __future__ import annotations

from typing import Any

from google.protobuf.duration_pb2 import Duration

from sparring.api.broker.v1 import grant_pb2
from sparring.cli.access.standing import ServiceRecord, SessionRecord, WorkerRecord


def decode_service(message: Any) -> ServiceRecord:
    """Decode a service (`ServiceStatus`) with its workers."""
    return ServiceRecord(
        service=message.name,
        workers=tuple(_worker(each) for each in message.workers),
        queued_bundles=message.queued_bundles,
        oldest_wait_s=_seconds(message.oldest_wait),
    )


def _worker(message: Any) -> WorkerRecord:
    return WorkerRecord(
        worker=message.worker_id,
        place=f"{message.labels.get('host', '')}:{message.labels.get('pid', '')}".strip(":"),
        slots=None if message.slots_unlimited else message.slots,
        sessions=tuple(_session(each) for each in message.sessions),
        silent_s=_seconds(message.silent),
        lease_left_s=_seconds(message.lease_left),
    )


def _session(message: grant_pb2.OpenSession) -> SessionRecord:
    state = grant_pb2.OpenSession.State.Name(message.state).removeprefix("STATE_").lower()
    return SessionRecord(state, message.component, message.run)


def _seconds(of: Duration) -> float:
    return of.seconds + of.nanos / 1e9
