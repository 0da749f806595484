import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TitanicStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TITANIC_STATUS_UNSPECIFIED: _ClassVar[TitanicStatus]
    TITANIC_STATUS_OK: _ClassVar[TitanicStatus]
    TITANIC_STATUS_PENDING: _ClassVar[TitanicStatus]
    TITANIC_STATUS_UNKNOWN: _ClassVar[TitanicStatus]
    TITANIC_STATUS_ERROR: _ClassVar[TitanicStatus]
TITANIC_STATUS_UNSPECIFIED: TitanicStatus
TITANIC_STATUS_OK: TitanicStatus
TITANIC_STATUS_PENDING: TitanicStatus
TITANIC_STATUS_UNKNOWN: TitanicStatus
TITANIC_STATUS_ERROR: TitanicStatus

class Job(_message.Message):
    __slots__ = ("job", "service", "method", "label", "state", "attempts", "max_attempts", "created", "ended", "expires", "failure")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Job.State]
        STATE_QUEUED: _ClassVar[Job.State]
        STATE_WAITING: _ClassVar[Job.State]
        STATE_RUNNING: _ClassVar[Job.State]
        STATE_ANSWERED: _ClassVar[Job.State]
        STATE_FAILED: _ClassVar[Job.State]
        STATE_CANCELLED: _ClassVar[Job.State]
    STATE_UNSPECIFIED: Job.State
    STATE_QUEUED: Job.State
    STATE_WAITING: Job.State
    STATE_RUNNING: Job.State
    STATE_ANSWERED: Job.State
    STATE_FAILED: Job.State
    STATE_CANCELLED: Job.State
    JOB_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    MAX_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    job: str
    service: str
    method: str
    label: str
    state: Job.State
    attempts: int
    max_attempts: int
    created: _timestamp_pb2.Timestamp
    ended: _timestamp_pb2.Timestamp
    expires: _timestamp_pb2.Timestamp
    failure: JobFailure
    def __init__(self, job: _Optional[str] = ..., service: _Optional[str] = ..., method: _Optional[str] = ..., label: _Optional[str] = ..., state: _Optional[_Union[Job.State, str]] = ..., attempts: _Optional[int] = ..., max_attempts: _Optional[int] = ..., created: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ended: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expires: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., failure: _Optional[_Union[JobFailure, _Mapping]] = ...) -> None: ...

class JobFailure(_message.Message):
    __slots__ = ("code", "message", "details")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    code: int
    message: str
    details: bytes
    def __init__(self, code: _Optional[int] = ..., message: _Optional[str] = ..., details: _Optional[bytes] = ...) -> None: ...
