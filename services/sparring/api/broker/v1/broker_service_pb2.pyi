import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sparring.api.broker.v1 import grant_pb2 as _grant_pb2
from sparring.api.space.v1 import session_pb2 as _session_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Announcement(_message.Message):
    __slots__ = ("name", "role")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    name: str
    role: str
    def __init__(self, name: _Optional[str] = ..., role: _Optional[str] = ...) -> None: ...

class Ready(_message.Message):
    __slots__ = ("version", "capabilities", "worker_id", "incarnation", "service", "slots", "slots_unlimited", "calls", "sessions", "announcements", "endpoint", "labels", "dial_out")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    SLOTS_UNLIMITED_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    ANNOUNCEMENTS_FIELD_NUMBER: _ClassVar[int]
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    DIAL_OUT_FIELD_NUMBER: _ClassVar[int]
    version: _session_pb2.ProtocolVersion
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    worker_id: str
    incarnation: int
    service: str
    slots: int
    slots_unlimited: bool
    calls: int
    sessions: _containers.RepeatedCompositeFieldContainer[_grant_pb2.OpenSession]
    announcements: _containers.RepeatedCompositeFieldContainer[Announcement]
    endpoint: _grant_pb2.Endpoint
    labels: _containers.ScalarMap[str, str]
    dial_out: bool
    def __init__(self, version: _Optional[_Union[_session_pb2.ProtocolVersion, _Mapping]] = ..., capabilities: _Optional[_Iterable[str]] = ..., worker_id: _Optional[str] = ..., incarnation: _Optional[int] = ..., service: _Optional[str] = ..., slots: _Optional[int] = ..., slots_unlimited: bool = ..., calls: _Optional[int] = ..., sessions: _Optional[_Iterable[_Union[_grant_pb2.OpenSession, _Mapping]]] = ..., announcements: _Optional[_Iterable[_Union[Announcement, _Mapping]]] = ..., endpoint: _Optional[_Union[_grant_pb2.Endpoint, _Mapping]] = ..., labels: _Optional[_Mapping[str, str]] = ..., dial_out: bool = ...) -> None: ...

