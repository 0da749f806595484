import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from sparring.api.agent.v1 import brain_service_pb2 as _brain_service_pb2
from sparring.api.broker.v1 import grant_pb2 as _grant_pb2
from sparring.api.space.v1 import declaration_pb2 as _declaration_pb2
from sparring.api.space.v1 import fault_pb2 as _fault_pb2
from sparring.api.space.v1 import session_pb2 as _session_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Place(_message.Message):
    __slots__ = ("inline", "grant", "address")
    class Inline(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    INLINE_FIELD_NUMBER: _ClassVar[int]
    GRANT_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    inline: Place.Inline
    grant: _grant_pb2.Grant
    address: str
    def __init__(self, inline: _Optional[_Union[Place.Inline, _Mapping]] = ..., grant: _Optional[_Union[_grant_pb2.Grant, _Mapping]] = ..., address: _Optional[str] = ...) -> None: ...

class EnvironmentPlan(_message.Message):
    __slots__ = ("uid", "environment", "reward", "state_transformer", "recreate_each_episode", "place")
    UID_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    REWARD_FIELD_NUMBER: _ClassVar[int]
    STATE_TRANSFORMER_FIELD_NUMBER: _ClassVar[int]
    RECREATE_EACH_EPISODE_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    uid: str
    environment: _declaration_pb2.Component
    reward: _declaration_pb2.Component
    state_transformer: _declaration_pb2.Component
    recreate_each_episode: bool
    place: Place
    def __init__(self, uid: _Optional[str] = ..., environment: _Optional[_Union[_declaration_pb2.Component, _Mapping]] = ..., reward: _Optional[_Union[_declaration_pb2.Component, _Mapping]] = ..., state_transformer: _Optional[_Union[_declaration_pb2.Component, _Mapping]] = ..., recreate_each_episode: bool = ..., place: _Optional[_Union[Place, _Mapping]] = ...) -> None: ...

class AgentPlan(_message.Message):
    __slots__ = ("name", "muscle", "filters", "sensors", "actuators", "place", "brain", "brain_learns")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MUSCLE_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    SENSORS_FIELD_NUMBER: _ClassVar[int]
    ACTUATORS_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    BRAIN_FIELD_NUMBER: _ClassVar[int]
    BRAIN_LEARNS_FIELD_NUMBER: _ClassVar[int]
    name: str
    muscle: _declaration_pb2.Component
    filters: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Component]
    sensors: _containers.RepeatedScalarFieldContainer[str]
    actuators: _containers.RepeatedScalarFieldContainer[str]
    place: Place
    brain: _grant_pb2.Grant
    brain_learns: bool
    def __init__(self, name: _Optional[str] = ..., muscle: _Optional[_Union[_declaration_pb2.Component, _Mapping]] = ..., filters: _Optional[_Iterable[_Union[_declaration_pb2.Component, _Mapping]]] = ..., sensors: _Optional[_Iterable[str]] = ..., actuators: _Optional[_Iterable[str]] = ..., place: _Optional[_Union[Place, _Mapping]] = ..., brain: _Optional[_Union[_grant_pb2.Grant, _Mapping]] = ..., brain_learns: bool = ...) -> None: ...

class RolloutPlan(_message.Message):
    __slots__ = ("origin", "phase_name", "mode", "controller", "environments", "agents", "conditions", "timeouts", "learning", "lanes", "run_seed", "first_episode", "episode_retries", "store", "orphan", "faults", "first_attempt")
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    PHASE_NAME_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    CONTROLLER_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENTS_FIELD_NUMBER: _ClassVar[int]
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUTS_FIELD_NUMBER: _ClassVar[int]
    LEARNING_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    RUN_SEED_FIELD_NUMBER: _ClassVar[int]
    FIRST_EPISODE_FIELD_NUMBER: _ClassVar[int]
    EPISODE_RETRIES_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    ORPHAN_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    FIRST_ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    origin: _session_pb2.Origin
    phase_name: str
    mode: _declaration_pb2.Mode
    controller: _declaration_pb2.Component
    environments: _containers.RepeatedCompositeFieldContainer[EnvironmentPlan]
    agents: _containers.RepeatedCompositeFieldContainer[AgentPlan]
    conditions: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Component]
    timeouts: _session_pb2.Timeouts
    learning: _brain_service_pb2.Learning
    lanes: int
    run_seed: int
    first_episode: int
    episode_retries: int
    store: _grant_pb2.Grant
    orphan: _duration_pb2.Duration
    faults: _containers.RepeatedCompositeFieldContainer[_fault_pb2.Fault]
    first_attempt: int
    def __init__(self, origin: _Optional[_Union[_session_pb2.Origin, _Mapping]] = ..., phase_name: _Optional[str] = ..., mode: _Optional[_Union[_declaration_pb2.Mode, str]] = ..., controller: _Optional[_Union[_declaration_pb2.Component, _Mapping]] = ..., environments: _Optional[_Iterable[_Union[EnvironmentPlan, _Mapping]]] = ..., agents: _Optional[_Iterable[_Union[AgentPlan, _Mapping]]] = ..., conditions: _Optional[_Iterable[_Union[_declaration_pb2.Component, _Mapping]]] = ..., timeouts: _Optional[_Union[_session_pb2.Timeouts, _Mapping]] = ..., learning: _Optional[_Union[_brain_service_pb2.Learning, str]] = ..., lanes: _Optional[int] = ..., run_seed: _Optional[int] = ..., first_episode: _Optional[int] = ..., episode_retries: _Optional[int] = ..., store: _Optional[_Union[_grant_pb2.Grant, _Mapping]] = ..., orphan: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., faults: _Optional[_Iterable[_Union[_fault_pb2.Fault, _Mapping]]] = ..., first_attempt: _Optional[int] = ...) -> None: ...
