"""What an environment offers, answered in a short-lived process."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.codec.declaration import encode_declarations
from sparring.codec.version import encode_version
from sparring.environment.array_environment import ArrayEnvironment
from sparring.environment.declarations import Declarations
from sparring.environment.description import describe_environment
from sparring.environment.environment import Environment
from sparring.environment.environment_state_transformer import EnvironmentStateTransformer
from sparring.environment.lane_group import MAX_LANES
from sparring.environment.reward import Reward
from sparring.host.plugin_modules import announced
from sparring.host.plugins import Plugins
from sparring.types.declaration import Component

OWN: Final = "sparring.environment"
"""What every host has, plugins or not."""
UNKNOWN: Final = "ENVIRONMENT_UNKNOWN"
_CAPABILITIES: Final = ("lanes", "resume", "time")
_ROLES: Final = (
    ((Environment, ArrayEnvironment), "environment"),
    ((Reward,), "reward"),
    ((EnvironmentStateTransformer,), "state_transformer"),
)


def answer(question: Mapping[str, Any], plugins: Sequence[str]) -> dict[str, Any]:
    """Answer one question: `describe` a component, or `announce` what the plugins have.

    Args:
        question: {"ask": "describe", "name": ..., "parameters": {...}} or {"ask": "announce"}.
        plugins: Modules that may be imported.

    Returns:
        {"response": base64 of a DescribeResponse}, or {"announcements": [[name, role], ...], "problems": {...}}.

    Raises:
        SparringError: What is wrong with name, parameters or the author's code.
    """
    if question["ask"] == "announce":
        found, problems = announced((OWN, *plugins), _role)
        return {"announcements": found, "problems": problems}
    component = Component(question["name"], question["parameters"])
    described = describe_environment(component, Plugins((OWN, *plugins), "environment", UNKNOWN))
    return {"response": base64.b64encode(encode_description(described).SerializeToString()).decode()}


def encode_description(described: Declarations) -> pb.DescribeResponse:
    """Write what an environment offers."""
    return pb.DescribeResponse(
        version=encode_version(),
        capabilities=_CAPABILITIES,
        sensors=encode_declarations(described.sensors),
        actuators=encode_declarations(described.actuators),
        rewards=encode_declarations(described.rewards),
        tick_ns=described.tick_ns,
        max_lanes=MAX_LANES,
    )


def _role(kind: type) -> str | None:
    return next((role for kinds, role in _ROLES if issubclass(kind, kinds)), None)
