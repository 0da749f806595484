import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from sparring.api.agent.v1 import brain_service_pb2 as _brain_service_pb2
from sparring.api.space.v1 import declaration_pb2 as _declaration_pb2
from sparring.api.space.v1 import episode_pb2 as _episode_pb2
from sparring.api.space.v1 import fault_pb2 as _fault_pb2
from sparring.api.space.v1 import values_pb2 as _values_pb2
from sparring.api.store.v1 import run_pb2 as _run_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LearningOrder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LEARNING_ORDER_UNSPECIFIED: _ClassVar[LearningOrder]
    LEARNING_ORDER_ROUNDS: _ClassVar[LearningOrder]
    LEARNING_ORDER_COMMITS: _ClassVar[LearningOrder]
LEARNING_ORDER_UNSPECIFIED: LearningOrder
LEARNING_ORDER_ROUNDS: LearningOrder
LEARNING_ORDER_COMMITS: LearningOrder

class CreateRunRequest(_message.Message):
    __slots__ = ("client_token", "uid", "document", "file_name", "seed", "placement", "fingerprint", "deterministic")
    CLIENT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    FILE_NAME_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    PLACEMENT_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    DETERMINISTIC_FIELD_NUMBER: _ClassVar[int]
    client_token: str
    uid: str
    document: bytes
    file_name: str
    seed: int
    placement: str
    fingerprint: bytes
    deterministic: bool
    def __init__(self, client_token: _Optional[str] = ..., uid: _Optional[str] = ..., document: _Optional[bytes] = ..., file_name: _Optional[str] = ..., seed: _Optional[int] = ..., placement: _Optional[str] = ..., fingerprint: _Optional[bytes] = ..., deterministic: bool = ...) -> None: ...

class CreateRunResponse(_message.Message):
    __slots__ = ("run",)
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: _run_pb2.Run
    def __init__(self, run: _Optional[_Union[_run_pb2.Run, _Mapping]] = ...) -> None: ...

class GetRunRequest(_message.Message):
    __slots__ = ("run",)
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: str
    def __init__(self, run: _Optional[str] = ...) -> None: ...

class GetRunResponse(_message.Message):
    __slots__ = ("run", "phases")
    RUN_FIELD_NUMBER: _ClassVar[int]
    PHASES_FIELD_NUMBER: _ClassVar[int]
    run: _run_pb2.Run
    phases: _containers.RepeatedCompositeFieldContainer[_run_pb2.PhaseSummary]
    def __init__(self, run: _Optional[_Union[_run_pb2.Run, _Mapping]] = ..., phases: _Optional[_Iterable[_Union[_run_pb2.PhaseSummary, _Mapping]]] = ...) -> None: ...

class GetDocumentRequest(_message.Message):
    __slots__ = ("run",)
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: str
    def __init__(self, run: _Optional[str] = ...) -> None: ...

class GetDocumentResponse(_message.Message):
    __slots__ = ("document", "file_name", "placement", "seed")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    FILE_NAME_FIELD_NUMBER: _ClassVar[int]
    PLACEMENT_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    document: bytes
    file_name: str
    placement: str
    seed: int
    def __init__(self, document: _Optional[bytes] = ..., file_name: _Optional[str] = ..., placement: _Optional[str] = ..., seed: _Optional[int] = ...) -> None: ...

class ListRunsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRunsResponse(_message.Message):
    __slots__ = ("runs", "next_page_token")
    RUNS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[_run_pb2.Run]
    next_page_token: str
    def __init__(self, runs: _Optional[_Iterable[_Union[_run_pb2.Run, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListEpisodesRequest(_message.Message):
    __slots__ = ("run", "phase")
    RUN_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    run: str
    phase: int
    def __init__(self, run: _Optional[str] = ..., phase: _Optional[int] = ...) -> None: ...

class ListEpisodesResponse(_message.Message):
    __slots__ = ("episodes",)
    EPISODES_FIELD_NUMBER: _ClassVar[int]
    episodes: _containers.RepeatedCompositeFieldContainer[_run_pb2.EpisodeSummary]
    def __init__(self, episodes: _Optional[_Iterable[_Union[_run_pb2.EpisodeSummary, _Mapping]]] = ...) -> None: ...

class WatchRunRequest(_message.Message):
    __slots__ = ("run", "after_revision")
    RUN_FIELD_NUMBER: _ClassVar[int]
    AFTER_REVISION_FIELD_NUMBER: _ClassVar[int]
    run: str
    after_revision: int
    def __init__(self, run: _Optional[str] = ..., after_revision: _Optional[int] = ...) -> None: ...

class WatchRunResponse(_message.Message):
    __slots__ = ("event",)
    EVENT_FIELD_NUMBER: _ClassVar[int]
    event: _run_pb2.RunEvent
    def __init__(self, event: _Optional[_Union[_run_pb2.RunEvent, _Mapping]] = ...) -> None: ...

class RequestRunRequest(_message.Message):
    __slots__ = ("run", "wish")
    class Wish(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        WISH_UNSPECIFIED: _ClassVar[RequestRunRequest.Wish]
        WISH_CANCEL: _ClassVar[RequestRunRequest.Wish]
        WISH_PAUSE: _ClassVar[RequestRunRequest.Wish]
        WISH_RESUME: _ClassVar[RequestRunRequest.Wish]
    WISH_UNSPECIFIED: RequestRunRequest.Wish
    WISH_CANCEL: RequestRunRequest.Wish
    WISH_PAUSE: RequestRunRequest.Wish
    WISH_RESUME: RequestRunRequest.Wish
    RUN_FIELD_NUMBER: _ClassVar[int]
    WISH_FIELD_NUMBER: _ClassVar[int]
    run: str
    wish: RequestRunRequest.Wish
    def __init__(self, run: _Optional[str] = ..., wish: _Optional[_Union[RequestRunRequest.Wish, str]] = ...) -> None: ...

class RequestRunResponse(_message.Message):
    __slots__ = ("run",)
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: _run_pb2.Run
    def __init__(self, run: _Optional[_Union[_run_pb2.Run, _Mapping]] = ...) -> None: ...

class ClaimRunsRequest(_message.Message):
    __slots__ = ("governor", "limit", "lease", "runs")
    GOVERNOR_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    RUNS_FIELD_NUMBER: _ClassVar[int]
    governor: str
    limit: int
    lease: _duration_pb2.Duration
    runs: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, governor: _Optional[str] = ..., limit: _Optional[int] = ..., lease: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., runs: _Optional[_Iterable[str]] = ...) -> None: ...

class ClaimRunsResponse(_message.Message):
    __slots__ = ("runs",)
    RUNS_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[_run_pb2.Run]
    def __init__(self, runs: _Optional[_Iterable[_Union[_run_pb2.Run, _Mapping]]] = ...) -> None: ...

class RenewRunsRequest(_message.Message):
    __slots__ = ("governor", "epochs", "lease")
    class EpochsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    GOVERNOR_FIELD_NUMBER: _ClassVar[int]
    EPOCHS_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    governor: str
    epochs: _containers.ScalarMap[str, int]
    lease: _duration_pb2.Duration
    def __init__(self, governor: _Optional[str] = ..., epochs: _Optional[_Mapping[str, int]] = ..., lease: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class RenewRunsResponse(_message.Message):
    __slots__ = ("runs", "lost")
    RUNS_FIELD_NUMBER: _ClassVar[int]
    LOST_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[_run_pb2.Run]
    lost: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, runs: _Optional[_Iterable[_Union[_run_pb2.Run, _Mapping]]] = ..., lost: _Optional[_Iterable[str]] = ...) -> None: ...

class RecordTransitionRequest(_message.Message):
    __slots__ = ("run", "epoch", "ordinal", "state", "status", "phase", "phase_name", "mode", "message", "error_reason", "error_message")
    RUN_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    ORDINAL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    PHASE_NAME_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ERROR_REASON_FIELD_NUMBER: _ClassVar[int]
    ERROR_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    run: str
    epoch: int
    ordinal: int
    state: _run_pb2.Run.State
    status: _run_pb2.Run.Status
    phase: int
    phase_name: str
    mode: _declaration_pb2.Mode
    message: str
    error_reason: str
    error_message: str
    def __init__(self, run: _Optional[str] = ..., epoch: _Optional[int] = ..., ordinal: _Optional[int] = ..., state: _Optional[_Union[_run_pb2.Run.State, str]] = ..., status: _Optional[_Union[_run_pb2.Run.Status, str]] = ..., phase: _Optional[int] = ..., phase_name: _Optional[str] = ..., mode: _Optional[_Union[_declaration_pb2.Mode, str]] = ..., message: _Optional[str] = ..., error_reason: _Optional[str] = ..., error_message: _Optional[str] = ...) -> None: ...

class RecordTransitionResponse(_message.Message):
    __slots__ = ("run",)
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: _run_pb2.Run
    def __init__(self, run: _Optional[_Union[_run_pb2.Run, _Mapping]] = ...) -> None: ...

class RolloutCount(_message.Message):
    __slots__ = ("rollout", "episodes", "steps")
    ROLLOUT_FIELD_NUMBER: _ClassVar[int]
    EPISODES_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    rollout: int
    episodes: int
    steps: int
    def __init__(self, rollout: _Optional[int] = ..., episodes: _Optional[int] = ..., steps: _Optional[int] = ...) -> None: ...

class SealPhaseRequest(_message.Message):
    __slots__ = ("run", "epoch", "phase", "mode", "sent")
    RUN_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    run: str
    epoch: int
    phase: int
    mode: _declaration_pb2.Mode
    sent: _containers.RepeatedCompositeFieldContainer[RolloutCount]
    def __init__(self, run: _Optional[str] = ..., epoch: _Optional[int] = ..., phase: _Optional[int] = ..., mode: _Optional[_Union[_declaration_pb2.Mode, str]] = ..., sent: _Optional[_Iterable[_Union[RolloutCount, _Mapping]]] = ...) -> None: ...

class SealPhaseResponse(_message.Message):
    __slots__ = ("phase",)
    PHASE_FIELD_NUMBER: _ClassVar[int]
    phase: _run_pb2.PhaseSummary
    def __init__(self, phase: _Optional[_Union[_run_pb2.PhaseSummary, _Mapping]] = ...) -> None: ...

class RecordEpisodesRequest(_message.Message):
    __slots__ = ("steps", "open", "begin", "declare_rewards", "commit", "drop", "flush")
    STEPS_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    DECLARE_REWARDS_FIELD_NUMBER: _ClassVar[int]
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    DROP_FIELD_NUMBER: _ClassVar[int]
    FLUSH_FIELD_NUMBER: _ClassVar[int]
    steps: StepBatch
    open: OpenRecord
    begin: BeginEpisode
    declare_rewards: DeclareRewards
    commit: CommitEpisode
    drop: DropEpisode
    flush: Flush
    def __init__(self, steps: _Optional[_Union[StepBatch, _Mapping]] = ..., open: _Optional[_Union[OpenRecord, _Mapping]] = ..., begin: _Optional[_Union[BeginEpisode, _Mapping]] = ..., declare_rewards: _Optional[_Union[DeclareRewards, _Mapping]] = ..., commit: _Optional[_Union[CommitEpisode, _Mapping]] = ..., drop: _Optional[_Union[DropEpisode, _Mapping]] = ..., flush: _Optional[_Union[Flush, _Mapping]] = ...) -> None: ...

class RecordEpisodesResponse(_message.Message):
    __slots__ = ("opened", "committed", "flushed")
    OPENED_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_FIELD_NUMBER: _ClassVar[int]
    FLUSHED_FIELD_NUMBER: _ClassVar[int]
    opened: Opened
    committed: Committed
    flushed: Flushed
    def __init__(self, opened: _Optional[_Union[Opened, _Mapping]] = ..., committed: _Optional[_Union[Committed, _Mapping]] = ..., flushed: _Optional[_Union[Flushed, _Mapping]] = ...) -> None: ...

class EnvironmentRecord(_message.Message):
    __slots__ = ("uid", "sensors", "actuators", "rewards", "component", "static_world_model")
    UID_FIELD_NUMBER: _ClassVar[int]
    SENSORS_FIELD_NUMBER: _ClassVar[int]
    ACTUATORS_FIELD_NUMBER: _ClassVar[int]
    REWARDS_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    STATIC_WORLD_MODEL_FIELD_NUMBER: _ClassVar[int]
    uid: str
    sensors: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Declaration]
    actuators: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Declaration]
    rewards: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Declaration]
    component: _declaration_pb2.Component
    static_world_model: _values_pb2.FreeValue
    def __init__(self, uid: _Optional[str] = ..., sensors: _Optional[_Iterable[_Union[_declaration_pb2.Declaration, _Mapping]]] = ..., actuators: _Optional[_Iterable[_Union[_declaration_pb2.Declaration, _Mapping]]] = ..., rewards: _Optional[_Iterable[_Union[_declaration_pb2.Declaration, _Mapping]]] = ..., component: _Optional[_Union[_declaration_pb2.Component, _Mapping]] = ..., static_world_model: _Optional[_Union[_values_pb2.FreeValue, _Mapping]] = ...) -> None: ...

class AgentRecord(_message.Message):
    __slots__ = ("name", "sensors", "actuators")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SENSORS_FIELD_NUMBER: _ClassVar[int]
    ACTUATORS_FIELD_NUMBER: _ClassVar[int]
    name: str
    sensors: _containers.RepeatedScalarFieldContainer[str]
    actuators: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., sensors: _Optional[_Iterable[str]] = ..., actuators: _Optional[_Iterable[str]] = ...) -> None: ...

