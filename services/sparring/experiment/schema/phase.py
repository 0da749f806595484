"""Keys of a phase: environments, agents, the simulation controller, and how much is played."""

from __future__ import annotations

from typing import Annotated, Literal

from sparring.experiment.schema.agent import AgentSchema
from sparring.experiment.schema.base import AnyCase, AsList, ClassName, Count, Schema, Seconds, key
from sparring.experiment.schema.component import ComponentSchema, EnvironmentSchema
from sparring.experiment.schema.fault import FaultSchema

Conditions = Annotated[tuple[ComponentSchema, ...], AsList]
VANILLA = "sparring.simulation:VanillaSimulationController"


class EnvironmentEntrySchema(Schema):
    """One environment of the phase with what belongs to it."""

    environment: EnvironmentSchema = key("The environment itself.")
    reward: ComponentSchema | None = key("A reward in place of the environment's own.", default=None)
    state_transformer: ComponentSchema | None = key(
        "Changes the environment's state before it is handed on and stored.", default=None
    )


class SimulationSchema(Schema):
    """Who drives the step loop, and what ends an episode early."""

    name: ClassName = key(
        "The simulation controller: `sparring.simulation:VanillaSimulationController` (all agents act at once) or"
        " `sparring.simulation:TakingTurnsSimulationController` (one after the other).",
        default=VANILLA,
    )
    conditions: Conditions | None = key(
        "Termination conditions of an episode. An episode always ends when any of its environments ends.", default=None
    )


class PhaseConfigSchema(Schema):
    """How much is played, by how many, and whether agents learn."""

    mode: Annotated[Literal["train", "test"], AnyCase] = key(
        "Whether agents learn from what they play.", default="train"
    )
    worker: Count = key("Number of rollout workers: parallel copies of the phase's agents and environments.", default=1)
    episodes: Count | None = key(
        "Episodes of each rollout worker; `worker` times as many in all. May be left out when the run's condition ends"
        " the phase by its results.",
        default=None,
    )
    evaluate_every: Count | None = key(
        "In a train phase: after every so many episodes (of all rollout workers together) each rollout worker plays one"
        " without learning.",
        default=None,
    )
    learning: Annotated[Literal["step", "episode", "async"], AnyCase] | None = key(
        "When brains learn: `step` (the muscle waits; one rollout worker, one lane), `episode` (all rollout workers"
        " play an episode, then the brain learns) or `async` (at any time; not deterministic). Default: `step` for one"
        " rollout worker with one lane, else `episode`.",
        ours=True,
        default=None,
    )
    lanes: Count = key(
        "Environment instances that one rollout worker steps together; needs Vanilla and exactly one environment.",
        ours=True,
        default=1,
    )
    store_raw_actuators: bool = key("Accepted for palaestrAI's sake; has no effect there either.", default=False)


class TimeoutsSchema(Schema):
    """How long a component may take before it counts as hung, in seconds. Hung components fail the run."""

    start_s: Seconds | None = key(
        "To start an environment, a muscle or a brain. Default: 120.", ours=True, default=None
    )
    reset_s: Seconds | None = key("To reset one. Default: 120.", ours=True, default=None)
    step_s: Seconds | None = key("For one step of an environment or a muscle. Default: 60.", ours=True, default=None)
    think_s: Seconds | None = key("For a brain to learn from one batch. Default: 600.", ours=True, default=None)


class PhaseSchema(Schema):
    """One phase. What it does not say it has from the phase before: mappings key by key, lists as a whole."""

    environments: Annotated[tuple[EnvironmentEntrySchema, ...], AsList] = key("The phase's environments.", default=())
    agents: Annotated[tuple[AgentSchema, ...], AsList] = key("The phase's agents.", default=())
    simulation: SimulationSchema = key("The simulation controller.", default_factory=SimulationSchema)
    phase_config: PhaseConfigSchema = key("How the phase is played.", default_factory=PhaseConfigSchema)
    timeouts: TimeoutsSchema = key(
        "Overrides the document's `timeouts`, key by key.", ours=True, default_factory=TimeoutsSchema
    )
    faults: Annotated[tuple[FaultSchema, ...], AsList] = key(
        "What goes wrong on purpose. As any list it is inherited from the phase before; `[]` ends that.",
        ours=True,
        default=(),
    )
