from sparring.api.space.v1 import space_pb2 as _space_pb2
from sparring.api.space.v1 import values_pb2 as _values_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Mode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MODE_UNSPECIFIED: _ClassVar[Mode]
    MODE_TRAIN: _ClassVar[Mode]
    MODE_TEST: _ClassVar[Mode]
    MODE_EVALUATE: _ClassVar[Mode]
MODE_UNSPECIFIED: Mode
MODE_TRAIN: Mode
MODE_TEST: Mode
MODE_EVALUATE: Mode

class Declaration(_message.Message):
    __slots__ = ("uid", "space", "unit", "description")
    UID_FIELD_NUMBER: _ClassVar[int]
    SPACE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    uid: str
    space: _space_pb2.Space
    unit: str
    description: str
    def __init__(self, uid: _Optional[str] = ..., space: _Optional[_Union[_space_pb2.Space, _Mapping]] = ..., unit: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class Component(_message.Message):
    __slots__ = ("name", "parameters")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    name: str
    parameters: _values_pb2.FreeValue
    def __init__(self, name: _Optional[str] = ..., parameters: _Optional[_Union[_values_pb2.FreeValue, _Mapping]] = ...) -> None: ...