class OpenRecord(_message.Message):
    __slots__ = ("run", "epoch", "phase", "phase_name", "mode", "rollout", "environments", "agents")
    RUN_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    PHASE_NAME_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    ROLLOUT_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENTS_FIELD_NUMBER: _ClassVar[int]
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    run: str
    epoch: int
    phase: int
    phase_name: str
    mode: _declaration_pb2.Mode
    rollout: int
    environments: _containers.RepeatedCompositeFieldContainer[EnvironmentRecord]
    agents: _containers.RepeatedCompositeFieldContainer[AgentRecord]
    def __init__(self, run: _Optional[str] = ..., epoch: _Optional[int] = ..., phase: _Optional[int] = ..., phase_name: _Optional[str] = ..., mode: _Optional[_Union[_declaration_pb2.Mode, str]] = ..., rollout: _Optional[int] = ..., environments: _Optional[_Iterable[_Union[EnvironmentRecord, _Mapping]]] = ..., agents: _Optional[_Iterable[_Union[AgentRecord, _Mapping]]] = ...) -> None: ...

class Opened(_message.Message):
    __slots__ = ("committed",)
    COMMITTED_FIELD_NUMBER: _ClassVar[int]
    committed: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, committed: _Optional[_Iterable[int]] = ...) -> None: ...