class WorkRequest(_message.Message):
    __slots__ = ("ready", "heartbeat", "partial", "final", "failure", "disconnect", "admitted", "refused", "session_ended")
    READY_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    DISCONNECT_FIELD_NUMBER: _ClassVar[int]
    ADMITTED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    SESSION_ENDED_FIELD_NUMBER: _ClassVar[int]
    ready: Ready
    heartbeat: Heartbeat
    partial: Partial
    final: Final
    failure: Failure
    disconnect: Disconnect
    admitted: Admitted
    refused: Refused
    session_ended: SessionEnded
    def __init__(self, ready: _Optional[_Union[Ready, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., partial: _Optional[_Union[Partial, _Mapping]] = ..., final: _Optional[_Union[Final, _Mapping]] = ..., failure: _Optional[_Union[Failure, _Mapping]] = ..., disconnect: _Optional[_Union[Disconnect, _Mapping]] = ..., admitted: _Optional[_Union[Admitted, _Mapping]] = ..., refused: _Optional[_Union[Refused, _Mapping]] = ..., session_ended: _Optional[_Union[SessionEnded, _Mapping]] = ...) -> None: ...

class WorkResponse(_message.Message):
    __slots__ = ("welcome", "request", "cancel", "heartbeat", "disconnect", "offer", "withdraw")
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    DISCONNECT_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    WITHDRAW_FIELD_NUMBER: _ClassVar[int]
    welcome: Welcome
    request: Request
    cancel: Cancel
    heartbeat: Heartbeat
    disconnect: Disconnect
    offer: Offer
    withdraw: Withdraw
    def __init__(self, welcome: _Optional[_Union[Welcome, _Mapping]] = ..., request: _Optional[_Union[Request, _Mapping]] = ..., cancel: _Optional[_Union[Cancel, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., disconnect: _Optional[_Union[Disconnect, _Mapping]] = ..., offer: _Optional[_Union[Offer, _Mapping]] = ..., withdraw: _Optional[_Union[Withdraw, _Mapping]] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("busy_request_ids", "sessions")
    BUSY_REQUEST_IDS_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    busy_request_ids: _containers.RepeatedScalarFieldContainer[str]
    sessions: _containers.RepeatedCompositeFieldContainer[_grant_pb2.OpenSession]
    def __init__(self, busy_request_ids: _Optional[_Iterable[str]] = ..., sessions: _Optional[_Iterable[_Union[_grant_pb2.OpenSession, _Mapping]]] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("version", "capabilities", "lease_id", "rates", "broker_id", "relay")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    RATES_FIELD_NUMBER: _ClassVar[int]
    BROKER_ID_FIELD_NUMBER: _ClassVar[int]
    RELAY_FIELD_NUMBER: _ClassVar[int]
    version: _session_pb2.ProtocolVersion
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    lease_id: str
    rates: _grant_pb2.Rates
    broker_id: str
    relay: Relay
    def __init__(self, version: _Optional[_Union[_session_pb2.ProtocolVersion, _Mapping]] = ..., capabilities: _Optional[_Iterable[str]] = ..., lease_id: _Optional[str] = ..., rates: _Optional[_Union[_grant_pb2.Rates, _Mapping]] = ..., broker_id: _Optional[str] = ..., relay: _Optional[_Union[Relay, _Mapping]] = ...) -> None: ...

class Relay(_message.Message):
    __slots__ = ("port", "key", "max_spares", "advertised")
    PORT_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    MAX_SPARES_FIELD_NUMBER: _ClassVar[int]
    ADVERTISED_FIELD_NUMBER: _ClassVar[int]
    port: int
    key: str
    max_spares: int
    advertised: str
    def __init__(self, port: _Optional[int] = ..., key: _Optional[str] = ..., max_spares: _Optional[int] = ..., advertised: _Optional[str] = ...) -> None: ...

class Request(_message.Message):
    __slots__ = ("request_id", "method", "metadata", "timeout", "attempt", "body")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    method: str
    metadata: _containers.RepeatedCompositeFieldContainer[MetadataEntry]
    timeout: _duration_pb2.Duration
    attempt: int
    body: bytes
    def __init__(self, request_id: _Optional[str] = ..., method: _Optional[str] = ..., metadata: _Optional[_Iterable[_Union[MetadataEntry, _Mapping]]] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., attempt: _Optional[int] = ..., body: _Optional[bytes] = ...) -> None: ...

class MetadataEntry(_message.Message):
    __slots__ = ("key", "value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: str
    value: bytes
    def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...

class Cancel(_message.Message):
    __slots__ = ("request_id",)
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    def __init__(self, request_id: _Optional[str] = ...) -> None: ...

class Partial(_message.Message):
    __slots__ = ("request_id", "body")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    body: bytes
    def __init__(self, request_id: _Optional[str] = ..., body: _Optional[bytes] = ...) -> None: ...

class Final(_message.Message):
    __slots__ = ("request_id", "body")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    body: bytes
    def __init__(self, request_id: _Optional[str] = ..., body: _Optional[bytes] = ...) -> None: ...

class Failure(_message.Message):
    __slots__ = ("request_id", "code", "message", "details")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    code: int
    message: str
    details: bytes
    def __init__(self, request_id: _Optional[str] = ..., code: _Optional[int] = ..., message: _Optional[str] = ..., details: _Optional[bytes] = ...) -> None: ...

class Disconnect(_message.Message):
    __slots__ = ("reason", "message", "retry_after")
    class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REASON_UNSPECIFIED: _ClassVar[Disconnect.Reason]
        REASON_UNEXPECTED: _ClassVar[Disconnect.Reason]
        REASON_SUPERSEDED: _ClassVar[Disconnect.Reason]
        REASON_RESERVED: _ClassVar[Disconnect.Reason]
        REASON_SHUTDOWN: _ClassVar[Disconnect.Reason]
        REASON_EXPIRED: _ClassVar[Disconnect.Reason]
        REASON_DRAINING: _ClassVar[Disconnect.Reason]
    REASON_UNSPECIFIED: Disconnect.Reason
    REASON_UNEXPECTED: Disconnect.Reason
    REASON_SUPERSEDED: Disconnect.Reason
    REASON_RESERVED: Disconnect.Reason
    REASON_SHUTDOWN: Disconnect.Reason
    REASON_EXPIRED: Disconnect.Reason
    REASON_DRAINING: Disconnect.Reason
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_FIELD_NUMBER: _ClassVar[int]
    reason: Disconnect.Reason
    message: str
    retry_after: _duration_pb2.Duration
    def __init__(self, reason: _Optional[_Union[Disconnect.Reason, str]] = ..., message: _Optional[str] = ..., retry_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Offer(_message.Message):
    __slots__ = ("token", "component", "expires", "run")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    token: str
    component: str
    expires: _timestamp_pb2.Timestamp
    run: str
    def __init__(self, token: _Optional[str] = ..., component: _Optional[str] = ..., expires: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., run: _Optional[str] = ...) -> None: ...

class Admitted(_message.Message):
    __slots__ = ("token", "endpoint")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    token: str
    endpoint: _grant_pb2.Endpoint
    def __init__(self, token: _Optional[str] = ..., endpoint: _Optional[_Union[_grant_pb2.Endpoint, _Mapping]] = ...) -> None: ...

class Refused(_message.Message):
    __slots__ = ("token", "reason", "message")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    token: str
    reason: str
    message: str
    def __init__(self, token: _Optional[str] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class Withdraw(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class SessionEnded(_message.Message):
    __slots__ = ("event",)
    EVENT_FIELD_NUMBER: _ClassVar[int]
    event: _grant_pb2.SessionEvent
    def __init__(self, event: _Optional[_Union[_grant_pb2.SessionEvent, _Mapping]] = ...) -> None: ...

class CallRequest(_message.Message):
    __slots__ = ("service", "client_request_id", "client_id", "retry_safe", "body")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    CLIENT_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    RETRY_SAFE_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    service: str
    client_request_id: str
    client_id: str
    retry_safe: bool
    body: bytes
    def __init__(self, service: _Optional[str] = ..., client_request_id: _Optional[str] = ..., client_id: _Optional[str] = ..., retry_safe: bool = ..., body: _Optional[bytes] = ...) -> None: ...

class CallResponse(_message.Message):
    __slots__ = ("final", "body")
    FINAL_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    final: bool
    body: bytes
    def __init__(self, final: bool = ..., body: _Optional[bytes] = ...) -> None: ...

class CallUnaryRequest(_message.Message):
    __slots__ = ("call",)
    CALL_FIELD_NUMBER: _ClassVar[int]
    call: CallRequest
    def __init__(self, call: _Optional[_Union[CallRequest, _Mapping]] = ...) -> None: ...

class CallUnaryResponse(_message.Message):
    __slots__ = ("body",)
    BODY_FIELD_NUMBER: _ClassVar[int]
    body: bytes
    def __init__(self, body: _Optional[bytes] = ...) -> None: ...

class AcquireRequest(_message.Message):
    __slots__ = ("client_id", "run", "bundle", "at_head", "grant_lifetime")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    AT_HEAD_FIELD_NUMBER: _ClassVar[int]
    GRANT_LIFETIME_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    run: str
    bundle: _grant_pb2.Bundle
    at_head: bool
    grant_lifetime: _duration_pb2.Duration
    def __init__(self, client_id: _Optional[str] = ..., run: _Optional[str] = ..., bundle: _Optional[_Union[_grant_pb2.Bundle, _Mapping]] = ..., at_head: bool = ..., grant_lifetime: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class AcquireResponse(_message.Message):
    __slots__ = ("waiting", "granted")
    WAITING_FIELD_NUMBER: _ClassVar[int]
    GRANTED_FIELD_NUMBER: _ClassVar[int]
    waiting: Waiting
    granted: Granted
    def __init__(self, waiting: _Optional[_Union[Waiting, _Mapping]] = ..., granted: _Optional[_Union[Granted, _Mapping]] = ...) -> None: ...

class Waiting(_message.Message):
    __slots__ = ("position", "lacking")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    LACKING_FIELD_NUMBER: _ClassVar[int]
    position: int
    lacking: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, position: _Optional[int] = ..., lacking: _Optional[_Iterable[str]] = ...) -> None: ...

class Granted(_message.Message):
    __slots__ = ("grants",)
    class GrantsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _grant_pb2.Grant
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_grant_pb2.Grant, _Mapping]] = ...) -> None: ...
    GRANTS_FIELD_NUMBER: _ClassVar[int]
    grants: _containers.MessageMap[str, _grant_pb2.Grant]
    def __init__(self, grants: _Optional[_Mapping[str, _grant_pb2.Grant]] = ...) -> None: ...

class ReleaseRequest(_message.Message):
    __slots__ = ("tokens", "run")
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    tokens: _containers.RepeatedScalarFieldContainer[str]
    run: str
    def __init__(self, tokens: _Optional[_Iterable[str]] = ..., run: _Optional[str] = ...) -> None: ...

class ReleaseResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WatchSessionsRequest(_message.Message):
    __slots__ = ("tokens",)
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    tokens: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, tokens: _Optional[_Iterable[str]] = ...) -> None: ...

class WatchSessionsResponse(_message.Message):
    __slots__ = ("event",)
    EVENT_FIELD_NUMBER: _ClassVar[int]
    event: _grant_pb2.SessionEvent
    def __init__(self, event: _Optional[_Union[_grant_pb2.SessionEvent, _Mapping]] = ...) -> None: ...
