import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Endpoint(_message.Message):
    __slots__ = ("address", "relay", "authority", "relays")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    RELAY_FIELD_NUMBER: _ClassVar[int]
    AUTHORITY_FIELD_NUMBER: _ClassVar[int]
    RELAYS_FIELD_NUMBER: _ClassVar[int]
    address: str
    relay: str
    authority: str
    relays: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, address: _Optional[str] = ..., relay: _Optional[str] = ..., authority: _Optional[str] = ..., relays: _Optional[_Iterable[str]] = ...) -> None: ...

class Grant(_message.Message):
    __slots__ = ("token", "worker_id", "service", "endpoint", "expires")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_FIELD_NUMBER: _ClassVar[int]
    token: str
    worker_id: str
    service: str
    endpoint: Endpoint
    expires: _timestamp_pb2.Timestamp
    def __init__(self, token: _Optional[str] = ..., worker_id: _Optional[str] = ..., service: _Optional[str] = ..., endpoint: _Optional[_Union[Endpoint, _Mapping]] = ..., expires: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SlotRequest(_message.Message):
    __slots__ = ("label", "service", "component")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    label: str
    service: str
    component: str
    def __init__(self, label: _Optional[str] = ..., service: _Optional[str] = ..., component: _Optional[str] = ...) -> None: ...

class Bundle(_message.Message):
    __slots__ = ("slots",)
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    slots: _containers.RepeatedCompositeFieldContainer[SlotRequest]
    def __init__(self, slots: _Optional[_Iterable[_Union[SlotRequest, _Mapping]]] = ...) -> None: ...

class OpenSession(_message.Message):
    __slots__ = ("token", "state", "component", "run", "endpoint")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[OpenSession.State]
        STATE_CONNECTED: _ClassVar[OpenSession.State]
        STATE_EXPECTED: _ClassVar[OpenSession.State]
        STATE_SUSPENDED: _ClassVar[OpenSession.State]
    STATE_UNSPECIFIED: OpenSession.State
    STATE_CONNECTED: OpenSession.State
    STATE_EXPECTED: OpenSession.State
    STATE_SUSPENDED: OpenSession.State
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    token: str
    state: OpenSession.State
    component: str
    run: str
    endpoint: Endpoint
    def __init__(self, token: _Optional[str] = ..., state: _Optional[_Union[OpenSession.State, str]] = ..., component: _Optional[str] = ..., run: _Optional[str] = ..., endpoint: _Optional[_Union[Endpoint, _Mapping]] = ...) -> None: ...

class SessionEvent(_message.Message):
    __slots__ = ("token", "kind", "reason", "message")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[SessionEvent.Kind]
        KIND_OPEN: _ClassVar[SessionEvent.Kind]
        KIND_ENDED: _ClassVar[SessionEvent.Kind]
        KIND_LOST: _ClassVar[SessionEvent.Kind]
        KIND_HUNG: _ClassVar[SessionEvent.Kind]
    KIND_UNSPECIFIED: SessionEvent.Kind
    KIND_OPEN: SessionEvent.Kind
    KIND_ENDED: SessionEvent.Kind
    KIND_LOST: SessionEvent.Kind
    KIND_HUNG: SessionEvent.Kind
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    token: str
    kind: SessionEvent.Kind
    reason: str
    message: str
    def __init__(self, token: _Optional[str] = ..., kind: _Optional[_Union[SessionEvent.Kind, str]] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class Rates(_message.Message):
    __slots__ = ("heartbeat_interval", "liveness")
    HEARTBEAT_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    LIVENESS_FIELD_NUMBER: _ClassVar[int]
    heartbeat_interval: _duration_pb2.Duration
    liveness: int
    def __init__(self, heartbeat_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., liveness: _Optional[int] = ...) -> None: ...
