"""Where the parts of a phase run: inside the rollout worker's process, in a granted slot, or at a fixed address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sparring.experiment.run import AgentSpec, ComponentSpec, EnvironmentSpec, Phase
from sparring.governor.ports import Announced, Slot

SIMULATION = "simulation"
ENVIRONMENT = "environment"
AGENT = "agent"
STORE = "store"
"""Services that classes and rollout workers are hosted by."""

SIMULATION_LABEL = "simulation"
STORE_LABEL = "store"


def environment_label(uid: str) -> str:
    """Return the label of an environment's slot."""
    return f"environment {uid}"


def muscle_label(agent: str) -> str:
    """Return the label of a muscle's slot."""
    return f"muscle {agent}"


def brain_label(agent: str) -> str:
    """Return the label of a brain's slot."""
    return f"brain {agent}"


@dataclass(frozen=True, slots=True)
class Placement:
    """What of a phase runs inline: environments by uid, muscles by agent. All else has a slot or an address."""

    environments: frozenset[str] = frozenset()
    muscles: frozenset[str] = frozenset()

    def rollout_slots(self, phase: Phase) -> dict[str, Slot]:
        """Return the slots that one rollout worker needs, by label."""
        slots = {SIMULATION_LABEL: Slot(SIMULATION), STORE_LABEL: Slot(STORE)}
        for one in phase.environments:
            if one.uid not in self.environments and not one.source.address:
                slots[environment_label(one.uid)] = Slot(one.source.service or ENVIRONMENT, one.source.name)
        for agent in phase.agents:
            if agent.name not in self.muscles and not agent.muscle.address:
                slots[muscle_label(agent.name)] = Slot(agent.muscle.service or AGENT, agent.muscle.name)
        return slots


def brain_slots(phase: Phase) -> dict[str, Slot]:
    """Return the slots of a phase's brains, by label."""
    return {
        brain_label(agent.name): Slot(agent.brain.service or AGENT, agent.brain.name)
        for agent in phase.agents
        if not agent.brain.address
    }


def decide_placement(phase: Phase, override: str, announced: Announced) -> Placement:
    """Decide what runs inline.

    Args:
        phase: The phase.
        override: Takes the place of what the document says about classes: `auto`, `inline`, `service`; empty does not.
        announced: Who can run what. `auto` is inline only where every simulation worker can run all that is needed.
    """
    workers = announced.get(SIMULATION, ())
    can_inline = frozenset.intersection(*workers) if workers else frozenset()

    def inline(wanted: str, names: Iterable[str]) -> bool:
        placement = override or wanted
        return placement == "inline" or (placement == "auto" and can_inline.issuperset(names))

    return Placement(
        frozenset(
            one.uid
            for one in phase.environments
            if one.source.name and inline(one.placement, _environment_classes(one))
        ),
        frozenset(
            agent.name
            for agent in phase.agents
            if agent.muscle.name and inline(agent.placement, _muscle_classes(agent))
        ),
    )


def _environment_classes(environment: EnvironmentSpec) -> list[str]:
    beside: list[ComponentSpec | None] = [environment.reward, environment.state_transformer]
    return [environment.source.name, *(one.name for one in beside if one is not None)]


def _muscle_classes(agent: AgentSpec) -> list[str]:
    return [agent.muscle.name, *(one.name for one in agent.filters)]
