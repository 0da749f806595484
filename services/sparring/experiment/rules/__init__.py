"""Rules that no type can tell: each looks at one phase, or at the document, and yields problems."""

from __future__ import annotations

from collections.abc import Iterator

from sparring.experiment.problems import Problem
from sparring.experiment.rules.assignments import check_assigned
from sparring.experiment.rules.brain_states import check_brain_states
from sparring.experiment.rules.conditions import check_condition_agents, check_run_condition, check_simulation
from sparring.experiment.rules.faults import check_faults
from sparring.experiment.rules.names import check_members, check_phase_names
from sparring.experiment.rules.playing import check_playing
from sparring.experiment.rules.sources import check_sources
from sparring.experiment.rules.view import PhaseView
from sparring.experiment.validation import Validated

_OF_A_PHASE = (
    check_members,
    check_sources,
    check_assigned,
    check_playing,
    check_simulation,
    check_brain_states,
    check_faults,
)


def check_rules(validated: Validated) -> Iterator[Problem]:
    """Yield what is wrong with a document whose values are all of the right type."""
    schema = validated.schema
    if schema is None:
        return
    views = [PhaseView(validated, schema, number) for number in range(len(schema.schedule))]
    yield from check_phase_names(views)
    yield from check_run_condition(validated, schema)
    yield from check_condition_agents(views, schema)
    for view in views:
        for rule in _OF_A_PHASE:
            yield from rule(view)
