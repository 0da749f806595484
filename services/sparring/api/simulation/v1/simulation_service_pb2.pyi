import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from sparring.api.simulation.v1 import plan_pb2 as _plan_pb2
from sparring.api.space.v1 import episode_pb2 as _episode_pb2
from sparring.api.space.v1 import flow_pb2 as _flow_pb2
from sparring.api.space.v1 import session_pb2 as _session_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RunRequest(_message.Message):
    __slots__ = ("epoch", "start", "attach", "decision", "pause", "resume", "cancel", "session_lost")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    ATTACH_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    PAUSE_FIELD_NUMBER: _ClassVar[int]
    RESUME_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    SESSION_LOST_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    start: StartRollout
    attach: _session_pb2.Attach
    decision: Decision
    pause: Pause
    resume: Resume
    cancel: Cancel
    session_lost: SessionLost
    def __init__(self, epoch: _Optional[int] = ..., start: _Optional[_Union[StartRollout, _Mapping]] = ..., attach: _Optional[_Union[_session_pb2.Attach, _Mapping]] = ..., decision: _Optional[_Union[Decision, _Mapping]] = ..., pause: _Optional[_Union[Pause, _Mapping]] = ..., resume: _Optional[_Union[Resume, _Mapping]] = ..., cancel: _Optional[_Union[Cancel, _Mapping]] = ..., session_lost: _Optional[_Union[SessionLost, _Mapping]] = ...) -> None: ...

class RunResponse(_message.Message):
    __slots__ = ("started", "attached", "progress", "episode_ended", "paused", "resumed", "ended")
    STARTED_FIELD_NUMBER: _ClassVar[int]
    ATTACHED_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    EPISODE_ENDED_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    RESUMED_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    started: Started
    attached: _session_pb2.Attached
    progress: Progress
    episode_ended: EpisodeEnded
    paused: Paused
    resumed: Resumed
    ended: Ended
    def __init__(self, started: _Optional[_Union[Started, _Mapping]] = ..., attached: _Optional[_Union[_session_pb2.Attached, _Mapping]] = ..., progress: _Optional[_Union[Progress, _Mapping]] = ..., episode_ended: _Optional[_Union[EpisodeEnded, _Mapping]] = ..., paused: _Optional[_Union[Paused, _Mapping]] = ..., resumed: _Optional[_Union[Resumed, _Mapping]] = ..., ended: _Optional[_Union[Ended, _Mapping]] = ...) -> None: ...

class StartRollout(_message.Message):
    __slots__ = ("version", "capabilities", "token", "plan", "decision")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    version: _session_pb2.ProtocolVersion
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    token: str
    plan: _plan_pb2.RolloutPlan
    decision: Decision
    def __init__(self, version: _Optional[_Union[_session_pb2.ProtocolVersion, _Mapping]] = ..., capabilities: _Optional[_Iterable[str]] = ..., token: _Optional[str] = ..., plan: _Optional[_Union[_plan_pb2.RolloutPlan, _Mapping]] = ..., decision: _Optional[_Union[Decision, _Mapping]] = ...) -> None: ...

