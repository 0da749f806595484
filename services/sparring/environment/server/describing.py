"""What an environment offers, answered in a short-lived process."""

from __future__ import annotations

import base64
import importlib
import inspect
from collections.abc import Sequence
from typing import Any

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.codec.declaration import encode_declarations
from sparring.codec.version import encode_version
from sparring.environment.description import describe_environment
from sparring.environment.environment import Environment
from sparring.host.plugins import Plugins
from sparring.types.declaration import Component

OWN = "sparring.environment"


def answer(question: dict[str, Any], plugins: Sequence[str]) -> dict[str, Any]:
    """Answer one question: `describe` a component, or `announce` what the plugins have.

    Args:
        question: {"ask": "describe", "name": ..., "parameters": {...}, "uid": ...} or {"ask": "announce"}.
        plugins: Modules that may be imported.

    Returns:
        {"response": base64 of a DescribeResponse}, or {"announcements": [[name, role], ...]}.

    Raises:
        SparringError: What is wrong with name, parameters or the author's code.
    """
    if question["ask"] == "announce":
        return {"announcements": [[name, "environment"] for name in _announced(plugins)]}
    component = Component(question["name"], question["parameters"])
    described = describe_environment(component, Plugins((OWN, *plugins), "environment"))
    response = pb.DescribeResponse(
        version=encode_version(),
        capabilities=["lanes", "resume", "time"],
        sensors=encode_declarations(described.sensors),
        actuators=encode_declarations(described.actuators),
        rewards=encode_declarations(described.rewards),
    )
    return {"response": base64.b64encode(response.SerializeToString()).decode()}


def _announced(plugins: Sequence[str]) -> list[str]:
    """List the environment classes that the modules define or re-export; a module that cannot be imported has none."""
    names = []
    for module_name in (OWN, *plugins):
        try:
            module = importlib.import_module(module_name)
        except Exception:  # noqa: S112 - whatever an author's module raises: it is told when somebody names it
            continue
        for name in dir(module):
            found = getattr(module, name)
            if inspect.isclass(found) and issubclass(found, Environment) and not inspect.isabstract(found):
                names.append(f"{module_name}:{name}")
    return names
