from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class Values(_message.Message):
    __slots__ = ("present", "texts", "data")
    PRESENT_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    present: bytes
    texts: _containers.RepeatedScalarFieldContainer[str]
    data: bytes
    def __init__(self, present: _Optional[bytes] = ..., texts: _Optional[_Iterable[str]] = ..., data: _Optional[bytes] = ...) -> None: ...

class FreeValue(_message.Message):
    __slots__ = ("content_type", "chunked_size_bytes", "data")
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    CHUNKED_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    content_type: str
    chunked_size_bytes: int
    data: bytes
    def __init__(self, content_type: _Optional[str] = ..., chunked_size_bytes: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...

class Chunk(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    def __init__(self, data: _Optional[bytes] = ...) -> None: ...

class LaneTimes(_message.Message):
    __slots__ = ("ticks", "timestamps_ns")
    TICKS_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMPS_NS_FIELD_NUMBER: _ClassVar[int]
    ticks: _containers.RepeatedScalarFieldContainer[int]
    timestamps_ns: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, ticks: _Optional[_Iterable[int]] = ..., timestamps_ns: _Optional[_Iterable[int]] = ...) -> None: ...
