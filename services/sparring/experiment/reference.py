"""The reference page of the experiment document, written from the models: `python -m sparring.experiment.reference`."""

from __future__ import annotations

import sys
import types
import typing
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sparring.experiment.class_names import palaestrai_names
from sparring.experiment.schema.agent import AgentSchema, LoadSchema, ReplaySchema
from sparring.experiment.schema.base import Kind, Schema
from sparring.experiment.schema.component import ComponentSchema, EnvironmentSchema, HostedSchema
from sparring.experiment.schema.document import DocumentSchema, RetriesSchema, RunConfigSchema
from sparring.experiment.schema.fault import FaultSchema
from sparring.experiment.schema.phase import (
    EnvironmentEntrySchema,
    PhaseConfigSchema,
    PhaseSchema,
    SimulationSchema,
    TimeoutsSchema,
)

_SECTIONS: dict[type[Schema], str] = {
    DocumentSchema: "Document",
    PhaseSchema: "Phase",
    EnvironmentEntrySchema: "Entry of environments",
    EnvironmentSchema: "Environment",
    AgentSchema: "Agent",
    HostedSchema: "Brain and muscle",
    ComponentSchema: "Class with parameters",
    LoadSchema: "Load",
    ReplaySchema: "Replay",
    SimulationSchema: "Simulation",
    PhaseConfigSchema: "Phase config",
    TimeoutsSchema: "Timeouts",
    FaultSchema: "Fault",
    RetriesSchema: "Retries",
    RunConfigSchema: "Run config",
}
_SCALARS = {str: "text", int: "whole number", float: "number", bool: "`true` or `false`"}
_BOUNDS = {"ge": ">= {}", "gt": "> {}"}
_INTRODUCTION = """\
# The experiment document

<!-- Written by `python -m sparring.experiment.reference`; change the models, not this page. -->

An experiment run is a YAML 1.2 file. `sparring check FILE` says what is wrong with it, all of it at once, each
problem with file, line, path, what was found and what is expected. A document written for palaestrAI 3.x is one for
Sparring; keys marked with + are Sparring's own. A key that is not on this page is an error.

What no table can say:

- **Phases inherit from the one before**, key by key: a mapping is laid over the mapping of the phase before, anything
  else (a list, a number, `null`) takes the place of what was there.
- **An environment, a brain or a muscle** comes from exactly one of `name` (a Python class), `service` (any worker
  registered under that name, in any language) and `address` (a fixed gRPC server). A reward or state transformer
  needs an environment given by `name`, an objective a brain, filters both brain and muscle.
- **Sensors and actuators** are named `environment.sensor`. When all agents act at once (Vanilla), an actuator belongs
  to one agent; when they take turns, several may have it.
- **Episodes are counted per rollout worker**: `worker: 2` and `episodes: 5` are ten episodes. An episode ends when
  any of its environments ends, for all of them.
- **Faults** (`faults:`) are a part of the experiment: which strike is determined by the document and its seed. Those of
  sensors and actuators change what agents see and do; the others end with the same results as without them. See
  [Faults on purpose](../explanation/faults.md).
- **Every phase ends**: without `episodes`, the run's condition must be one that looks at results. What is given as
  `episodes` holds whatever the condition says.
- **Upper and lower case** are the same in `mode`, `learning`, `placement` and `recreate`.
- Dates are text. Keys are text: a number as a key needs quotes. Anchors, aliases and `<<` work.
"""
_CONDITIONS = """\
## Termination conditions

| class (`sparring.experiment:...`) | where | parameters | effect |
| --- | --- | --- | --- |
| `EnvironmentTerminationCondition` | simulation | none | The episode ends when any environment ends. |
| `MaxEpisodesTerminationCondition` | run | none | A rollout worker ends after `episodes`, the phase when all have. |
| `VanillaRunGovernorTerminationCondition` | run | none | Both of the above; the default. |
| `AgentObjectiveTerminationCondition` | simulation | `{agent: {brain_avgN: x}}` | The episode ends once the mean of \
the agent's last N objectives in it is at least x. |
| `AgentObjectiveTerminationCondition` | run | `{agent: {phase_avgN: y}}` | The phase ends once the mean objective \
per step, averaged over the last N episodes, is at least y in every rollout worker. Without any `phase_avgN`: with \
the first episode that a `brain_avgN` ended. |
| `AgentEvaluationObjectiveTerminationCondition` | run | `{agents: {agent: {success: {metric, threshold, direction, \
consecutive, min_evaluations}, plateau: {metric, direction, min_delta, patience, min_evaluations, window}}}}` | The \
phase ends once the evaluations of all agents are a success, or all on a plateau. |
"""


def reference_page() -> str:
    """Return the page as Markdown."""
    parts = [_INTRODUCTION]
    for model, title in _SECTIONS.items():
        parts.append(f"## {title}\n\n{' '.join((model.__doc__ or '').split())}\n\n{_table(model)}")
    parts.append(_CONDITIONS)
    parts.append(_names())
    return "\n".join(parts)


def _table(model: type[BaseModel]) -> str:
    lines = ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
    for name, info in model.model_fields.items():
        extra = info.json_schema_extra
        mark = "+" if isinstance(extra, dict) and extra.get("ours") else ""
        lines.append(f"| `{name}`{mark} | {_value(info)} | {_default(info)} | {info.description} |")
    return "\n".join(lines) + "\n"


def _value(info: FieldInfo) -> str:
    """Say what may stand behind a key."""
    return _type(info.annotation, info.metadata)


def _type(annotation: Any, metadata: typing.Sequence[Any] = ()) -> str:
    kind = next((each.name for each in metadata if isinstance(each, Kind)), None)
    if kind is not None:
        return str(kind)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type(arguments[0], [*_flat(arguments[1:]), *metadata])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_type(each, metadata) for each in arguments if each is not types.NoneType)
    if origin is typing.Literal:
        return ", ".join(f"`{each}`" for each in arguments)
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"name: {_type(arguments[1])}"
    if annotation in _SECTIONS:
        title = _SECTIONS[annotation]
        return f"[{title.lower()}](#{title.lower().replace(' ', '-')})"
    bounds = [
        text.format(getattr(each, name)) for each in metadata for name, text in _BOUNDS.items() if hasattr(each, name)
    ]
    return ", ".join([_SCALARS[annotation], *bounds])


def _flat(metadata: typing.Iterable[Any]) -> list[Any]:
    """Return annotations with those that a field bundles taken apart."""
    found: list[Any] = []
    for each in metadata:
        found.extend(each.metadata if isinstance(each, FieldInfo) else [each])
    return found


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "**required**"
    value = info.default
    if info.default_factory is not None or value is None or value == ():
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _names() -> str:
    lines = [
        "## Names of palaestrAI's classes",
        "",
        "These are read as ours, whatever module of their package they are named from. Others are imported as they",
        "are.",
        "",
        "| palaestrAI | Sparring |",
        "| --- | --- |",
        *(f"| `{theirs}` | `{ours}` |" for theirs, ours in palaestrai_names()),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(reference_page())
