"""Seeded bytes for every method of a broker: messages filled at random, damaged ones, wrong ones, and noise."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from sparring.api.broker.v1 import broker_service_pb2, management_service_pb2
from sparring.api.space.v1 import session_pb2
from sparring.api.thirdparty.keda import externalscaler_pb2

WORK: Final = "/sparring.api.broker.v1.BrokerService/Work"
VERSION: Final = session_pb2.ProtocolVersion(major=1)
WORDS: Final = (
    "",
    "a",
    "echo",
    "agent",
    "mmi.service",
    "mmi.x",
    "\x00",
    "ä b",
    "x" * 300,
    "b-1.1",
    "token1",
    "service",
)
NUMBERS: Final = (0, 1, 2, 5, 17, 255, 10_001, 2**31 - 1)
_DEPTH: Final = 4
_UNSIGNED_64: Final = frozenset({FieldDescriptor.TYPE_UINT64, FieldDescriptor.TYPE_FIXED64})


class Case(NamedTuple):
    """One call."""

    method: str
    body: bytes
    metadata: tuple[tuple[str, str], ...]
    endless: bool


def _methods() -> list[MethodDescriptor]:
    files = (broker_service_pb2.DESCRIPTOR, management_service_pb2.DESCRIPTOR, externalscaler_pb2.DESCRIPTOR)
    services = [service for file in files for service in file.services_by_name.values()]
    return [method for service in services for method in service.methods if not method.client_streaming]


class AnyBytes:
    """Makes cases; the same ones from the same seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self._methods = _methods()
        self._number = 1

    def work(self) -> bytes:
        """Return a message of a worker, or what is none."""
        return self._spoilt(self._worker_message().SerializeToString())

    def worker_stream(self) -> list[bytes]:
        """Return what a worker sends on one stream: often a good beginning, then anything."""
        messages = [self.work() for _ in range(self.rng.randint(1, 6))]
        self._number += self.rng.choice((0, 1, 1, 1))
        if self.rng.random() < 0.6:
            ready = broker_service_pb2.Ready(
                version=VERSION,
                worker_id=self.rng.choice(("w1", "w2", "w3")),
                incarnation=self._number,
                service=self.rng.choice(("echo", "agent")),
                calls=1,
                slots=2,
            )
            messages.insert(0, broker_service_pb2.WorkRequest(ready=ready).SerializeToString())
        return messages

    def call(self) -> Case:
        """Return a call of one of the broker's own methods, of one that is forwarded, or of one that nobody has."""
        method = self.rng.choice(self._methods)
        body = self.filled(GetMessageClass(method.input_type)).SerializeToString()
        name, endless = f"/{method.containing_service.full_name}/{method.name}", method.server_streaming
        metadata: list[tuple[str, str]] = []
        if self.rng.random() < 0.4:
            words = [word for word in WORDS if word.isascii() and word.isprintable()]
            metadata = [
                (key, self.rng.choice(words))
                for key in ("sparring-service", "sparring-client-id", "sparring-request-id", "sparring-retry-safe")
                if self.rng.random() < 0.7
            ]
            if self.rng.random() < 0.7:
                name, endless = self.rng.choice(("/test.Echo/Say", "/x/y", "/", WORK + "s")), False
        return Case(name, self._spoilt(body), tuple(metadata), endless)

    def filled(self, kind: type[Message], depth: int = _DEPTH) -> Any:
        """Return a message with some fields set to anything."""
        message = kind()
        for field in message.DESCRIPTOR.fields:
            if self.rng.random() < 0.6:
                self._fill(message, field, depth)
        return message

    def _fill(self, message: Any, field: FieldDescriptor, depth: int) -> None:
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            value = field.message_type.fields_by_name["value"]
            target = getattr(message, field.name)
            for _ in range(self.rng.randint(0, 3)):
                if value.message_type is None:
                    target[self.rng.choice(WORDS)] = self._scalar(value)
        elif field.message_type is not None:
            if depth > 0:
                inner = [self.filled(GetMessageClass(field.message_type), depth - 1) for _ in range(2)]
                if field.is_repeated:
                    getattr(message, field.name).extend(inner[: self.rng.randint(0, 2)])
                else:
                    getattr(message, field.name).CopyFrom(inner[0])
        elif field.is_repeated:
            getattr(message, field.name).extend(self._scalar(field) for _ in range(self.rng.randint(0, 3)))
        else:
            setattr(message, field.name, self._scalar(field))

    def _scalar(self, field: FieldDescriptor) -> Any:
        rng = self.rng
        match field.cpp_type:
            case FieldDescriptor.CPPTYPE_BOOL:
                return rng.random() < 0.5
            case FieldDescriptor.CPPTYPE_STRING:
                if field.type == FieldDescriptor.TYPE_BYTES:
                    return rng.randbytes(rng.randint(0, 40))
                return rng.choice(WORDS)
            case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
                return rng.choice((0.0, -1.0, 1e300, float("nan"), float("inf")))
            case FieldDescriptor.CPPTYPE_INT32 | FieldDescriptor.CPPTYPE_INT64:
                return rng.choice(NUMBERS) * rng.choice((1, -1))
            case _:
                return rng.getrandbits(64) if field.type in _UNSIGNED_64 else rng.choice(NUMBERS)

    def _worker_message(self) -> Any:
        if self.rng.random() < 0.1:
            return broker_service_pb2.WorkRequest()
        kinds: Sequence[FieldDescriptor] = broker_service_pb2.WorkRequest.DESCRIPTOR.fields
        harmless = [field for field in kinds if field.name in ("heartbeat", "session_ended")]
        field = self.rng.choice(harmless if self.rng.random() < 0.5 else kinds)
        assert field.message_type is not None
        message = broker_service_pb2.WorkRequest()
        getattr(message, field.name).CopyFrom(self.filled(GetMessageClass(field.message_type)))
        if field.name == "ready" and self.rng.random() < 0.8:
            message.ready.version.CopyFrom(VERSION)
        return message

    def _spoilt(self, data: bytes) -> bytes:
        """Return the bytes as they are, half of the time; else noise, or truncated, flipped or joined bytes."""
        rng = self.rng
        match rng.randint(0, 8):
            case 0:
                return rng.randbytes(rng.randint(0, 200))
            case 1:
                return data[: rng.randint(0, len(data))]
            case 2:
                return bytes(byte ^ rng.randint(0, 255) if rng.random() < 0.1 else byte for byte in data)
            case 3:
                return data + rng.randbytes(rng.randint(1, 20))
            case _:
                return data
