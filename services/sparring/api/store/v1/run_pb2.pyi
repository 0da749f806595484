import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sparring.api.space.v1 import declaration_pb2 as _declaration_pb2
from sparring.api.space.v1 import episode_pb2 as _episode_pb2
from sparring.api.space.v1 import flow_pb2 as _flow_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Run(_message.Message):
    __slots__ = ("run", "uid", "status", "state", "phase", "governor", "epoch", "lease_until", "revision", "created", "ended", "seed", "error_reason", "error_message", "digest", "evaluation_digest", "deterministic", "cancel_requested", "pause_requested")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[Run.Status]
        STATUS_SUBMITTED: _ClassVar[Run.Status]
        STATUS_RUNNING: _ClassVar[Run.Status]
        STATUS_PAUSED: _ClassVar[Run.Status]
        STATUS_FINISHED: _ClassVar[Run.Status]
        STATUS_FAILED: _ClassVar[Run.Status]
        STATUS_CANCELLED: _ClassVar[Run.Status]
    STATUS_UNSPECIFIED: Run.Status
    STATUS_SUBMITTED: Run.Status
    STATUS_RUNNING: Run.Status
    STATUS_PAUSED: Run.Status
    STATUS_FINISHED: Run.Status
    STATUS_FAILED: Run.Status
    STATUS_CANCELLED: Run.Status
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Run.State]
        STATE_PRISTINE: _ClassVar[Run.State]
        STATE_INITIALIZING: _ClassVar[Run.State]
        STATE_STARTING_SETUP: _ClassVar[Run.State]
        STATE_STARTING_SIMULATION_CONTROLLERS: _ClassVar[Run.State]
        STATE_STARTING_ENVIRONMENT_CONDUCTORS: _ClassVar[Run.State]
        STATE_STARTING_AGENT_CONDUCTORS: _ClassVar[Run.State]
        STATE_STARTING_RUN: _ClassVar[Run.State]
        STATE_TRANSCEIVING: _ClassVar[Run.State]
        STATE_HANDLING_SIMULATION_CONTROLLER_TERMINATION: _ClassVar[Run.State]
        STATE_HANDLING_DEAD_WORKERS: _ClassVar[Run.State]
        STATE_ERROR_HANDLING_INITIALIZING: _ClassVar[Run.State]
        STATE_ERROR_HANDLING_STARTING: _ClassVar[Run.State]
        STATE_ERROR_HANDLING_TRANSCEIVING: _ClassVar[Run.State]
        STATE_STOPPING_SIMULATION: _ClassVar[Run.State]
        STATE_STOPPING_RUN: _ClassVar[Run.State]
        STATE_STOPPING_TRANSCEIVING: _ClassVar[Run.State]
        STATE_FINALIZING: _ClassVar[Run.State]
        STATE_DONE: _ClassVar[Run.State]
    STATE_UNSPECIFIED: Run.State
    STATE_PRISTINE: Run.State
    STATE_INITIALIZING: Run.State
    STATE_STARTING_SETUP: Run.State
    STATE_STARTING_SIMULATION_CONTROLLERS: Run.State
    STATE_STARTING_ENVIRONMENT_CONDUCTORS: Run.State
    STATE_STARTING_AGENT_CONDUCTORS: Run.State
    STATE_STARTING_RUN: Run.State
    STATE_TRANSCEIVING: Run.State
    STATE_HANDLING_SIMULATION_CONTROLLER_TERMINATION: Run.State
    STATE_HANDLING_DEAD_WORKERS: Run.State
    STATE_ERROR_HANDLING_INITIALIZING: Run.State
    STATE_ERROR_HANDLING_STARTING: Run.State
    STATE_ERROR_HANDLING_TRANSCEIVING: Run.State
    STATE_STOPPING_SIMULATION: Run.State
    STATE_STOPPING_RUN: Run.State
    STATE_STOPPING_TRANSCEIVING: Run.State
    STATE_FINALIZING: Run.State
    STATE_DONE: Run.State
    RUN_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    GOVERNOR_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    LEASE_UNTIL_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    ERROR_REASON_FIELD_NUMBER: _ClassVar[int]
    ERROR_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    EVALUATION_DIGEST_FIELD_NUMBER: _ClassVar[int]
    DETERMINISTIC_FIELD_NUMBER: _ClassVar[int]
    CANCEL_REQUESTED_FIELD_NUMBER: _ClassVar[int]
    PAUSE_REQUESTED_FIELD_NUMBER: _ClassVar[int]
    run: str
    uid: str
    status: Run.Status
    state: Run.State
    phase: int
    governor: str
    epoch: int
    lease_until: _timestamp_pb2.Timestamp
    revision: int
    created: _timestamp_pb2.Timestamp
    ended: _timestamp_pb2.Timestamp
    seed: int
    error_reason: str
    error_message: str
    digest: bytes
    evaluation_digest: bytes
    deterministic: bool
    cancel_requested: bool
    pause_requested: bool
    def __init__(self, run: _Optional[str] = ..., uid: _Optional[str] = ..., status: _Optional[_Union[Run.Status, str]] = ..., state: _Optional[_Union[Run.State, str]] = ..., phase: _Optional[int] = ..., governor: _Optional[str] = ..., epoch: _Optional[int] = ..., lease_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revision: _Optional[int] = ..., created: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ended: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., seed: _Optional[int] = ..., error_reason: _Optional[str] = ..., error_message: _Optional[str] = ..., digest: _Optional[bytes] = ..., evaluation_digest: _Optional[bytes] = ..., deterministic: bool = ..., cancel_requested: bool = ..., pause_requested: bool = ...) -> None: ...

