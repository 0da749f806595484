"""Answers of the short-lived process in which a document's classes are imported and tried."""

from __future__ import annotations

import base64
import logging
import os
import signal
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sparring.agent.server import describing as agents
from sparring.environment.description import describe_environment
from sparring.environment.server import describing as environments
from sparring.host.plugins import Plugins
from sparring.types.author_code import construct
from sparring.types.declaration import Component

OWN: Final = ("sparring.environment", "sparring.agent")

# Ctrl-C reaches the whole group of processes; the parent decides.
signal.signal(signal.SIGINT, signal.SIG_IGN)
if not os.environ.get("SPARRING_LOG_LEVEL"):
    logging.getLogger("sparring.author").setLevel(logging.CRITICAL)  # the problem says where it raised


def answer(question: Mapping[str, Any], plugins: Sequence[str]) -> dict[str, Any]:
    """Answer one question.

    Args:
        question: {"ask": "environment", "name", "parameters", "uid"}; {"ask": "muscle" or "brain", ...} as in
            `sparring.agent.server.describing`; {"ask": "class", "name", "parameters", "role"}.
        plugins: modules that may be imported.

    Returns:
        {"sensors": [uid, ...], "actuators": [uid, ...], "response": base64 of a DescribeResponse} of an environment;
        nothing of the others.

    Raises:
        SparringError: what is wrong with names, parameters or the author's code.
    """
    if question["ask"] == "environment":
        component = Component(question["name"], question["parameters"])
        found = describe_environment(component, Plugins((*OWN, *plugins), "environment"), question["uid"])
        response = environments.encode_description(found)
        return {
            "sensors": [each.uid for each in found.sensors],
            "actuators": [each.uid for each in found.actuators],
            "response": base64.b64encode(response.SerializeToString()).decode(),
        }
    if question["ask"] == "class":
        role = question["role"].replace("_", " ")
        kind = Plugins((*OWN, *plugins), role)(question["name"])
        construct(kind, question["parameters"], {}, f"{role} {question['name']}")
        return {}
    agents.answer(dict(question), plugins)
    return {}
