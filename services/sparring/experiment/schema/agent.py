"""Keys of an agent: brain, muscle, objective, what it senses and moves, and what its brain starts from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from sparring.experiment.schema.base import AnyCase, AsList, Kind, Label, Qualified, Schema, key, wrong
from sparring.experiment.schema.component import ComponentSchema, HostedSchema, PlacementName


def _phase(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise wrong("the number of a phase, counted from 0, or its name")
    if isinstance(value, int) and value < 0:
        raise wrong("the number of a phase, counted from 0")
    return value


PhaseRef = Annotated[Any, BeforeValidator(_phase), Kind("number or text")]
QualifiedNames = Annotated[tuple[Qualified, ...], AsList]


class LoadSchema(Schema):
    """Which saved brain the agent's brain starts from. What is not given is the same agent, run, and phase before."""

    agent: Label | None = key("Name of the agent that saved it.", default=None)
    experiment_run: Label | None = key("uid of the experiment run.", default=None)
    phase: PhaseRef | None = key("Number of the phase, counted from 0, or its name.", default=None)
    agent_name: Label | None = key("Older documents: the same as `agent`.", default=None)
    experiment_id: Label | None = key("Older documents: the same as `experiment_run`.", default=None)
    phase_name: Label | None = key("Older documents: the phase by its name.", default=None)
    base: str | None = key("Older documents: a folder. Not used: brain states are in the store.", default=None)


class ReplaySchema(Schema):
    """Stored experience that the brain is shown, by `Brain.pretrain`, before the phase begins."""

    agent: Label | None = key("Name of the agent whose experience it is. Default: this one.", default=None)
    experiment_run: Label | None = key("uid of the experiment run. Default: this one.", default=None)
    phase: PhaseRef | None = key("Number of the phase, counted from 0, or its name.", default=None)
    instance: Label | None = key("One run instance. Default: the newest.", default=None)
    mode: Annotated[Literal["train", "test", "evaluate"], AnyCase] | None = key(
        "Only episodes of this mode.", default=None
    )
    strict: bool = key("Verify order and ends of the episodes; needs `instance` and `mode`.", default=False)
    repeat: Annotated[int, Field(ge=1)] = key("How often the experience is shown.", default=1)
    sensors: QualifiedNames | None = key("Only these sensors. Default: the agent's.", default=None)
    actuators: QualifiedNames | None = key("Only these actuators. Default: the agent's.", default=None)


class AgentSchema(Schema):
    """An agent: one brain, one muscle per rollout worker, an objective, and the sensors and actuators it may use."""

    name: Label = key("Its name, unique in the phase.")
    brain: HostedSchema = key("The learner.")
    muscle: HostedSchema = key("The actor.")
    objective: ComponentSchema | None = key(
        "What the agent wants: turns rewards into the number that it learns from. Default: the sum of all rewards.",
        default=None,
    )
    sensors: QualifiedNames = key("What it reads: a list of `environment.sensor`.", default=())
    actuators: QualifiedNames = key("What it may set: a list of `environment.actuator`.", default=())
    filters: Annotated[tuple[ComponentSchema, ...], AsList] = key(
        "Filters between agent and environment, first to last.", default=()
    )
    load: LoadSchema | None = key(
        "The saved brain to start from. Default: in the first phase none, later what this agent had at the end of the"
        " phase before. `null` starts afresh.",
        default=None,
    )
    replay: Annotated[tuple[ReplaySchema, ...], AsList] | None = key(
        "Stored experience to learn from before the phase begins.", default=None
    )
    placement: Annotated[PlacementName, AnyCase] | None = key(
        "Where its muscle runs: `auto`, `inline` or `service`. Default: the document's `placement`.",
        ours=True,
        default=None,
    )
