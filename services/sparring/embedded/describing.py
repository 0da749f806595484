"""Descriptions of everything that a document names, in one short-lived process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sparring.agent.server import describing as agents
from sparring.environment.server import describing as environments


def answer(question: dict[str, Any], plugins: Sequence[str]) -> dict[str, Any]:
    """Answer a question about an environment ({"of": "environment", ...}) or about a part of an agent ({"of".

    "agent", ...}).

    Args:
        question: The rest as in `sparring.environment.server.describing` and `sparring.agent.server.describing`.
        plugins: Modules that may be imported.

    Raises:
        SparringError: What is wrong.
    """
    asked = environments.answer if question["of"] == "environment" else agents.answer
    return asked(question, plugins)
