"""What a server that knows nothing of brokers offers: asked of itself, by health check and Describe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sparring.api.agent.v1 import muscle_service_pb2, muscle_service_pb2_grpc
from sparring.api.environment.v1 import environment_service_pb2, environment_service_pb2_grpc
from sparring.codec.version import check_version
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError, SparringError

CHECK_S: Final = 5.0
DESCRIBE_S: Final = 120.0
_UNIMPLEMENTED: Final = "UNIMPLEMENTED"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a server offers.

    Attributes:
        capacity: How many sessions it holds at once.
        announcements: (name, role) of what it can run.
        resume: It takes Attach: a session outlives a broken stream.
    """

    capacity: int
    announcements: tuple[tuple[str, str], ...]
    resume: bool = False


async def is_healthy(channel: grpc.aio.Channel) -> bool:
    """Ask grpc.health.v1; a server that does not know that service is as healthy as its Describe."""
    stub: Any = health_pb2_grpc.HealthStub(channel)
    try:
        answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=CHECK_S)
    except SparringError as error:
        return error.reason == _UNIMPLEMENTED
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


async def ask_offer(channel: grpc.aio.Channel, target: str) -> Offer:
    """Ask what a server offers, environments or muscles.

    Args:
        channel: To the server.
        target: Names it in errors.

    Raises:
        FailedPreconditionError: NOTHING_OFFERED, it serves neither; VERSION_MISMATCH.
        SparringError: It does not answer.
    """
    environments: Any = environment_service_pb2_grpc.EnvironmentServiceStub(channel)
    muscles: Any = muscle_service_pb2_grpc.MuscleServiceStub(channel)
    environment_request = environment_service_pb2.DescribeRequest()
    muscle_request = muscle_service_pb2.DescribeMuscleRequest()
    found = [
        (role, answer)
        for role, answer in (
            ("environment", await _asked(environments.Describe, environment_request)),
            ("muscle", await _asked(muscles.DescribeMuscle, muscle_request)),
        )
        if answer is not None
    ]
    if not found:
        raise FailedPreconditionError(
            "NOTHING_OFFERED", f"{target} serves neither environments nor muscles: it implements neither Describe."
        )
    for _, answer in found:
        check_version(answer.version, target)
    return Offer(
        capacity=max(1, *(int(answer.capacity) for _, answer in found)),
        announcements=tuple((name, role) for role, answer in found for name in answer.offered),
        resume=all("resume" in answer.capabilities for _, answer in found),
    )


async def _asked(method: Any, request: Any) -> Any:
    try:
        return await method(request, timeout=DESCRIBE_S)
    except InvalidArgumentError as error:
        if error.reason == _UNIMPLEMENTED:
            return None
        raise
