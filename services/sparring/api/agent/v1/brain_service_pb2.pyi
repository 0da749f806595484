import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from sparring.api.agent.v1 import muscle_service_pb2 as _muscle_service_pb2
from sparring.api.space.v1 import declaration_pb2 as _declaration_pb2
from sparring.api.space.v1 import episode_pb2 as _episode_pb2
from sparring.api.space.v1 import flow_pb2 as _flow_pb2
from sparring.api.space.v1 import session_pb2 as _session_pb2
from sparring.api.space.v1 import values_pb2 as _values_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Learning(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LEARNING_UNSPECIFIED: _ClassVar[Learning]
    LEARNING_STEP: _ClassVar[Learning]
    LEARNING_EPISODE: _ClassVar[Learning]
    LEARNING_ASYNC: _ClassVar[Learning]
    LEARNING_NONE: _ClassVar[Learning]
LEARNING_UNSPECIFIED: Learning
LEARNING_STEP: Learning
LEARNING_EPISODE: Learning
LEARNING_ASYNC: Learning
LEARNING_NONE: Learning

class DescribeBrainRequest(_message.Message):
    __slots__ = ("brain", "objective", "filters", "timeout_s")
    BRAIN_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVE_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_S_FIELD_NUMBER: _ClassVar[int]
    brain: _declaration_pb2.Component
    objective: _declaration_pb2.Component
    filters: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Component]
    timeout_s: int
    def __init__(self, brain: _Optional[_Union[_declaration_pb2.Component, _Mapping]] = ..., objective: _Optional[_Union[_declaration_pb2.Component, _Mapping]] = ..., filters: _Optional[_Iterable[_Union[_declaration_pb2.Component, _Mapping]]] = ..., timeout_s: _Optional[int] = ...) -> None: ...

class DescribeBrainResponse(_message.Message):
    __slots__ = ("version", "capabilities", "capacity", "offered", "learns")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    OFFERED_FIELD_NUMBER: _ClassVar[int]
    LEARNS_FIELD_NUMBER: _ClassVar[int]
    version: _session_pb2.ProtocolVersion
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    capacity: int
    offered: _containers.RepeatedScalarFieldContainer[str]
    learns: bool
    def __init__(self, version: _Optional[_Union[_session_pb2.ProtocolVersion, _Mapping]] = ..., capabilities: _Optional[_Iterable[str]] = ..., capacity: _Optional[int] = ..., offered: _Optional[_Iterable[str]] = ..., learns: bool = ...) -> None: ...

class BrainSessionRequest(_message.Message):
    __slots__ = ("sequence", "epoch", "learn", "save", "start", "attach", "shutdown", "chunk")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    LEARN_FIELD_NUMBER: _ClassVar[int]
    SAVE_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    ATTACH_FIELD_NUMBER: _ClassVar[int]
    SHUTDOWN_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    epoch: int
    learn: Learn
    save: Save
    start: StartBrain
    attach: _session_pb2.Attach
    shutdown: _session_pb2.Shutdown
    chunk: _values_pb2.Chunk
    def __init__(self, sequence: _Optional[int] = ..., epoch: _Optional[int] = ..., learn: _Optional[_Union[Learn, _Mapping]] = ..., save: _Optional[_Union[Save, _Mapping]] = ..., start: _Optional[_Union[StartBrain, _Mapping]] = ..., attach: _Optional[_Union[_session_pb2.Attach, _Mapping]] = ..., shutdown: _Optional[_Union[_session_pb2.Shutdown, _Mapping]] = ..., chunk: _Optional[_Union[_values_pb2.Chunk, _Mapping]] = ...) -> None: ...

class BrainSessionResponse(_message.Message):
    __slots__ = ("sequence", "learned", "saved", "started", "attached", "shut_down", "chunk", "error")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LEARNED_FIELD_NUMBER: _ClassVar[int]
    SAVED_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    ATTACHED_FIELD_NUMBER: _ClassVar[int]
    SHUT_DOWN_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    learned: Learned
    saved: Saved
    started: BrainStarted
    attached: _session_pb2.Attached
    shut_down: _session_pb2.ShutDown
    chunk: _values_pb2.Chunk
    error: _session_pb2.Error
    def __init__(self, sequence: _Optional[int] = ..., learned: _Optional[_Union[Learned, _Mapping]] = ..., saved: _Optional[_Union[Saved, _Mapping]] = ..., started: _Optional[_Union[BrainStarted, _Mapping]] = ..., attached: _Optional[_Union[_session_pb2.Attached, _Mapping]] = ..., shut_down: _Optional[_Union[_session_pb2.ShutDown, _Mapping]] = ..., chunk: _Optional[_Union[_values_pb2.Chunk, _Mapping]] = ..., error: _Optional[_Union[_session_pb2.Error, _Mapping]] = ...) -> None: ...