class BeginEpisode(_message.Message):
    __slots__ = ("episode", "seeds")
    class SeedsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    SEEDS_FIELD_NUMBER: _ClassVar[int]
    episode: int
    seeds: _containers.ScalarMap[str, int]
    def __init__(self, episode: _Optional[int] = ..., seeds: _Optional[_Mapping[str, int]] = ...) -> None: ...

class DeclareRewards(_message.Message):
    __slots__ = ("episode", "environment", "rewards")
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    REWARDS_FIELD_NUMBER: _ClassVar[int]
    episode: int
    environment: int
    rewards: _containers.RepeatedCompositeFieldContainer[_declaration_pb2.Declaration]
    def __init__(self, episode: _Optional[int] = ..., environment: _Optional[int] = ..., rewards: _Optional[_Iterable[_Union[_declaration_pb2.Declaration, _Mapping]]] = ...) -> None: ...

class StepBatch(_message.Message):
    __slots__ = ("episode", "first_step", "steps", "texts", "world_states", "agents", "rows")
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    FIRST_STEP_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    WORLD_STATES_FIELD_NUMBER: _ClassVar[int]
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    episode: int
    first_step: int
    steps: int
    texts: _containers.RepeatedScalarFieldContainer[str]
    world_states: _containers.RepeatedCompositeFieldContainer[WorldState]
    agents: _containers.RepeatedCompositeFieldContainer[AgentSteps]
    rows: bytes
    def __init__(self, episode: _Optional[int] = ..., first_step: _Optional[int] = ..., steps: _Optional[int] = ..., texts: _Optional[_Iterable[str]] = ..., world_states: _Optional[_Iterable[_Union[WorldState, _Mapping]]] = ..., agents: _Optional[_Iterable[_Union[AgentSteps, _Mapping]]] = ..., rows: _Optional[bytes] = ...) -> None: ...

class WorldState(_message.Message):
    __slots__ = ("step", "environment", "value")
    STEP_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    step: int
    environment: int
    value: _values_pb2.FreeValue
    def __init__(self, step: _Optional[int] = ..., environment: _Optional[int] = ..., value: _Optional[_Union[_values_pb2.FreeValue, _Mapping]] = ...) -> None: ...

