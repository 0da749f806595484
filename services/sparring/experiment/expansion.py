"""From a validated document to the experiment run: defaults, class names, what a brain starts from."""

from __future__ import annotations

import copy
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sparring.experiment.class_names import DUMMY_OBJECTIVE, ENVIRONMENT_ENDS, VANILLA_RUN_GOVERNOR, canonical
from sparring.experiment.places import Places
from sparring.experiment.run import (
    AgentSpec,
    BrainSource,
    ComponentSpec,
    EnvironmentSpec,
    ExperimentRun,
    HostedSpec,
    LearningName,
    Phase,
    PlacementName,
    ReplaySource,
    TimeoutsSpec,
)
from sparring.experiment.schema.agent import AgentSchema, LoadSchema, ReplaySchema
from sparring.experiment.schema.component import ComponentSchema, HostedSchema
from sparring.experiment.schema.document import DocumentSchema
from sparring.experiment.schema.fault import FaultSchema
from sparring.experiment.schema.phase import EnvironmentEntrySchema, PhaseConfigSchema, PhaseSchema, TimeoutsSchema
from sparring.types.faults import Fault, FaultKind
from sparring.types.mode import Mode

_SEED_BITS = 32
_FAULTS = {
    "freeze": FaultKind.SENSOR_FREEZE,
    "bias": FaultKind.SENSOR_BIAS,
    "lost": FaultKind.ACTUATOR_LOST,
    "kill": FaultKind.KILL,
    "freeze_s": FaultKind.FREEZE,
    "drop": FaultKind.DROP,
    "delay_s": FaultKind.DELAY,
}


def expand(schema: DocumentSchema, places: Places, default_uid: str, seed: int | None = None) -> ExperimentRun:
    """Fill in everything that the document leaves open.

    Args:
        schema: a document without problems.
        places: where its values are written.
        default_uid: the run's uid where the document has none.
        seed: takes the place of the document's. Without either, one is drawn; all else is determined by the document.
    """
    drawn = seed is None and schema.seed is None
    uid = schema.uid or default_uid
    names = [next(iter(entry)) for entry in schema.schedule]
    phases: list[Phase] = []
    for number, (name, entry) in enumerate(zip(names, schema.schedule, strict=True)):
        before = phases[-1] if phases else None
        phases.append(_Expansion(schema, places, uid, names, number, before).phase(entry[name]))
    return ExperimentRun(
        uid=uid,
        experiment_uid=schema.experiment_uid,
        version=schema.version,
        seed=_seed(seed, schema.seed),
        seed_drawn=drawn,
        phases=tuple(phases),
        condition=_optional(schema.run_config.condition) or ComponentSpec(VANILLA_RUN_GOVERNOR),
        episode_retries=schema.retries.episode,
        placement=schema.placement,
        save_every=schema.save_every,
    )


def _seed(*wanted: int | None) -> int:
    """Return the first seed that is given, or draw one."""
    given = next((each for each in wanted if each is not None), None)
    return secrets.randbits(_SEED_BITS) if given is None else given


def learning_of(config: PhaseConfigSchema) -> LearningName:
    """Return when brains learn in a phase: what the document says, or the default."""
    if config.mode == "test":
        return "none"
    return config.learning or ("step" if config.worker == 1 and config.lanes == 1 else "episode")


