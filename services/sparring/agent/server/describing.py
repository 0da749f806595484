"""What can be said of muscles and brains before anything runs, answered in a short-lived process."""

from __future__ import annotations

import base64
import importlib
import inspect
from collections.abc import Sequence
from typing import Any

from sparring.agent.brain import Brain
from sparring.agent.description import describe_brain, describe_muscle
from sparring.agent.muscle import Muscle
from sparring.agent.objective import Objective
from sparring.api.agent.v1 import brain_service_pb2, muscle_service_pb2
from sparring.codec.version import encode_version
from sparring.host.plugins import Plugins
from sparring.types.declaration import Component

OWN = "sparring.agent"
_ROLES: tuple[tuple[type, str], ...] = ((Muscle, "muscle"), (Brain, "brain"), (Objective, "objective"))


def answer(question: dict[str, Any], plugins: Sequence[str]) -> dict[str, Any]:
    """Answer one question.

    Args:
        question: {"ask": "muscle", "name", "parameters", "filters"}, {"ask": "brain", "name", "parameters", "objective", "filters"} with components as
            [name, parameters], or {"ask": "announce"}.
        plugins: Modules that may be imported.

    Returns:
        {"response": base64 of the Describe response}, or {"announcements": [[name, role], ...]}.

    Raises:
        SparringError: What is wrong with names, parameters or the author's code.
    """
    if question["ask"] == "announce":
        return {"announcements": _announced(plugins)}
    resolve = Plugins((OWN, *plugins), "part of an agent")
    component = Component(question["name"], question["parameters"])
    filters = [Component(*one) for one in question.get("filters", ())]
    if question["ask"] == "muscle":
        describe_muscle(component, filters, resolve)
        muscle = muscle_service_pb2.DescribeMuscleResponse(
            version=encode_version(), capabilities=["filters", "lanes", "resume"]
        )
        return {"response": base64.b64encode(muscle.SerializeToString()).decode()}
    learns = describe_brain(component, Component(*question["objective"]), filters, resolve)
    brain = brain_service_pb2.DescribeBrainResponse(version=encode_version(), capabilities=["resume"], learns=learns)
    return {"response": base64.b64encode(brain.SerializeToString()).decode()}


def _announced(plugins: Sequence[str]) -> list[list[str]]:
    """List the classes that the modules define or re-export; a module that cannot be imported has none."""
    found = []
    for module_name in (OWN, *plugins):
        try:
            module = importlib.import_module(module_name)
        except Exception:  # noqa: S112 - whatever an author's module raises: it is told when somebody names it
            continue
        for name in dir(module):
            one = getattr(module, name)
            if inspect.isclass(one) and not inspect.isabstract(one):
                found += [[f"{module_name}:{name}", role] for kind, role in _ROLES if issubclass(one, kind)]
    return found
