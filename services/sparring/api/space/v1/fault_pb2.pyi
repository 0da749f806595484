from sparring.api.space.v1 import episode_pb2 as _episode_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FaultKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FAULT_KIND_UNSPECIFIED: _ClassVar[FaultKind]
    FAULT_KIND_SENSOR_FREEZE: _ClassVar[FaultKind]
    FAULT_KIND_SENSOR_BIAS: _ClassVar[FaultKind]
    FAULT_KIND_ACTUATOR_LOST: _ClassVar[FaultKind]
    FAULT_KIND_KILL: _ClassVar[FaultKind]
    FAULT_KIND_FREEZE: _ClassVar[FaultKind]
    FAULT_KIND_DROP: _ClassVar[FaultKind]
    FAULT_KIND_DELAY: _ClassVar[FaultKind]
FAULT_KIND_UNSPECIFIED: FaultKind
FAULT_KIND_SENSOR_FREEZE: FaultKind
FAULT_KIND_SENSOR_BIAS: FaultKind
FAULT_KIND_ACTUATOR_LOST: FaultKind
FAULT_KIND_KILL: FaultKind
FAULT_KIND_FREEZE: FaultKind
FAULT_KIND_DROP: FaultKind
FAULT_KIND_DELAY: FaultKind

class Fault(_message.Message):
    __slots__ = ("name", "kind", "target", "agent", "value", "episodes", "probability", "rollout", "from_step", "until_step")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    EPISODES_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    ROLLOUT_FIELD_NUMBER: _ClassVar[int]
    FROM_STEP_FIELD_NUMBER: _ClassVar[int]
    UNTIL_STEP_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: FaultKind
    target: str
    agent: bool
    value: float
    episodes: _containers.RepeatedScalarFieldContainer[int]
    probability: float
    rollout: int
    from_step: int
    until_step: int
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[_Union[FaultKind, str]] = ..., target: _Optional[str] = ..., agent: bool = ..., value: _Optional[float] = ..., episodes: _Optional[_Iterable[int]] = ..., probability: _Optional[float] = ..., rollout: _Optional[int] = ..., from_step: _Optional[int] = ..., until_step: _Optional[int] = ...) -> None: ...

class StruckFault(_message.Message):
    __slots__ = ("episode", "name", "kind", "target", "step", "value")
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    episode: _episode_pb2.EpisodeKey
    name: str
    kind: FaultKind
    target: str
    step: int
    value: float
    def __init__(self, episode: _Optional[_Union[_episode_pb2.EpisodeKey, _Mapping]] = ..., name: _Optional[str] = ..., kind: _Optional[_Union[FaultKind, str]] = ..., target: _Optional[str] = ..., step: _Optional[int] = ..., value: _Optional[float] = ...) -> None: ...

class Strike(_message.Message):
    __slots__ = ("kill", "freeze_s")
    KILL_FIELD_NUMBER: _ClassVar[int]
    FREEZE_S_FIELD_NUMBER: _ClassVar[int]
    kill: bool
    freeze_s: float
    def __init__(self, kill: bool = ..., freeze_s: _Optional[float] = ...) -> None: ...

class Struck(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