class Started(_message.Message):
    __slots__ = ("version", "capabilities", "took")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    TOOK_FIELD_NUMBER: _ClassVar[int]
    version: _session_pb2.ProtocolVersion
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    took: _duration_pb2.Duration
    def __init__(self, version: _Optional[_Union[_session_pb2.ProtocolVersion, _Mapping]] = ..., capabilities: _Optional[_Iterable[str]] = ..., took: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Decision(_message.Message):
    __slots__ = ("flow_control", "episodes_below", "policy_versions")
    class PolicyVersionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    FLOW_CONTROL_FIELD_NUMBER: _ClassVar[int]
    EPISODES_BELOW_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSIONS_FIELD_NUMBER: _ClassVar[int]
    flow_control: _flow_pb2.FlowControl
    episodes_below: int
    policy_versions: _containers.ScalarMap[str, int]
    def __init__(self, flow_control: _Optional[_Union[_flow_pb2.FlowControl, str]] = ..., episodes_below: _Optional[int] = ..., policy_versions: _Optional[_Mapping[str, int]] = ...) -> None: ...

class Pause(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Resume(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Cancel(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SessionLost(_message.Message):
    __slots__ = ("token", "reason", "message")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    token: str
    reason: str
    message: str
    def __init__(self, token: _Optional[str] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class Progress(_message.Message):
    __slots__ = ("episode", "step", "steps_played", "steps_per_second", "episode_return", "waiting")
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    STEPS_PLAYED_FIELD_NUMBER: _ClassVar[int]
    STEPS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    EPISODE_RETURN_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    episode: int
    step: int
    steps_played: int
    steps_per_second: float
    episode_return: float
    waiting: str
    def __init__(self, episode: _Optional[int] = ..., step: _Optional[int] = ..., steps_played: _Optional[int] = ..., steps_per_second: _Optional[float] = ..., episode_return: _Optional[float] = ..., waiting: _Optional[str] = ...) -> None: ...

class AgentReturn(_message.Message):
    __slots__ = ("agent", "objective", "mean_objective")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVE_FIELD_NUMBER: _ClassVar[int]
    MEAN_OBJECTIVE_FIELD_NUMBER: _ClassVar[int]
    agent: str
    objective: float
    mean_objective: float
    def __init__(self, agent: _Optional[str] = ..., objective: _Optional[float] = ..., mean_objective: _Optional[float] = ...) -> None: ...

class EpisodeEnded(_message.Message):
    __slots__ = ("episode", "steps", "episode_return", "agents", "terminated", "truncated", "flow_control", "digest", "attempts")
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    EPISODE_RETURN_FIELD_NUMBER: _ClassVar[int]
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    TERMINATED_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    FLOW_CONTROL_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    episode: _episode_pb2.EpisodeKey
    steps: int
    episode_return: float
    agents: _containers.RepeatedCompositeFieldContainer[AgentReturn]
    terminated: bool
    truncated: bool
    flow_control: _flow_pb2.FlowControl
    digest: bytes
    attempts: int
    def __init__(self, episode: _Optional[_Union[_episode_pb2.EpisodeKey, _Mapping]] = ..., steps: _Optional[int] = ..., episode_return: _Optional[float] = ..., agents: _Optional[_Iterable[_Union[AgentReturn, _Mapping]]] = ..., terminated: bool = ..., truncated: bool = ..., flow_control: _Optional[_Union[_flow_pb2.FlowControl, str]] = ..., digest: _Optional[bytes] = ..., attempts: _Optional[int] = ...) -> None: ...

class Paused(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Resumed(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Ended(_message.Message):
    __slots__ = ("cause", "error", "steps_sent", "episodes_sent")
    class Cause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CAUSE_UNSPECIFIED: _ClassVar[Ended.Cause]
        CAUSE_COMPLETED: _ClassVar[Ended.Cause]
        CAUSE_CANCELLED: _ClassVar[Ended.Cause]
        CAUSE_FAILED: _ClassVar[Ended.Cause]
        CAUSE_LOST: _ClassVar[Ended.Cause]
        CAUSE_ORPHANED: _ClassVar[Ended.Cause]
        CAUSE_PARKED: _ClassVar[Ended.Cause]
    CAUSE_UNSPECIFIED: Ended.Cause
    CAUSE_COMPLETED: Ended.Cause
    CAUSE_CANCELLED: Ended.Cause
    CAUSE_FAILED: Ended.Cause
    CAUSE_LOST: Ended.Cause
    CAUSE_ORPHANED: Ended.Cause
    CAUSE_PARKED: Ended.Cause
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    STEPS_SENT_FIELD_NUMBER: _ClassVar[int]
    EPISODES_SENT_FIELD_NUMBER: _ClassVar[int]
    cause: Ended.Cause
    error: _session_pb2.Error
    steps_sent: int
    episodes_sent: int
    def __init__(self, cause: _Optional[_Union[Ended.Cause, str]] = ..., error: _Optional[_Union[_session_pb2.Error, _Mapping]] = ..., steps_sent: _Optional[int] = ..., episodes_sent: _Optional[int] = ...) -> None: ...
