from sparring.api.space.v1 import declaration_pb2 as _declaration_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EpisodeKey(_message.Message):
    __slots__ = ("phase", "mode", "rollout", "episode")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    ROLLOUT_FIELD_NUMBER: _ClassVar[int]
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    phase: int
    mode: _declaration_pb2.Mode
    rollout: int
    episode: int
    def __init__(self, phase: _Optional[int] = ..., mode: _Optional[_Union[_declaration_pb2.Mode, str]] = ..., rollout: _Optional[int] = ..., episode: _Optional[int] = ...) -> None: ...
