"""What can be said of muscles and brains before anything runs, answered in a short-lived process."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sparring.agent.brain import Brain
from sparring.agent.description import describe_brain, describe_muscle
from sparring.agent.filter import Filter
from sparring.agent.muscle import Muscle
from sparring.agent.objective import Objective
from sparring.api.agent.v1 import brain_service_pb2, muscle_service_pb2
from sparring.codec.version import encode_version
from sparring.host.plugin_modules import announced
from sparring.host.plugins import Plugins
from sparring.types.declaration import Component
from sparring.types.errors import NotFoundError

OWN: Final = "sparring.agent"
"""What every host has, plugins or not."""
_ROLES: Final = ((Muscle, "muscle"), (Brain, "brain"), (Objective, "objective"), (Filter, "filter"))


def answer(question: Mapping[str, Any], plugins: Sequence[str]) -> dict[str, Any]:
    """Answer one question.

    Args:
        question: {"ask": "muscle", "name", "parameters", "filters"}; {"ask": "brain", "name", "parameters",
            "objective", "filters"} with components as [name, parameters]; or {"ask": "announce"}.
        plugins: Modules that may be imported.

    Returns:
        {"response": base64 of the Describe response}, or {"announcements": [[name, role], ...], "problems": {...}}.

    Raises:
        SparringError: What is wrong with names, parameters or the author's code.
    """
    if question["ask"] == "announce":
        found, problems = announced((OWN, *plugins), _role)
        return {"announcements": found, "problems": problems}
    try:
        response = _described(question, Plugins((OWN, *plugins), "part of an agent"))
    except NotFoundError as error:
        if error.metadata.get("component") != question["name"]:
            raise
        raise NotFoundError(f"{question['ask'].upper()}_UNKNOWN", error.message, **error.metadata) from error
    return {"response": base64.b64encode(response.SerializeToString()).decode()}


def _described(question: Mapping[str, Any], resolve: Plugins) -> Any:
    component = Component(question["name"], question["parameters"])
    filters = [Component(*one) for one in question.get("filters", ())]
    if question["ask"] == "muscle":
        describe_muscle(component, filters, resolve)
        return muscle_service_pb2.DescribeMuscleResponse(
            version=encode_version(), capabilities=["filters", "lanes", "resume"]
        )
    learns = describe_brain(component, Component(*question["objective"]), filters, resolve)
    return brain_service_pb2.DescribeBrainResponse(version=encode_version(), capabilities=["resume"], learns=learns)


def _role(kind: type) -> str | None:
    role = next((role for one, role in _ROLES if issubclass(kind, one)), None)
    return "condition" if role is None and hasattr(kind, "brain_flow_control") else role
