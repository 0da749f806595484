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

class DescribeMuscleRequest(_message.Message):
    __slots__ = ("muscle", "timeout_s", "filters")
    MUSCLE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_S_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    muscle: _declaration_pb2.Component
    timeout_s: int
    filters: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Component]
    def __init__(self, muscle: _Optional[_Union[_declaration_pb2.Component, _Mapping]] = ..., timeout_s: _Optional[int] = ..., filters: _Optional[_Iterable[_Union[_declaration_pb2.Component, _Mapping]]] = ...) -> None: ...

class DescribeMuscleResponse(_message.Message):
    __slots__ = ("version", "capabilities", "capacity", "offered")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    OFFERED_FIELD_NUMBER: _ClassVar[int]
    version: _session_pb2.ProtocolVersion
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    capacity: int
    offered: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, version: _Optional[_Union[_session_pb2.ProtocolVersion, _Mapping]] = ..., capabilities: _Optional[_Iterable[str]] = ..., capacity: _Optional[int] = ..., offered: _Optional[_Iterable[str]] = ...) -> None: ...

class Policy(_message.Message):
    __slots__ = ("version", "snapshot")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    version: int
    snapshot: _values_pb2.FreeValue
    def __init__(self, version: _Optional[int] = ..., snapshot: _Optional[_Union[_values_pb2.FreeValue, _Mapping]] = ...) -> None: ...

class MuscleSessionRequest(_message.Message):
    __slots__ = ("sequence", "act", "reset", "start", "attach", "shutdown", "chunk", "strike")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ACT_FIELD_NUMBER: _ClassVar[int]
    RESET_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    ATTACH_FIELD_NUMBER: _ClassVar[int]
    SHUTDOWN_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    STRIKE_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    act: Act
    reset: ResetMuscle
    start: StartMuscle
    attach: _session_pb2.Attach
    shutdown: _session_pb2.Shutdown
    chunk: _values_pb2.Chunk
    strike: _fault_pb2.Strike
    def __init__(self, sequence: _Optional[int] = ..., act: _Optional[_Union[Act, _Mapping]] = ..., reset: _Optional[_Union[ResetMuscle, _Mapping]] = ..., start: _Optional[_Union[StartMuscle, _Mapping]] = ..., attach: _Optional[_Union[_session_pb2.Attach, _Mapping]] = ..., shutdown: _Optional[_Union[_session_pb2.Shutdown, _Mapping]] = ..., chunk: _Optional[_Union[_values_pb2.Chunk, _Mapping]] = ..., strike: _Optional[_Union[_fault_pb2.Strike, _Mapping]] = ...) -> None: ...

class MuscleSessionResponse(_message.Message):
    __slots__ = ("sequence", "acted", "reset_done", "started", "attached", "shut_down", "chunk", "struck", "error")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ACTED_FIELD_NUMBER: _ClassVar[int]
    RESET_DONE_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    ATTACHED_FIELD_NUMBER: _ClassVar[int]
    SHUT_DOWN_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    STRUCK_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    acted: Acted
    reset_done: MuscleReset
    started: MuscleStarted
    attached: _session_pb2.Attached
    shut_down: _session_pb2.ShutDown
    chunk: _values_pb2.Chunk
    struck: _fault_pb2.Struck
    error: _session_pb2.Error
    def __init__(self, sequence: _Optional[int] = ..., acted: _Optional[_Union[Acted, _Mapping]] = ..., reset_done: _Optional[_Union[MuscleReset, _Mapping]] = ..., started: _Optional[_Union[MuscleStarted, _Mapping]] = ..., attached: _Optional[_Union[_session_pb2.Attached, _Mapping]] = ..., shut_down: _Optional[_Union[_session_pb2.ShutDown, _Mapping]] = ..., chunk: _Optional[_Union[_values_pb2.Chunk, _Mapping]] = ..., struck: _Optional[_Union[_fault_pb2.Struck, _Mapping]] = ..., error: _Optional[_Union[_session_pb2.Error, _Mapping]] = ...) -> None: ...

