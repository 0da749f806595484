"""Declarations, components, modes, timeouts and origins between plain values and the wire."""

from __future__ import annotations

from collections.abc import Iterable
from typing import overload

from sparring.api.space.v1 import declaration_pb2 as pb
from sparring.api.space.v1 import flow_pb2, session_pb2
from sparring.codec.space import decode_space, encode_space
from sparring.codec.values import decode_parameters, encode_parameters
from sparring.types.declaration import Component, Declaration, Timeouts
from sparring.types.errors import InvalidArgumentError
from sparring.types.flow import SimulationFlowControl
from sparring.types.frames import Origin
from sparring.types.mode import Mode

_MODES = {Mode.TRAIN: pb.MODE_TRAIN, Mode.TEST: pb.MODE_TEST, Mode.EVALUATE: pb.MODE_EVALUATE}
_MODES_BACK = {number: mode for mode, number in _MODES.items()}

_FLOWS = {
    SimulationFlowControl.CONTINUE: flow_pb2.FLOW_CONTROL_CONTINUE,
    SimulationFlowControl.PAUSE: flow_pb2.FLOW_CONTROL_PAUSE,
    SimulationFlowControl.RESET: flow_pb2.FLOW_CONTROL_RESET,
    SimulationFlowControl.RESTART: flow_pb2.FLOW_CONTROL_RESTART,
    SimulationFlowControl.STOP_SIMULATION: flow_pb2.FLOW_CONTROL_STOP_SIMULATION,
    SimulationFlowControl.STOP_PHASE: flow_pb2.FLOW_CONTROL_STOP_PHASE,
    SimulationFlowControl.SHUTDOWN: flow_pb2.FLOW_CONTROL_SHUTDOWN,
}
_FLOWS_BACK = {number: flow for flow, number in _FLOWS.items()}


def encode_declarations(declarations: Iterable[Declaration]) -> list[pb.Declaration]:
    """Write declarations."""
    return [
        pb.Declaration(uid=one.uid, space=encode_space(one.space), unit=one.unit, description=one.description)
        for one in declarations
    ]


def decode_declarations(messages: Iterable[pb.Declaration]) -> tuple[Declaration, ...]:
    """Read declarations.

    Raises:
        InvalidArgumentError: DECLARATION_MALFORMED, a uid is empty or comes twice; or what `decode_space` says, with
            the uid.
    """
    found: dict[str, Declaration] = {}
    for message in messages:
        if not message.uid or message.uid in found:
            what = f"{message.uid!r} is declared twice" if message.uid else "a declaration has no uid"
            raise InvalidArgumentError(
                "DECLARATION_MALFORMED", f"Declarations need unique uids: {what}.", uid=message.uid
            )
        try:
            space = decode_space(message.space)
        except InvalidArgumentError as error:
            metadata = {**error.metadata, "uid": message.uid}
            raise InvalidArgumentError(error.reason, f"{message.uid}: {error}", **metadata) from error
        found[message.uid] = Declaration(message.uid, space, message.unit, message.description)
    return tuple(found.values())


@overload
def encode_component(component: Component) -> pb.Component: ...
@overload
def encode_component(component: None) -> None: ...
def encode_component(component: Component | None) -> pb.Component | None:
    """Write a component."""
    if component is None:
        return None
    return pb.Component(name=component.name, parameters=encode_parameters(component.parameters))


def encode_components(components: Iterable[Component]) -> list[pb.Component]:
    """Write several components."""
    return [encode_component(component) for component in components]


def decode_component(message: pb.Component) -> Component:
    """Read a component."""
    return Component(message.name, decode_parameters(message.parameters))


def decode_components(messages: Iterable[pb.Component]) -> tuple[Component, ...]:
    """Read several components."""
    return tuple(decode_component(message) for message in messages)


def encode_mode(mode: Mode) -> pb.Mode:
    """Write a mode."""
    return _MODES[mode]


def decode_mode(number: pb.Mode) -> Mode:
    """Read a mode; unspecified is train."""
    return _MODES_BACK.get(number, Mode.TRAIN)


def encode_flow(flow: SimulationFlowControl) -> flow_pb2.FlowControl:
    """Write a flow control."""
    return _FLOWS[flow]


def decode_flow(number: flow_pb2.FlowControl) -> SimulationFlowControl:
    """Read a flow control; unspecified, or one from a newer peer, is CONTINUE."""
    return _FLOWS_BACK.get(number, SimulationFlowControl.CONTINUE)


def encode_timeouts(timeouts: Timeouts) -> session_pb2.Timeouts:
    """Write deadlines, in whole milliseconds."""
    values = (timeouts.start_s, timeouts.reset_s, timeouts.step_s, timeouts.think_s)
    start, reset, step, think = (max(1, round(value * 1000)) for value in values)
    return session_pb2.Timeouts(start_ms=start, reset_ms=reset, step_ms=step, think_ms=think)


def decode_timeouts(message: session_pb2.Timeouts) -> Timeouts:
    """Read deadlines; 0 is the default."""
    usual = Timeouts()
    return Timeouts(
        start_s=message.start_ms / 1000 or usual.start_s,
        reset_s=message.reset_ms / 1000 or usual.reset_s,
        step_s=message.step_ms / 1000 or usual.step_s,
        think_s=message.think_ms / 1000 or usual.think_s,
    )


def encode_origin(origin: Origin) -> session_pb2.Origin:
    """Write on whose behalf."""
    return session_pb2.Origin(run=origin.run, phase=origin.phase, rollout=origin.rollout)


def decode_origin(message: session_pb2.Origin) -> Origin:
    """Read on whose behalf."""
    return Origin(message.run, message.phase, message.rollout)