class StartBrain(_message.Message):
    __slots__ = ("version", "capabilities", "brain", "token", "agent", "objective", "filters", "sensors", "actuators", "seed", "mode", "learning", "state", "timeouts", "orphan", "origin", "rollouts", "conditions", "policy_version", "contains")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    BRAIN_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVE_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    SENSORS_FIELD_NUMBER: _ClassVar[int]
    ACTUATORS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    LEARNING_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUTS_FIELD_NUMBER: _ClassVar[int]
    ORPHAN_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    ROLLOUTS_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    CONTAINS_FIELD_NUMBER: _ClassVar[int]
    version: _session_pb2.ProtocolVersion
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    brain: _declaration_pb2.Component
    token: str
    agent: str
    objective: _declaration_pb2.Component
    filters: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Component]
    sensors: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Declaration]
    actuators: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Declaration]
    seed: int
    mode: _declaration_pb2.Mode
    learning: Learning
    state: _values_pb2.FreeValue
    timeouts: _session_pb2.Timeouts
    orphan: _duration_pb2.Duration
    origin: _session_pb2.Origin
    rollouts: int
    conditions: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Component]
    policy_version: int
    contains: _containers.RepeatedCompositeFieldContainer[_episode_pb2.EpisodeKey]
    def __init__(self, version: _Optional[_Union[_session_pb2.ProtocolVersion, _Mapping]] = ..., capabilities: _Optional[_Iterable[str]] = ..., brain: _Optional[_Union[_declaration_pb2.Component, _Mapping]] = ..., token: _Optional[str] = ..., agent: _Optional[str] = ..., objective: _Optional[_Union[_declaration_pb2.Component, _Mapping]] = ..., filters: _Optional[_Iterable[_Union[_declaration_pb2.Component, _Mapping]]] = ..., sensors: _Optional[_Iterable[_Union[_declaration_pb2.Declaration, _Mapping]]] = ..., actuators: _Optional[_Iterable[_Union[_declaration_pb2.Declaration, _Mapping]]] = ..., seed: _Optional[int] = ..., mode: _Optional[_Union[_declaration_pb2.Mode, str]] = ..., learning: _Optional[_Union[Learning, str]] = ..., state: _Optional[_Union[_values_pb2.FreeValue, _Mapping]] = ..., timeouts: _Optional[_Union[_session_pb2.Timeouts, _Mapping]] = ..., orphan: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., origin: _Optional[_Union[_session_pb2.Origin, _Mapping]] = ..., rollouts: _Optional[int] = ..., conditions: _Optional[_Iterable[_Union[_declaration_pb2.Component, _Mapping]]] = ..., policy_version: _Optional[int] = ..., contains: _Optional[_Iterable[_Union[_episode_pb2.EpisodeKey, _Mapping]]] = ...) -> None: ...

class BrainStarted(_message.Message):
    __slots__ = ("version", "capabilities", "learns", "policy")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    LEARNS_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    version: _session_pb2.ProtocolVersion
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    learns: bool
    policy: _muscle_service_pb2.Policy
    def __init__(self, version: _Optional[_Union[_session_pb2.ProtocolVersion, _Mapping]] = ..., capabilities: _Optional[_Iterable[str]] = ..., learns: bool = ..., policy: _Optional[_Union[_muscle_service_pb2.Policy, _Mapping]] = ...) -> None: ...

class Learn(_message.Message):
    __slots__ = ("round", "episodes")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    EPISODES_FIELD_NUMBER: _ClassVar[int]
    round: int
    episodes: _containers.RepeatedCompositeFieldContainer[_episode_pb2.EpisodeKey]
    def __init__(self, round: _Optional[int] = ..., episodes: _Optional[_Iterable[_Union[_episode_pb2.EpisodeKey, _Mapping]]] = ...) -> None: ...