class AgentSteps(_message.Message):
    __slots__ = ("agent", "objectives", "data", "acted", "proposed")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVES_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    ACTED_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_FIELD_NUMBER: _ClassVar[int]
    agent: int
    objectives: _containers.RepeatedScalarFieldContainer[float]
    data: _containers.RepeatedCompositeFieldContainer[_values_pb2.FreeValue]
    acted: bytes
    proposed: _containers.RepeatedCompositeFieldContainer[ProposedSetpoints]
    def __init__(self, agent: _Optional[int] = ..., objectives: _Optional[_Iterable[float]] = ..., data: _Optional[_Iterable[_Union[_values_pb2.FreeValue, _Mapping]]] = ..., acted: _Optional[bytes] = ..., proposed: _Optional[_Iterable[_Union[ProposedSetpoints, _Mapping]]] = ...) -> None: ...

class ProposedSetpoints(_message.Message):
    __slots__ = ("step", "setpoints")
    STEP_FIELD_NUMBER: _ClassVar[int]
    SETPOINTS_FIELD_NUMBER: _ClassVar[int]
    step: int
    setpoints: _values_pb2.Values
    def __init__(self, step: _Optional[int] = ..., setpoints: _Optional[_Union[_values_pb2.Values, _Mapping]] = ...) -> None: ...

class CommitEpisode(_message.Message):
    __slots__ = ("summary", "rows")
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    summary: _run_pb2.EpisodeSummary
    rows: int
    def __init__(self, summary: _Optional[_Union[_run_pb2.EpisodeSummary, _Mapping]] = ..., rows: _Optional[int] = ...) -> None: ...

class DropEpisode(_message.Message):
    __slots__ = ("episode",)
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    episode: int
    def __init__(self, episode: _Optional[int] = ...) -> None: ...

