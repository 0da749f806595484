from sparring.api.space.v1 import declaration_pb2 as _declaration_pb2
from sparring.api.space.v1 import fault_pb2 as _fault_pb2
from sparring.api.space.v1 import session_pb2 as _session_pb2
from sparring.api.space.v1 import values_pb2 as _values_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DescribeRequest(_message.Message):
    __slots__ = ("environment", "timeout_s")
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_S_FIELD_NUMBER: _ClassVar[int]
    environment: _declaration_pb2.Component
    timeout_s: int
    def __init__(self, environment: _Optional[_Union[_declaration_pb2.Component, _Mapping]] = ..., timeout_s: _Optional[int] = ...) -> None: ...

class DescribeResponse(_message.Message):
    __slots__ = ("version", "capabilities", "sensors", "actuators", "rewards", "tick_ns", "capacity", "max_lanes", "offered")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    SENSORS_FIELD_NUMBER: _ClassVar[int]
    ACTUATORS_FIELD_NUMBER: _ClassVar[int]
    REWARDS_FIELD_NUMBER: _ClassVar[int]
    TICK_NS_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    MAX_LANES_FIELD_NUMBER: _ClassVar[int]
    OFFERED_FIELD_NUMBER: _ClassVar[int]
    version: _session_pb2.ProtocolVersion
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    sensors: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Declaration]
    actuators: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Declaration]
    rewards: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Declaration]
    tick_ns: int
    capacity: int
    max_lanes: int
    offered: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, version: _Optional[_Union[_session_pb2.ProtocolVersion, _Mapping]] = ..., capabilities: _Optional[_Iterable[str]] = ..., sensors: _Optional[_Iterable[_Union[_declaration_pb2.Declaration, _Mapping]]] = ..., actuators: _Optional[_Iterable[_Union[_declaration_pb2.Declaration, _Mapping]]] = ..., rewards: _Optional[_Iterable[_Union[_declaration_pb2.Declaration, _Mapping]]] = ..., tick_ns: _Optional[int] = ..., capacity: _Optional[int] = ..., max_lanes: _Optional[int] = ..., offered: _Optional[_Iterable[str]] = ...) -> None: ...

class SessionRequest(_message.Message):
    __slots__ = ("sequence", "update", "reset", "start", "attach", "shutdown", "chunk", "strike")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    RESET_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    ATTACH_FIELD_NUMBER: _ClassVar[int]
    SHUTDOWN_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    STRIKE_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    update: Update
    reset: Reset
    start: Start
    attach: _session_pb2.Attach
    shutdown: _session_pb2.Shutdown
    chunk: _values_pb2.Chunk
    strike: _fault_pb2.Strike
    def __init__(self, sequence: _Optional[int] = ..., update: _Optional[_Union[Update, _Mapping]] = ..., reset: _Optional[_Union[Reset, _Mapping]] = ..., start: _Optional[_Union[Start, _Mapping]] = ..., attach: _Optional[_Union[_session_pb2.Attach, _Mapping]] = ..., shutdown: _Optional[_Union[_session_pb2.Shutdown, _Mapping]] = ..., chunk: _Optional[_Union[_values_pb2.Chunk, _Mapping]] = ..., strike: _Optional[_Union[_fault_pb2.Strike, _Mapping]] = ...) -> None: ...

class SessionResponse(_message.Message):
    __slots__ = ("sequence", "updated", "reset_done", "started", "attached", "shut_down", "chunk", "struck", "error")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    UPDATED_FIELD_NUMBER: _ClassVar[int]
    RESET_DONE_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    ATTACHED_FIELD_NUMBER: _ClassVar[int]
    SHUT_DOWN_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    STRUCK_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    updated: Updated
    reset_done: ResetDone
    started: Started
    attached: _session_pb2.Attached
    shut_down: _session_pb2.ShutDown
    chunk: _values_pb2.Chunk
    struck: _fault_pb2.Struck
    error: _session_pb2.Error
    def __init__(self, sequence: _Optional[int] = ..., updated: _Optional[_Union[Updated, _Mapping]] = ..., reset_done: _Optional[_Union[ResetDone, _Mapping]] = ..., started: _Optional[_Union[Started, _Mapping]] = ..., attached: _Optional[_Union[_session_pb2.Attached, _Mapping]] = ..., shut_down: _Optional[_Union[_session_pb2.ShutDown, _Mapping]] = ..., chunk: _Optional[_Union[_values_pb2.Chunk, _Mapping]] = ..., struck: _Optional[_Union[_fault_pb2.Struck, _Mapping]] = ..., error: _Optional[_Union[_session_pb2.Error, _Mapping]] = ...) -> None: ...

