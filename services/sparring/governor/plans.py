"""From a phase and its grants to what rollout workers and brains are told at their start."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparring.experiment.class_names import ENVIRONMENT_ENDS, canonical
from sparring.experiment.run import ComponentSpec, HostedSpec, Phase, TimeoutsSpec
from sparring.governor.placement import (
    STORE_LABEL,
    Placement,
    brain_label,
    environment_label,
    muscle_label,
)
from sparring.types.declaration import Component, Timeouts
from sparring.types.errors import InternalError
from sparring.types.frames import Origin
from sparring.types.learning import Learning
from sparring.types.mode import Mode
from sparring.types.plan import AgentPlan, EnvironmentPlan, FixedAddress, Grant, Inline, Place, RolloutPlan


@dataclass(frozen=True, slots=True)
class BrainReference:
    """A brain as rollout workers know it."""

    grant: Grant
    learns: bool


@dataclass(frozen=True, slots=True)
class Planner:
    """Writes the plans of a phase's rollout workers.

    Attributes:
        run: The run's name.
        epoch: The owner's epoch.
        seed: The run's seed.
        retries: How often a lost episode is played again.
        orphan_s: How long a rollout worker waits for a governor.
    """

    run: str
    epoch: int
    seed: int
    retries: int
    orphan_s: float
    phase: Phase
    placement: Placement

    def environments(self, grants: Mapping[str, Grant]) -> tuple[EnvironmentPlan, ...]:
        """Return where the environments of one rollout worker are."""
        return tuple(
            EnvironmentPlan(
                uid=one.uid,
                environment=hosted(one.source),
                place=_place(one.source, one.uid in self.placement.environments, environment_label(one.uid), grants),
                reward=optional(one.reward),
                state_transformer=optional(one.state_transformer),
                recreate_each_episode=one.recreate == "episode",
            )
            for one in self.phase.environments
        )

    def rollout(
        self,
        rollout: int,
        first_episode: int,
        grants: Mapping[str, Grant],
        brains: Mapping[str, BrainReference],
        first_attempt: int = 1,
    ) -> RolloutPlan:
        """Return the plan of one rollout worker."""
        phase = self.phase
        return RolloutPlan(
            origin=Origin(self.run, phase.number, rollout),
            phase_name=phase.name,
            mode=phase.mode,
            controller=Component(phase.controller, {}),
            environments=self.environments(grants),
            agents=tuple(
                AgentPlan(
                    name=agent.name,
                    muscle=hosted(agent.muscle),
                    place=_place(agent.muscle, agent.name in self.placement.muscles, muscle_label(agent.name), grants),
                    sensors=agent.sensors,
                    actuators=agent.actuators,
                    brain=brains[agent.name].grant,
                    brain_learns=brains[agent.name].learns,
                    filters=components(agent.filters),
                )
                for agent in phase.agents
            ),
            run_seed=self.seed,
            store=_granted(grants, STORE_LABEL),
            learning=learning_of(phase),
            # Rollout workers wait at every step for what conditions say beside the brains. This one says nothing there:
            # that an episode ends with its environments is so anyhow.
            conditions=components([one for one in phase.conditions if canonical(one.name) != ENVIRONMENT_ENDS]),
            timeouts=timeouts_of(phase.timeouts),
            lanes=phase.lanes,
            first_episode=first_episode,
            episode_retries=self.retries,
            orphan_s=self.orphan_s,
            epoch=self.epoch,
            faults=phase.faults,
            first_attempt=first_attempt,
        )

    def brain_grant(self, agent: str, source: HostedSpec, grants: Mapping[str, Grant]) -> Grant:
        """Return where an agent's brain is; a brain at a fixed address gets a session name made up here."""
        if source.address:
            return Grant(secrets.token_hex(16), "", "", source.address)
        return _granted(grants, brain_label(agent))


def learning_of(phase: Phase) -> Learning:
    """Return when the brains of a phase learn."""
    return Learning.NONE if phase.mode is not Mode.TRAIN else Learning(phase.learning)


def hosted(source: HostedSpec) -> Component:
    """Return what a host is asked for; the name is empty for what has a service or an address of its own."""
    return Component(source.name, dict(source.params))


def components(specs: Sequence[ComponentSpec]) -> tuple[Component, ...]:
    """Return components."""
    return tuple(Component(one.name, dict(one.params)) for one in specs)


def optional(spec: ComponentSpec | None) -> Component | None:
    """Return a component, if there is one."""
    return None if spec is None else Component(spec.name, dict(spec.params))


def timeouts_of(spec: TimeoutsSpec) -> Timeouts:
    """Return deadlines of author code."""
    return Timeouts(spec.start_s, spec.reset_s, spec.step_s, spec.think_s)


def _place(source: HostedSpec, inline: bool, label: str, grants: Mapping[str, Grant]) -> Place:
    if inline:
        return Inline()
    if source.address:
        return FixedAddress(source.address)
    return _granted(grants, label)


def _granted(grants: Mapping[str, Grant], label: str) -> Grant:
    grant = grants.get(label)
    if grant is None:
        raise InternalError("GRANT_MISSING", f"The bundle has no grant for {label!r}; it has {', '.join(grants)}.")
    return grant