class Flush(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Committed(_message.Message):
    __slots__ = ("summary", "existed")
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    summary: _run_pb2.EpisodeSummary
    existed: bool
    def __init__(self, summary: _Optional[_Union[_run_pb2.EpisodeSummary, _Mapping]] = ..., existed: bool = ...) -> None: ...

class Flushed(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class BrainStateHeader(_message.Message):
    __slots__ = ("run", "epoch", "phase", "agent", "tag", "contains", "policy_version", "content_type", "size_bytes", "digest")
    RUN_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    CONTAINS_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    run: str
    epoch: int
    phase: int
    agent: str
    tag: str
    contains: _containers.RepeatedCompositeFieldContainer[_episode_pb2.EpisodeKey]
    policy_version: int
    content_type: str
    size_bytes: int
    digest: bytes
    def __init__(self, run: _Optional[str] = ..., epoch: _Optional[int] = ..., phase: _Optional[int] = ..., agent: _Optional[str] = ..., tag: _Optional[str] = ..., contains: _Optional[_Iterable[_Union[_episode_pb2.EpisodeKey, _Mapping]]] = ..., policy_version: _Optional[int] = ..., content_type: _Optional[str] = ..., size_bytes: _Optional[int] = ..., digest: _Optional[bytes] = ...) -> None: ...

class SaveBrainStateRequest(_message.Message):
    __slots__ = ("header", "data")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    header: BrainStateHeader
    data: bytes
    def __init__(self, header: _Optional[_Union[BrainStateHeader, _Mapping]] = ..., data: _Optional[bytes] = ...) -> None: ...

class SaveBrainStateResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class LoadBrainStateRequest(_message.Message):
    __slots__ = ("run", "phase", "agent", "tag", "committed_only")
    RUN_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_ONLY_FIELD_NUMBER: _ClassVar[int]
    run: str
    phase: int
    agent: str
    tag: str
    committed_only: bool
    def __init__(self, run: _Optional[str] = ..., phase: _Optional[int] = ..., agent: _Optional[str] = ..., tag: _Optional[str] = ..., committed_only: bool = ...) -> None: ...

class LoadBrainStateResponse(_message.Message):
    __slots__ = ("header", "data")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    header: BrainStateHeader
    data: bytes
    def __init__(self, header: _Optional[_Union[BrainStateHeader, _Mapping]] = ..., data: _Optional[bytes] = ...) -> None: ...

class ReadExperienceRequest(_message.Message):
    __slots__ = ("run", "phase", "mode", "agent", "contained", "order", "lanes")
    RUN_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    CONTAINED_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    run: str
    phase: int
    mode: _declaration_pb2.Mode
    agent: str
    contained: _containers.RepeatedCompositeFieldContainer[_episode_pb2.EpisodeKey]
    order: LearningOrder
    lanes: int
    def __init__(self, run: _Optional[str] = ..., phase: _Optional[int] = ..., mode: _Optional[_Union[_declaration_pb2.Mode, str]] = ..., agent: _Optional[str] = ..., contained: _Optional[_Iterable[_Union[_episode_pb2.EpisodeKey, _Mapping]]] = ..., order: _Optional[_Union[LearningOrder, str]] = ..., lanes: _Optional[int] = ...) -> None: ...

class ReadExperienceResponse(_message.Message):
    __slots__ = ("episode", "batch", "end")
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    episode: _episode_pb2.EpisodeKey
    batch: _brain_service_pb2.ExperienceBatch
    end: _brain_service_pb2.EpisodeEnd
    def __init__(self, episode: _Optional[_Union[_episode_pb2.EpisodeKey, _Mapping]] = ..., batch: _Optional[_Union[_brain_service_pb2.ExperienceBatch, _Mapping]] = ..., end: _Optional[_Union[_brain_service_pb2.EpisodeEnd, _Mapping]] = ...) -> None: ...

class RecordFaultRequest(_message.Message):
    __slots__ = ("run", "epoch", "attempt", "fault")
    RUN_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    FAULT_FIELD_NUMBER: _ClassVar[int]
    run: str
    epoch: int
    attempt: str
    fault: _fault_pb2.StruckFault
    def __init__(self, run: _Optional[str] = ..., epoch: _Optional[int] = ..., attempt: _Optional[str] = ..., fault: _Optional[_Union[_fault_pb2.StruckFault, _Mapping]] = ...) -> None: ...

class RecordFaultResponse(_message.Message):
    __slots__ = ("first",)
    FIRST_FIELD_NUMBER: _ClassVar[int]
    first: bool
    def __init__(self, first: bool = ...) -> None: ...

class ListFaultsRequest(_message.Message):
    __slots__ = ("run",)
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: str
    def __init__(self, run: _Optional[str] = ...) -> None: ...

class ListFaultsResponse(_message.Message):
    __slots__ = ("faults",)
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    faults: _containers.RepeatedCompositeFieldContainer[_fault_pb2.StruckFault]
    def __init__(self, faults: _Optional[_Iterable[_Union[_fault_pb2.StruckFault, _Mapping]]] = ...) -> None: ...

class VerifyRunRequest(_message.Message):
    __slots__ = ("run",)
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: str
    def __init__(self, run: _Optional[str] = ...) -> None: ...

class VerifyRunResponse(_message.Message):
    __slots__ = ("difference", "verified")
    DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    difference: Difference
    verified: Verified
    def __init__(self, difference: _Optional[_Union[Difference, _Mapping]] = ..., verified: _Optional[_Union[Verified, _Mapping]] = ...) -> None: ...

class Difference(_message.Message):
    __slots__ = ("episode", "phase_name", "expected", "found", "message")
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    PHASE_NAME_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    episode: _episode_pb2.EpisodeKey
    phase_name: str
    expected: bytes
    found: bytes
    message: str
    def __init__(self, episode: _Optional[_Union[_episode_pb2.EpisodeKey, _Mapping]] = ..., phase_name: _Optional[str] = ..., expected: _Optional[bytes] = ..., found: _Optional[bytes] = ..., message: _Optional[str] = ...) -> None: ...

class Verified(_message.Message):
    __slots__ = ("episodes", "steps", "digest", "evaluation_digest", "equal")
    EPISODES_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    EVALUATION_DIGEST_FIELD_NUMBER: _ClassVar[int]
    EQUAL_FIELD_NUMBER: _ClassVar[int]
    episodes: int
    steps: int
    digest: bytes
    evaluation_digest: bytes
    equal: bool
    def __init__(self, episodes: _Optional[int] = ..., steps: _Optional[int] = ..., digest: _Optional[bytes] = ..., evaluation_digest: _Optional[bytes] = ..., equal: bool = ...) -> None: ...

class QueryRequest(_message.Message):
    __slots__ = ("sql",)
    SQL_FIELD_NUMBER: _ClassVar[int]
    sql: str
    def __init__(self, sql: _Optional[str] = ...) -> None: ...

class QueryResponse(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    def __init__(self, data: _Optional[bytes] = ...) -> None: ...