class RunEvent(_message.Message):
    __slots__ = ("revision", "time", "run", "message", "episode")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    revision: int
    time: _timestamp_pb2.Timestamp
    run: Run
    message: str
    episode: EpisodeSummary
    def __init__(self, revision: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., run: _Optional[_Union[Run, _Mapping]] = ..., message: _Optional[str] = ..., episode: _Optional[_Union[EpisodeSummary, _Mapping]] = ...) -> None: ...

class EpisodeSummary(_message.Message):
    __slots__ = ("episode", "phase_name", "steps", "episode_return", "objectives", "terminated", "truncated", "digest", "seeds", "epoch", "attempts", "committed", "duration_s", "flow_control")
    class ObjectivesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    class SeedsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    PHASE_NAME_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    EPISODE_RETURN_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVES_FIELD_NUMBER: _ClassVar[int]
    TERMINATED_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    SEEDS_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_FIELD_NUMBER: _ClassVar[int]
    DURATION_S_FIELD_NUMBER: _ClassVar[int]
    FLOW_CONTROL_FIELD_NUMBER: _ClassVar[int]
    episode: _episode_pb2.EpisodeKey
    phase_name: str
    steps: int
    episode_return: float
    objectives: _containers.ScalarMap[str, float]
    terminated: bool
    truncated: bool
    digest: bytes
    seeds: _containers.ScalarMap[str, int]
    epoch: int
    attempts: int
    committed: _timestamp_pb2.Timestamp
    duration_s: float
    flow_control: _flow_pb2.FlowControl
    def __init__(self, episode: _Optional[_Union[_episode_pb2.EpisodeKey, _Mapping]] = ..., phase_name: _Optional[str] = ..., steps: _Optional[int] = ..., episode_return: _Optional[float] = ..., objectives: _Optional[_Mapping[str, float]] = ..., terminated: bool = ..., truncated: bool = ..., digest: _Optional[bytes] = ..., seeds: _Optional[_Mapping[str, int]] = ..., epoch: _Optional[int] = ..., attempts: _Optional[int] = ..., committed: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., duration_s: _Optional[float] = ..., flow_control: _Optional[_Union[_flow_pb2.FlowControl, str]] = ...) -> None: ...

class PhaseSummary(_message.Message):
    __slots__ = ("phase", "name", "mode", "episodes", "steps", "steps_per_second", "mean_return", "sealed")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    EPISODES_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    STEPS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    MEAN_RETURN_FIELD_NUMBER: _ClassVar[int]
    SEALED_FIELD_NUMBER: _ClassVar[int]
    phase: int
    name: str
    mode: _declaration_pb2.Mode
    episodes: int
    steps: int
    steps_per_second: float
    mean_return: float
    sealed: bool
    def __init__(self, phase: _Optional[int] = ..., name: _Optional[str] = ..., mode: _Optional[_Union[_declaration_pb2.Mode, str]] = ..., episodes: _Optional[int] = ..., steps: _Optional[int] = ..., steps_per_second: _Optional[float] = ..., mean_return: _Optional[float] = ..., sealed: bool = ...) -> None: ...
