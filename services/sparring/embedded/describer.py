"""Descriptions for the local system: what is known already, and short-lived processes for the rest."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.codec.declaration import decode_declarations
from sparring.governor.ports import Describer, EnvironmentDescription, Source
from sparring.host.describing import describe
from sparring.types.declaration import Component
from sparring.types.errors import SparringError

ENTRY = "sparring.embedded.describing:answer"
START_S = 30.0
"""For the start of the process that is asked, on top of what author code may take."""


class LocalDescriber:
    """See `Describer`. Python classes are tried in a process of their own; servers at fixed addresses are asked.

    Args:
        elsewhere: Asks servers, and services that are not ours.
        modules: Author modules that may be imported.
        search_paths: Folders put in front of the import path.
        described: By `key`, what environments offer (serialized DescribeResponse); None: nothing was tried before.
    """

    def __init__(
        self,
        elsewhere: Describer,
        modules: Sequence[str],
        search_paths: Sequence[str],
        described: Mapping[str, bytes] | None,
    ) -> None:
        self._elsewhere = elsewhere
        self._modules = modules
        self._search_paths = search_paths
        self._tried = described is not None
        self._described = dict(described or {})

    async def environment(self, source: Source, timeout_s: float) -> EnvironmentDescription:
        """Describe an environment."""
        if source.service != "environment":
            return await self._elsewhere.environment(source, timeout_s)
        name = key(source.component)
        if name not in self._described:
            question = {"of": "environment", "ask": "describe", **_named(source.component)}
            self._described[name] = base64.b64decode((await self._ask(question, timeout_s))["response"])
        response = pb.DescribeResponse.FromString(self._described[name])
        return EnvironmentDescription(decode_declarations(response.sensors), decode_declarations(response.actuators))

    async def muscle(self, source: Source, filters: Sequence[Component], timeout_s: float) -> None:
        """Find out whether a muscle can be made."""
        if source.service != "agent":
            await self._elsewhere.muscle(source, filters, timeout_s)
        elif not self._tried:
            await self._ask(
                {"of": "agent", "ask": "muscle", **_named(source.component), "filters": _pairs(filters)}, timeout_s
            )

    async def brain(
        self, source: Source, objective: Component | None, filters: Sequence[Component], timeout_s: float
    ) -> None:
        """Find out whether a brain can be made."""
        if source.service != "agent":
            await self._elsewhere.brain(source, objective, filters, timeout_s)
        elif not self._tried:
            beside = _pairs([objective])[0] if objective is not None else ["sparring.agent:DummyObjective", {}]
            question = {"of": "agent", "ask": "brain", **_named(source.component), "objective": beside}
            await self._ask({**question, "filters": _pairs(filters)}, timeout_s)

    async def _ask(self, question: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        (answer,) = await describe(
            ENTRY,
            [question],
            timeout_s=timeout_s + START_S,
            plugins=self._modules,
            search_paths=self._search_paths,
        )
        if isinstance(answer, SparringError):
            raise answer
        return answer


def key(component: Component) -> str:
    """Return the name of a description: equal for equal classes with equal parameters."""
    return json.dumps([component.name, component.parameters], sort_keys=True)


def _named(component: Component) -> dict[str, Any]:
    return {"name": component.name, "parameters": component.parameters}


def _pairs(components: Sequence[Component]) -> list[list[Any]]:
    return [[one.name, one.parameters] for one in components]
