import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from sparring.api.broker.v1 import broker_service_pb2 as _broker_service_pb2
from sparring.api.broker.v1 import grant_pb2 as _grant_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListServicesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListServicesResponse(_message.Message):
    __slots__ = ("services",)
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    services: _containers.RepeatedCompositeFieldContainer[ServiceStatus]
    def __init__(self, services: _Optional[_Iterable[_Union[ServiceStatus, _Mapping]]] = ...) -> None: ...

class WatchServicesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WatchServicesResponse(_message.Message):
    __slots__ = ("services",)
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    services: _containers.RepeatedCompositeFieldContainer[ServiceStatus]
    def __init__(self, services: _Optional[_Iterable[_Union[ServiceStatus, _Mapping]]] = ...) -> None: ...

class ServiceStatus(_message.Message):
    __slots__ = ("name", "workers", "queued_calls", "queued_bundles", "oldest_wait")
    NAME_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    QUEUED_CALLS_FIELD_NUMBER: _ClassVar[int]
    QUEUED_BUNDLES_FIELD_NUMBER: _ClassVar[int]
    OLDEST_WAIT_FIELD_NUMBER: _ClassVar[int]
    name: str
    workers: _containers.RepeatedCompositeFieldContainer[WorkerStatus]
    queued_calls: int
    queued_bundles: int
    oldest_wait: _duration_pb2.Duration
    def __init__(self, name: _Optional[str] = ..., workers: _Optional[_Iterable[_Union[WorkerStatus, _Mapping]]] = ..., queued_calls: _Optional[int] = ..., queued_bundles: _Optional[int] = ..., oldest_wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class WorkerStatus(_message.Message):
    __slots__ = ("worker_id", "slots", "slots_unlimited", "sessions", "calls", "busy_calls", "silent", "endpoint", "labels", "announcements", "relayed", "spares", "lease_id", "lease_left")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    SLOTS_UNLIMITED_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    BUSY_CALLS_FIELD_NUMBER: _ClassVar[int]
    SILENT_FIELD_NUMBER: _ClassVar[int]
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    ANNOUNCEMENTS_FIELD_NUMBER: _ClassVar[int]
    RELAYED_FIELD_NUMBER: _ClassVar[int]
    SPARES_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_LEFT_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    slots: int
    slots_unlimited: bool
    sessions: _containers.RepeatedCompositeFieldContainer[_grant_pb2.OpenSession]
    calls: int
    busy_calls: int
    silent: _duration_pb2.Duration
    endpoint: _grant_pb2.Endpoint
    labels: _containers.ScalarMap[str, str]
    announcements: _containers.RepeatedCompositeFieldContainer[_broker_service_pb2.Announcement]
    relayed: int
    spares: int
    lease_id: str
    lease_left: _duration_pb2.Duration
    def __init__(self, worker_id: _Optional[str] = ..., slots: _Optional[int] = ..., slots_unlimited: bool = ..., sessions: _Optional[_Iterable[_Union[_grant_pb2.OpenSession, _Mapping]]] = ..., calls: _Optional[int] = ..., busy_calls: _Optional[int] = ..., silent: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., endpoint: _Optional[_Union[_grant_pb2.Endpoint, _Mapping]] = ..., labels: _Optional[_Mapping[str, str]] = ..., announcements: _Optional[_Iterable[_Union[_broker_service_pb2.Announcement, _Mapping]]] = ..., relayed: _Optional[int] = ..., spares: _Optional[int] = ..., lease_id: _Optional[str] = ..., lease_left: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class QueryRequest(_message.Message):
    __slots__ = ("name", "body")
    NAME_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    name: str
    body: str
    def __init__(self, name: _Optional[str] = ..., body: _Optional[str] = ...) -> None: ...

class QueryResponse(_message.Message):
    __slots__ = ("code",)
    CODE_FIELD_NUMBER: _ClassVar[int]
    code: int
    def __init__(self, code: _Optional[int] = ...) -> None: ...