class Start(_message.Message):
    __slots__ = ("version", "capabilities", "environment", "token", "uid", "lanes", "session_seed", "episode_seeds", "mode", "reward", "state_transformer", "recreate_each_episode", "timeouts", "origin")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    SESSION_SEED_FIELD_NUMBER: _ClassVar[int]
    EPISODE_SEEDS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    REWARD_FIELD_NUMBER: _ClassVar[int]
    STATE_TRANSFORMER_FIELD_NUMBER: _ClassVar[int]
    RECREATE_EACH_EPISODE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUTS_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    version: _session_pb2.ProtocolVersion
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    environment: _declaration_pb2.Component
    token: str
    uid: str
    lanes: int
    session_seed: int
    episode_seeds: _containers.RepeatedScalarFieldContainer[int]
    mode: _declaration_pb2.Mode
    reward: _declaration_pb2.Component
    state_transformer: _declaration_pb2.Component
    recreate_each_episode: bool
    timeouts: _session_pb2.Timeouts
    origin: _session_pb2.Origin
    def __init__(self, version: _Optional[_Union[_session_pb2.ProtocolVersion, _Mapping]] = ..., capabilities: _Optional[_Iterable[str]] = ..., environment: _Optional[_Union[_declaration_pb2.Component, _Mapping]] = ..., token: _Optional[str] = ..., uid: _Optional[str] = ..., lanes: _Optional[int] = ..., session_seed: _Optional[int] = ..., episode_seeds: _Optional[_Iterable[int]] = ..., mode: _Optional[_Union[_declaration_pb2.Mode, str]] = ..., reward: _Optional[_Union[_declaration_pb2.Component, _Mapping]] = ..., state_transformer: _Optional[_Union[_declaration_pb2.Component, _Mapping]] = ..., recreate_each_episode: bool = ..., timeouts: _Optional[_Union[_session_pb2.Timeouts, _Mapping]] = ..., origin: _Optional[_Union[_session_pb2.Origin, _Mapping]] = ...) -> None: ...

class Started(_message.Message):
    __slots__ = ("version", "capabilities", "sensors", "actuators", "rewards", "tick_ns", "first", "static_world_model")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    SENSORS_FIELD_NUMBER: _ClassVar[int]
    ACTUATORS_FIELD_NUMBER: _ClassVar[int]
    REWARDS_FIELD_NUMBER: _ClassVar[int]
    TICK_NS_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    STATIC_WORLD_MODEL_FIELD_NUMBER: _ClassVar[int]
    version: _session_pb2.ProtocolVersion
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    sensors: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Declaration]
    actuators: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Declaration]
    rewards: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Declaration]
    tick_ns: int
    first: ResetDone
    static_world_model: _values_pb2.FreeValue
    def __init__(self, version: _Optional[_Union[_session_pb2.ProtocolVersion, _Mapping]] = ..., capabilities: _Optional[_Iterable[str]] = ..., sensors: _Optional[_Iterable[_Union[_declaration_pb2.Declaration, _Mapping]]] = ..., actuators: _Optional[_Iterable[_Union[_declaration_pb2.Declaration, _Mapping]]] = ..., rewards: _Optional[_Iterable[_Union[_declaration_pb2.Declaration, _Mapping]]] = ..., tick_ns: _Optional[int] = ..., first: _Optional[_Union[ResetDone, _Mapping]] = ..., static_world_model: _Optional[_Union[_values_pb2.FreeValue, _Mapping]] = ...) -> None: ...

class Update(_message.Message):
    __slots__ = ("setpoints", "lanes")
    SETPOINTS_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    setpoints: _values_pb2.Values
    lanes: _containers.RepeatedScalarFieldContainer[bool]
    def __init__(self, setpoints: _Optional[_Union[_values_pb2.Values, _Mapping]] = ..., lanes: _Optional[_Iterable[bool]] = ...) -> None: ...

class Updated(_message.Message):
    __slots__ = ("readings", "rewards", "terminated", "truncated", "time", "next_update", "declared_rewards", "world_state")
    READINGS_FIELD_NUMBER: _ClassVar[int]
    REWARDS_FIELD_NUMBER: _ClassVar[int]
    TERMINATED_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    NEXT_UPDATE_FIELD_NUMBER: _ClassVar[int]
    DECLARED_REWARDS_FIELD_NUMBER: _ClassVar[int]
    WORLD_STATE_FIELD_NUMBER: _ClassVar[int]
    readings: _values_pb2.Values
    rewards: _values_pb2.Values
    terminated: _containers.RepeatedScalarFieldContainer[bool]
    truncated: _containers.RepeatedScalarFieldContainer[bool]
    time: _values_pb2.LaneTimes
    next_update: _values_pb2.LaneTimes
    declared_rewards: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Declaration]
    world_state: _values_pb2.FreeValue
    def __init__(self, readings: _Optional[_Union[_values_pb2.Values, _Mapping]] = ..., rewards: _Optional[_Union[_values_pb2.Values, _Mapping]] = ..., terminated: _Optional[_Iterable[bool]] = ..., truncated: _Optional[_Iterable[bool]] = ..., time: _Optional[_Union[_values_pb2.LaneTimes, _Mapping]] = ..., next_update: _Optional[_Union[_values_pb2.LaneTimes, _Mapping]] = ..., declared_rewards: _Optional[_Iterable[_Union[_declaration_pb2.Declaration, _Mapping]]] = ..., world_state: _Optional[_Union[_values_pb2.FreeValue, _Mapping]] = ...) -> None: ...

class Reset(_message.Message):
    __slots__ = ("lanes", "episode_seeds")
    LANES_FIELD_NUMBER: _ClassVar[int]
    EPISODE_SEEDS_FIELD_NUMBER: _ClassVar[int]
    lanes: _containers.RepeatedScalarFieldContainer[bool]
    episode_seeds: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, lanes: _Optional[_Iterable[bool]] = ..., episode_seeds: _Optional[_Iterable[int]] = ...) -> None: ...

class ResetDone(_message.Message):
    __slots__ = ("readings", "time", "next_update")
    READINGS_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    NEXT_UPDATE_FIELD_NUMBER: _ClassVar[int]
    readings: _values_pb2.Values
    time: _values_pb2.LaneTimes
    next_update: _values_pb2.LaneTimes
    def __init__(self, readings: _Optional[_Union[_values_pb2.Values, _Mapping]] = ..., time: _Optional[_Union[_values_pb2.LaneTimes, _Mapping]] = ..., next_update: _Optional[_Union[_values_pb2.LaneTimes, _Mapping]] = ...) -> None: ...
