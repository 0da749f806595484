from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class FlowControl(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FLOW_CONTROL_UNSPECIFIED: _ClassVar[FlowControl]
    FLOW_CONTROL_CONTINUE: _ClassVar[FlowControl]
    FLOW_CONTROL_PAUSE: _ClassVar[FlowControl]
    FLOW_CONTROL_RESET: _ClassVar[FlowControl]
    FLOW_CONTROL_RESTART: _ClassVar[FlowControl]
    FLOW_CONTROL_STOP_SIMULATION: _ClassVar[FlowControl]
    FLOW_CONTROL_STOP_PHASE: _ClassVar[FlowControl]
    FLOW_CONTROL_SHUTDOWN: _ClassVar[FlowControl]
FLOW_CONTROL_UNSPECIFIED: FlowControl
FLOW_CONTROL_CONTINUE: FlowControl
FLOW_CONTROL_PAUSE: FlowControl
FLOW_CONTROL_RESET: FlowControl
FLOW_CONTROL_RESTART: FlowControl
FLOW_CONTROL_STOP_SIMULATION: FlowControl
FLOW_CONTROL_STOP_PHASE: FlowControl
FLOW_CONTROL_SHUTDOWN: FlowControl