class Learned(_message.Message):
    __slots__ = ("policy", "statistics", "flow_control")
    class StatisticsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    POLICY_FIELD_NUMBER: _ClassVar[int]
    STATISTICS_FIELD_NUMBER: _ClassVar[int]
    FLOW_CONTROL_FIELD_NUMBER: _ClassVar[int]
    policy: _muscle_service_pb2.Policy
    statistics: _containers.ScalarMap[str, float]
    flow_control: _flow_pb2.FlowControl
    def __init__(self, policy: _Optional[_Union[_muscle_service_pb2.Policy, _Mapping]] = ..., statistics: _Optional[_Mapping[str, float]] = ..., flow_control: _Optional[_Union[_flow_pb2.FlowControl, str]] = ...) -> None: ...

class Save(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Saved(_message.Message):
    __slots__ = ("state", "contains", "policy_version")
    STATE_FIELD_NUMBER: _ClassVar[int]
    CONTAINS_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    state: _values_pb2.FreeValue
    contains: _containers.RepeatedCompositeFieldContainer[_episode_pb2.EpisodeKey]
    policy_version: int
    def __init__(self, state: _Optional[_Union[_values_pb2.FreeValue, _Mapping]] = ..., contains: _Optional[_Iterable[_Union[_episode_pb2.EpisodeKey, _Mapping]]] = ..., policy_version: _Optional[int] = ...) -> None: ...

class ExperienceRequest(_message.Message):
    __slots__ = ("sequence", "batch", "episode_end", "discard", "join", "chunk")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    EPISODE_END_FIELD_NUMBER: _ClassVar[int]
    DISCARD_FIELD_NUMBER: _ClassVar[int]
    JOIN_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    batch: ExperienceBatch
    episode_end: EpisodeEnd
    discard: DiscardEpisode
    join: Join
    chunk: _values_pb2.Chunk
    def __init__(self, sequence: _Optional[int] = ..., batch: _Optional[_Union[ExperienceBatch, _Mapping]] = ..., episode_end: _Optional[_Union[EpisodeEnd, _Mapping]] = ..., discard: _Optional[_Union[DiscardEpisode, _Mapping]] = ..., join: _Optional[_Union[Join, _Mapping]] = ..., chunk: _Optional[_Union[_values_pb2.Chunk, _Mapping]] = ...) -> None: ...

class ExperienceResponse(_message.Message):
    __slots__ = ("sequence", "considered", "policy_changed", "joined", "chunk", "error")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CONSIDERED_FIELD_NUMBER: _ClassVar[int]
    POLICY_CHANGED_FIELD_NUMBER: _ClassVar[int]
    JOINED_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    considered: Considered
    policy_changed: PolicyChanged
    joined: Joined
    chunk: _values_pb2.Chunk
    error: _session_pb2.Error
    def __init__(self, sequence: _Optional[int] = ..., considered: _Optional[_Union[Considered, _Mapping]] = ..., policy_changed: _Optional[_Union[PolicyChanged, _Mapping]] = ..., joined: _Optional[_Union[Joined, _Mapping]] = ..., chunk: _Optional[_Union[_values_pb2.Chunk, _Mapping]] = ..., error: _Optional[_Union[_session_pb2.Error, _Mapping]] = ...) -> None: ...

class Join(_message.Message):
    __slots__ = ("version", "token", "origin", "lanes", "epoch")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    version: _session_pb2.ProtocolVersion
    token: str
    origin: _session_pb2.Origin
    lanes: int
    epoch: int
    def __init__(self, version: _Optional[_Union[_session_pb2.ProtocolVersion, _Mapping]] = ..., token: _Optional[str] = ..., origin: _Optional[_Union[_session_pb2.Origin, _Mapping]] = ..., lanes: _Optional[int] = ..., epoch: _Optional[int] = ...) -> None: ...

class Joined(_message.Message):
    __slots__ = ("version", "policy", "window")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    version: _session_pb2.ProtocolVersion
    policy: _muscle_service_pb2.Policy
    window: int
    def __init__(self, version: _Optional[_Union[_session_pb2.ProtocolVersion, _Mapping]] = ..., policy: _Optional[_Union[_muscle_service_pb2.Policy, _Mapping]] = ..., window: _Optional[int] = ...) -> None: ...

class ExperienceBatch(_message.Message):
    __slots__ = ("episodes", "first_step", "steps", "readings_present", "setpoints_present", "rewards_present", "terminated", "truncated", "data", "declared_rewards", "texts", "readings", "setpoints", "rewards")
    EPISODES_FIELD_NUMBER: _ClassVar[int]
    FIRST_STEP_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    READINGS_PRESENT_FIELD_NUMBER: _ClassVar[int]
    SETPOINTS_PRESENT_FIELD_NUMBER: _ClassVar[int]
    REWARDS_PRESENT_FIELD_NUMBER: _ClassVar[int]
    TERMINATED_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    DECLARED_REWARDS_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    READINGS_FIELD_NUMBER: _ClassVar[int]
    SETPOINTS_FIELD_NUMBER: _ClassVar[int]
    REWARDS_FIELD_NUMBER: _ClassVar[int]
    episodes: _containers.RepeatedScalarFieldContainer[int]
    first_step: int
    steps: int
    readings_present: bytes
    setpoints_present: bytes
    rewards_present: bytes
    terminated: bytes
    truncated: bytes
    data: _containers.RepeatedCompositeFieldContainer[_values_pb2.FreeValue]
    declared_rewards: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Declaration]
    texts: _containers.RepeatedScalarFieldContainer[str]
    readings: bytes
    setpoints: bytes
    rewards: bytes
    def __init__(self, episodes: _Optional[_Iterable[int]] = ..., first_step: _Optional[int] = ..., steps: _Optional[int] = ..., readings_present: _Optional[bytes] = ..., setpoints_present: _Optional[bytes] = ..., rewards_present: _Optional[bytes] = ..., terminated: _Optional[bytes] = ..., truncated: _Optional[bytes] = ..., data: _Optional[_Iterable[_Union[_values_pb2.FreeValue, _Mapping]]] = ..., declared_rewards: _Optional[_Iterable[_Union[_declaration_pb2.Declaration, _Mapping]]] = ..., texts: _Optional[_Iterable[str]] = ..., readings: _Optional[bytes] = ..., setpoints: _Optional[bytes] = ..., rewards: _Optional[bytes] = ...) -> None: ...

