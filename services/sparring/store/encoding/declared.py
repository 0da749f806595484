"""What a rollout worker declared, between OpenRecord messages and the prepared form."""

from __future__ import annotations

from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.codec.declaration import decode_declarations
from sparring.store.declared import Declared
from sparring.types.errors import InvalidArgumentError
from sparring.types.record import EnvironmentDeclarations


def decode_declared(message: pb.OpenRecord) -> Declared:
    """Read what was declared.

    Raises:
        InvalidArgumentError: DECLARATION_MALFORMED, names missing or given twice; or what is wrong with a space.
    """
    environments = [
        EnvironmentDeclarations(
            each.uid,
            decode_declarations(each.sensors),
            decode_declarations(each.actuators),
            decode_declarations(each.rewards),
        )
        for each in message.environments
    ]
    if not environments:
        raise InvalidArgumentError("DECLARATION_MALFORMED", "A record needs at least one environment.")
    for kind, names in (
        ("environment", [each.uid for each in environments]),
        ("agent", [each.name for each in message.agents]),
    ):
        if "" in names or len(set(names)) != len(names):
            text = ", ".join(map(repr, names))
            raise InvalidArgumentError("DECLARATION_MALFORMED", f"Each {kind} needs a name of its own: {text}.")
    assignments = {each.name: (tuple(each.sensors), tuple(each.actuators)) for each in message.agents}
    return Declared(environments, [each.name for each in message.agents], assignments)


def encode_kept(message: pb.OpenRecord) -> bytes:
    """Write what is kept of it: all but what names the record."""
    return pb.OpenRecord(environments=message.environments, agents=message.agents).SerializeToString()


def decode_kept(data: bytes) -> Declared:
    """Read what is kept."""
    return decode_declared(pb.OpenRecord.FromString(data))