class _Expansion:
    """Fills in one phase, knowing the document and the phase before."""

    def __init__(
        self,
        schema: DocumentSchema,
        places: Places,
        uid: str,
        names: list[str],
        number: int,
        before: Phase | None,
    ) -> None:
        self._schema, self._places, self._uid = schema, places, uid
        self._names, self._number, self._before = names, number, before
        self._dropped: set[tuple[str, str]] = set()

    def phase(self, phase: PhaseSchema) -> Phase:
        config = phase.phase_config
        self._dropped = {(fault.target, getattr(fault, fault.target)) for fault in phase.faults if fault.drop}
        conditions = phase.simulation.conditions
        return Phase(
            number=self._number,
            name=self._names[self._number],
            mode=Mode(config.mode),
            workers=config.worker,
            episodes=config.episodes,
            evaluate_every=config.evaluate_every if config.mode == "train" else None,
            learning=learning_of(config),
            lanes=config.lanes,
            environments=tuple(self._environment(each) for each in phase.environments),
            agents=tuple(self._agent(index, each) for index, each in enumerate(phase.agents)),
            controller=canonical(phase.simulation.name),
            conditions=(ComponentSpec(ENVIRONMENT_ENDS),) if conditions is None else tuple(map(_component, conditions)),
            timeouts=_timeouts(self._schema.timeouts, phase.timeouts),
            places=self._places,
            faults=_faults(phase.faults),
        )

    def _environment(self, entry: EnvironmentEntrySchema) -> EnvironmentSpec:
        uid = entry.environment.uid
        return EnvironmentSpec(
            uid=uid,
            source=_hosted(entry.environment),
            reward=_optional(entry.reward),
            state_transformer=_optional(entry.state_transformer),
            placement=self._placement(entry.environment, entry.environment.placement, ("environment", uid)),
            recreate=entry.environment.recreate,
        )

    def _agent(self, index: int, agent: AgentSchema) -> AgentSpec:
        objective = _optional(agent.objective)
        if objective is None and agent.brain.name is not None:
            objective = ComponentSpec(DUMMY_OBJECTIVE)
        return AgentSpec(
            name=agent.name,
            brain=_hosted(agent.brain),
            muscle=_hosted(agent.muscle),
            objective=objective,
            filters=tuple(map(_component, agent.filters)),
            sensors=agent.sensors,
            actuators=agent.actuators,
            load=self._load(index, agent),
            replay=tuple(self._replay(agent, each) for each in agent.replay or ()),
            placement=self._placement(agent.muscle, agent.placement, ("agent", agent.name)),
        )

    def _placement(self, source: HostedSchema, own: PlacementName | None, name: tuple[str, str]) -> PlacementName:
        """A document-wide `inline` cannot hold for what is elsewhere; what shall lose frames needs a stream."""
        wanted = "service" if source.name is None else own or self._schema.placement
        return "service" if wanted == "auto" and name in self._dropped else wanted

    def _load(self, index: int, agent: AgentSchema) -> BrainSource | None:
        if agent.load is not None:
            return self._explicit_load(agent.name, agent.load)
        path = ("schedule", self._number, self._names[self._number], "agents", index, "load")
        if self._before is None or self._places.written(path):
            return None
        was = next((each for each in self._before.agents if each.name == agent.name), None)
        if was is None or replace(was.brain, params={}) != replace(_hosted(agent.brain), params={}):
            return None
        return BrainSource(agent.name, None, self._number - 1)

    def _explicit_load(self, name: str, load: LoadSchema) -> BrainSource:
        run = load.experiment_run or load.experiment_id
        phase = load.phase_name if load.phase is None else load.phase
        phase = self._number - 1 if phase is None else phase
        own = run is None or run == self._uid
        if own and phase in self._names:
            phase = self._names.index(phase)
        return BrainSource(load.agent or load.agent_name or name, None if own else run, phase)

    def _replay(self, agent: AgentSchema, replay: ReplaySchema) -> ReplaySource:
        return ReplaySource(
            agent=replay.agent or agent.name,
            experiment_run=None if replay.experiment_run == self._uid else replay.experiment_run,
            phase=replay.phase,
            instance=replay.instance,
            mode=Mode(replay.mode) if replay.mode else None,
            strict=replay.strict,
            repeat=replay.repeat,
            sensors=agent.sensors if replay.sensors is None else replay.sensors,
            actuators=agent.actuators if replay.actuators is None else replay.actuators,
        )


def _component(schema: ComponentSchema) -> ComponentSpec:
    return ComponentSpec(canonical(schema.name), copy.deepcopy(schema.params))


def _optional(schema: ComponentSchema | None) -> ComponentSpec | None:
    return None if schema is None else _component(schema)


def _hosted(schema: HostedSchema) -> HostedSpec:
    name = "" if schema.name is None else canonical(schema.name)
    return HostedSpec(name, schema.service or "", schema.address or "", copy.deepcopy(schema.params))


def _timeouts(document: TimeoutsSchema, phase: TimeoutsSchema) -> TimeoutsSpec:
    """The phase's own, else the document's, else the default."""
    given = document.model_dump(exclude_none=True) | phase.model_dump(exclude_none=True)
    return TimeoutsSpec(**{name: float(value) for name, value in given.items()})


def _faults(schemas: Sequence[FaultSchema]) -> tuple[Fault, ...]:
    """Return faults, each named by kind and target; those that are alike in both are counted."""
    made: list[Fault] = []
    counts: Counter[str] = Counter()
    for each in schemas:
        kind, target = _FAULTS[each.kind], getattr(each, each.target)
        name = f"{kind.value} {target}"
        counts[name] += 1
        value = getattr(each, each.kind)
        made.append(
            Fault(
                name=name if counts[name] == 1 else f"{name} ({counts[name]})",
                kind=kind,
                target=target,
                agent=each.target == "agent",
                value=0.0 if value is True else float(value),
                episodes=each.episodes or (() if each.episode is None else (each.episode,)),
                probability=each.probability,
                rollout=each.rollout,
                from_step=each.from_step,
                until_step=each.until_step,
            )
        )
    return tuple(made)
