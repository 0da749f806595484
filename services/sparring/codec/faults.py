"""Faults between plain values and the wire: those of a plan, those that struck, and the frames that strike."""

from __future__ import annotations

from sparring.api.space.v1 import fault_pb2 as pb
from sparring.codec.episode import decode_key, encode_key
from sparring.codec.frame_table import Kind
from sparring.types.errors import InvalidArgumentError
from sparring.types.faults import Fault, FaultKind, StruckFault
from sparring.types.frames import Strike, Struck

_KINDS = {
    FaultKind.SENSOR_FREEZE: pb.FAULT_KIND_SENSOR_FREEZE,
    FaultKind.SENSOR_BIAS: pb.FAULT_KIND_SENSOR_BIAS,
    FaultKind.ACTUATOR_LOST: pb.FAULT_KIND_ACTUATOR_LOST,
    FaultKind.KILL: pb.FAULT_KIND_KILL,
    FaultKind.FREEZE: pb.FAULT_KIND_FREEZE,
    FaultKind.DROP: pb.FAULT_KIND_DROP,
    FaultKind.DELAY: pb.FAULT_KIND_DELAY,
}
_KINDS_BACK = {number: kind for kind, number in _KINDS.items()}


def encode_fault(fault: Fault) -> pb.Fault:
    """Write a fault of a plan."""
    return pb.Fault(
        name=fault.name,
        kind=_KINDS[fault.kind],
        target=fault.target,
        agent=fault.agent,
        value=fault.value,
        episodes=fault.episodes,
        probability=fault.probability,
        rollout=fault.rollout,
        from_step=fault.from_step,
        until_step=fault.until_step,
    )


def decode_fault(message: pb.Fault) -> Fault:
    """Read a fault of a plan.

    Raises:
        InvalidArgumentError: FAULT_IMPOSSIBLE, a newer governor knows kinds of faults that are not known here.
    """
    return Fault(
        name=message.name,
        kind=_kind(message.kind, message.name),
        target=message.target,
        agent=message.agent,
        value=message.value,
        episodes=tuple(message.episodes),
        probability=message.probability if message.HasField("probability") else None,
        rollout=message.rollout if message.HasField("rollout") else None,
        from_step=message.from_step,
        until_step=message.until_step if message.HasField("until_step") else None,
    )


def encode_struck(struck: StruckFault) -> pb.StruckFault:
    """Write a fault that struck."""
    return pb.StruckFault(
        episode=encode_key(struck.key),
        name=struck.name,
        kind=_KINDS[struck.kind],
        target=struck.target,
        step=struck.step,
        value=struck.value,
    )


def decode_struck(message: pb.StruckFault) -> StruckFault:
    """Read a fault that struck.

    Raises:
        InvalidArgumentError: FAULT_IMPOSSIBLE.
    """
    key, kind = decode_key(message.episode), _kind(message.kind, message.name)
    return StruckFault(key, message.name, kind, message.target, message.step, message.value)


STRIKE_KIND = Kind(
    "strike",
    Strike,
    lambda strike, _: pb.Strike(kill=strike.kill, freeze_s=strike.freeze_s),
    lambda body, _: Strike(body.kill, body.freeze_s),
)
"""The request that every session knows."""

STRUCK_KIND = Kind("struck", Struck, lambda _, __: pb.Struck(), lambda _, __: Struck())
"""Its answer."""


def _kind(number: pb.FaultKind, name: str) -> FaultKind:
    kind = _KINDS_BACK.get(number)
    if kind is None:
        raise InvalidArgumentError(
            "FAULT_IMPOSSIBLE", f"The fault {name!r} is of a kind (number {number}) that is not known here.", fault=name
        )
    return kind