class EpisodeEnd(_message.Message):
    __slots__ = ("episode", "lane", "steps", "final_readings")
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    FINAL_READINGS_FIELD_NUMBER: _ClassVar[int]
    episode: _episode_pb2.EpisodeKey
    lane: int
    steps: int
    final_readings: _values_pb2.Values
    def __init__(self, episode: _Optional[_Union[_episode_pb2.EpisodeKey, _Mapping]] = ..., lane: _Optional[int] = ..., steps: _Optional[int] = ..., final_readings: _Optional[_Union[_values_pb2.Values, _Mapping]] = ...) -> None: ...

class DiscardEpisode(_message.Message):
    __slots__ = ("episode",)
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    episode: _episode_pb2.EpisodeKey
    def __init__(self, episode: _Optional[_Union[_episode_pb2.EpisodeKey, _Mapping]] = ...) -> None: ...

class Considered(_message.Message):
    __slots__ = ("objectives", "flow_control", "policy", "statistics")
    class StatisticsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    OBJECTIVES_FIELD_NUMBER: _ClassVar[int]
    FLOW_CONTROL_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    STATISTICS_FIELD_NUMBER: _ClassVar[int]
    objectives: _containers.RepeatedScalarFieldContainer[float]
    flow_control: _flow_pb2.FlowControl
    policy: _muscle_service_pb2.Policy
    statistics: _containers.ScalarMap[str, float]
    def __init__(self, objectives: _Optional[_Iterable[float]] = ..., flow_control: _Optional[_Union[_flow_pb2.FlowControl, str]] = ..., policy: _Optional[_Union[_muscle_service_pb2.Policy, _Mapping]] = ..., statistics: _Optional[_Mapping[str, float]] = ...) -> None: ...

class PolicyChanged(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: _muscle_service_pb2.Policy
    def __init__(self, policy: _Optional[_Union[_muscle_service_pb2.Policy, _Mapping]] = ...) -> None: ...