class StartMuscle(_message.Message):
    __slots__ = ("version", "capabilities", "muscle", "token", "agent", "lanes", "session_seed", "episode_seeds", "mode", "sensors", "actuators", "filters", "policy", "timeouts", "origin", "environments")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    MUSCLE_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    SESSION_SEED_FIELD_NUMBER: _ClassVar[int]
    EPISODE_SEEDS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    SENSORS_FIELD_NUMBER: _ClassVar[int]
    ACTUATORS_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    TIMEOUTS_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENTS_FIELD_NUMBER: _ClassVar[int]
    version: _session_pb2.ProtocolVersion
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    muscle: _declaration_pb2.Component
    token: str
    agent: str
    lanes: int
    session_seed: int
    episode_seeds: _containers.RepeatedScalarFieldContainer[int]
    mode: _declaration_pb2.Mode
    sensors: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Declaration]
    actuators: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Declaration]
    filters: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Component]
    policy: Policy
    timeouts: _session_pb2.Timeouts
    origin: _session_pb2.Origin
    environments: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, version: _Optional[_Union[_session_pb2.ProtocolVersion, _Mapping]] = ..., capabilities: _Optional[_Iterable[str]] = ..., muscle: _Optional[_Union[_declaration_pb2.Component, _Mapping]] = ..., token: _Optional[str] = ..., agent: _Optional[str] = ..., lanes: _Optional[int] = ..., session_seed: _Optional[int] = ..., episode_seeds: _Optional[_Iterable[int]] = ..., mode: _Optional[_Union[_declaration_pb2.Mode, str]] = ..., sensors: _Optional[_Iterable[_Union[_declaration_pb2.Declaration, _Mapping]]] = ..., actuators: _Optional[_Iterable[_Union[_declaration_pb2.Declaration, _Mapping]]] = ..., filters: _Optional[_Iterable[_Union[_declaration_pb2.Component, _Mapping]]] = ..., policy: _Optional[_Union[Policy, _Mapping]] = ..., timeouts: _Optional[_Union[_session_pb2.Timeouts, _Mapping]] = ..., origin: _Optional[_Union[_session_pb2.Origin, _Mapping]] = ..., environments: _Optional[_Iterable[str]] = ...) -> None: ...

class MuscleStarted(_message.Message):
    __slots__ = ("version", "capabilities")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    version: _session_pb2.ProtocolVersion
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, version: _Optional[_Union[_session_pb2.ProtocolVersion, _Mapping]] = ..., capabilities: _Optional[_Iterable[str]] = ...) -> None: ...

class Act(_message.Message):
    __slots__ = ("readings", "rewards", "terminated", "truncated", "times", "policy", "lanes", "declared_rewards")
    READINGS_FIELD_NUMBER: _ClassVar[int]
    REWARDS_FIELD_NUMBER: _ClassVar[int]
    TERMINATED_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    DECLARED_REWARDS_FIELD_NUMBER: _ClassVar[int]
    readings: _values_pb2.Values
    rewards: _values_pb2.Values
    terminated: _containers.RepeatedScalarFieldContainer[bool]
    truncated: _containers.RepeatedScalarFieldContainer[bool]
    times: _containers.RepeatedCompositeFieldContainer[_values_pb2.LaneTimes]
    policy: Policy
    lanes: _containers.RepeatedScalarFieldContainer[bool]
    declared_rewards: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Declaration]
    def __init__(self, readings: _Optional[_Union[_values_pb2.Values, _Mapping]] = ..., rewards: _Optional[_Union[_values_pb2.Values, _Mapping]] = ..., terminated: _Optional[_Iterable[bool]] = ..., truncated: _Optional[_Iterable[bool]] = ..., times: _Optional[_Iterable[_Union[_values_pb2.LaneTimes, _Mapping]]] = ..., policy: _Optional[_Union[Policy, _Mapping]] = ..., lanes: _Optional[_Iterable[bool]] = ..., declared_rewards: _Optional[_Iterable[_Union[_declaration_pb2.Declaration, _Mapping]]] = ...) -> None: ...

class Acted(_message.Message):
    __slots__ = ("setpoints", "data", "statistics")
    class StatisticsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    SETPOINTS_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    STATISTICS_FIELD_NUMBER: _ClassVar[int]
    setpoints: _values_pb2.Values
    data: _values_pb2.FreeValue
    statistics: _containers.ScalarMap[str, float]
    def __init__(self, setpoints: _Optional[_Union[_values_pb2.Values, _Mapping]] = ..., data: _Optional[_Union[_values_pb2.FreeValue, _Mapping]] = ..., statistics: _Optional[_Mapping[str, float]] = ...) -> None: ...

class ResetMuscle(_message.Message):
    __slots__ = ("lanes", "episode_seeds", "policy", "mode")
    LANES_FIELD_NUMBER: _ClassVar[int]
    EPISODE_SEEDS_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    lanes: _containers.RepeatedScalarFieldContainer[bool]
    episode_seeds: _containers.RepeatedScalarFieldContainer[int]
    policy: Policy
    mode: _declaration_pb2.Mode
    def __init__(self, lanes: _Optional[_Iterable[bool]] = ..., episode_seeds: _Optional[_Iterable[int]] = ..., policy: _Optional[_Union[Policy, _Mapping]] = ..., mode: _Optional[_Union[_declaration_pb2.Mode, str]] = ...) -> None: ...

class MuscleReset(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
