"""Checks against what environments say of themselves: sensors and actuators that nobody has, parameters refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sparring.experiment.class_use import refused_source
from sparring.experiment.problems import Problem, did_you_mean, in_order
from sparring.experiment.rules.assignments import split
from sparring.experiment.run import Phase
from sparring.experiment.tree import Path
from sparring.types.faults import FaultKind

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class DescribedEnvironment:
    """What an environment has; uids with or without `environment.` before them."""

    sensors: tuple[str, ...]
    actuators: tuple[str, ...]


def check_assignments(
    phase: Phase,
    described: Mapping[str, DescribedEnvironment | str],
    refused: Mapping[Path, str] | None = None,
) -> tuple[Problem, ...]:
    """Compare a phase with the answers to Describe.

    Args:
        phase: the phase, written out in full.
        described: by environment uid, what it has, or why it could not be described (shown at its `params`).
            Environments that are not in it were not asked: nothing is said about their sensors.
        refused: by path in the document (as `ClassUse.path` or a foreign muscle's or brain's place), what else was
            refused.

    Returns:
        What is wrong, in the order of lines.
    """
    return in_order(_all(phase, described, refused or {}))


def _all(
    phase: Phase, described: Mapping[str, DescribedEnvironment | str], refused: Mapping[Path, str]
) -> Iterator[Problem]:
    for index, environment in enumerate(phase.environments):
        answer = described.get(environment.uid)
        if isinstance(answer, str):
            yield refused_source(phase.places, (*phase.path, "environments", index, "environment"), answer)
    for path, text in refused.items():
        yield refused_source(phase.places, path, text)
    for index, agent in enumerate(phase.agents):
        at = (*phase.path, "agents", index)
        yield from _missing(phase, (*at, "sensors"), agent.sensors, described)
        yield from _missing(phase, (*at, "actuators"), agent.actuators, described)
    for index, fault in enumerate(phase.faults):
        if fault.kind.of_data:
            section = "actuators" if fault.kind is FaultKind.ACTUATOR_LOST else "sensors"
            yield from _missing_one(
                phase, (*phase.path, "faults", index, section[:-1]), section, fault.target, described
            )


def _missing(
    phase: Phase, path: Path, names: Sequence[str], described: Mapping[str, DescribedEnvironment | str]
) -> Iterator[Problem]:
    for index, name in enumerate(names):
        yield from _missing_one(phase, (*path, index), str(path[-1]), name, described)


def _missing_one(
    phase: Phase, path: Path, section: str, name: str, described: Mapping[str, DescribedEnvironment | str]
) -> Iterator[Problem]:
    kind = section[:-1]
    environment, _ = split(name)
    answer = described.get(environment)
    if answer is None or isinstance(answer, str):
        return
    offered = answer.sensors if kind == "sensor" else answer.actuators
    known = [uid if uid.startswith(f"{environment}.") else f"{environment}.{uid}" for uid in offered]
    if name in known:
        return
    shown = ", ".join(known[:_SHOWN]) + (f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else "")
    hint = did_you_mean(name, known, 0.8)
    message = f"environment {environment!r} has no {kind} {name!r}{hint}; it has {shown or f'no {section} at all'}"
    yield phase.places.problem(path, f"the {kind} {name!r}", f"one of {shown or 'none'}", message)
