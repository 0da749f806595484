"""Where parts of a phase run, and which slots that needs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sparring.experiment.document import load_document
from sparring.experiment.run import ComponentSpec, Phase
from sparring.governor.placement import Placement, brain_slots, decide_placement
from sparring.governor.plans import BrainReference, Planner
from sparring.governor.ports import Slot
from sparring.types.errors import InternalError
from sparring.types.plan import FixedAddress, Grant, Inline
from tests.unit.governor.stage import document, phase

CLASSES = frozenset({"sparring.environment:DummyEnvironment", "sparring.agent:DummyMuscle"})
NOTHING_INLINE = Placement()
EVERYTHING_INLINE = Placement(frozenset({"arena"}), frozenset({"apprentice"}))


def read(text: str) -> Phase:
    return load_document(document(text), name="play.yml").expand().phases[0]


def test_auto_is_inline_only_where_every_simulation_worker_has_the_classes() -> None:
    found = read(phase())
    assert decide_placement(found, "", {"simulation": [CLASSES, CLASSES]}) == EVERYTHING_INLINE
    assert decide_placement(found, "", {"simulation": [CLASSES, frozenset()]}) == Placement()
    assert decide_placement(found, "", {}) == Placement()


def test_a_filter_that_the_simulation_workers_lack_keeps_its_muscle_elsewhere() -> None:
    text = phase().replace("sensors:", "filters: [{name: 'sparring.agent:NormFilter'}]\n          sensors:")
    placed = decide_placement(read(text), "", {"simulation": [CLASSES]})
    assert placed == Placement(frozenset({"arena"}), frozenset())


@pytest.mark.parametrize(("override", "expected"), [("inline", EVERYTHING_INLINE), ("service", Placement())])
def test_an_override_holds_for_everything_given_by_name(override: str, expected: Placement) -> None:
    assert decide_placement(read(phase()), override, {"simulation": [CLASSES]}) == expected


def test_what_comes_from_a_service_is_never_inline() -> None:
    found = read(phase().replace("name: sparring.environment:DummyEnvironment", "service: environment/plant"))
    placed = decide_placement(found, "inline", {})
    assert placed == Placement(frozenset(), frozenset({"apprentice"}))
    assert placed.rollout_slots(found)["environment arena"] == Slot("environment/plant")


def test_the_slots_of_a_rollout_worker_name_service_and_class() -> None:
    found = read(phase())
    assert Placement().rollout_slots(found) == {
        "simulation": Slot("simulation"),
        "store": Slot("store"),
        "environment arena": Slot("environment", "sparring.environment:DummyEnvironment"),
        "muscle apprentice": Slot("agent", "sparring.agent:DummyMuscle"),
    }
    assert EVERYTHING_INLINE.rollout_slots(found).keys() == {"simulation", "store"}
    assert brain_slots(found) == {"brain apprentice": Slot("agent", "sparring.agent:DummyBrain")}


def test_what_is_at_a_fixed_address_needs_no_slot_and_is_reached_there() -> None:
    found = read(phase().replace("name: sparring.environment:DummyEnvironment", 'address: "10.0.0.7:50051"'))
    assert "environment arena" not in Placement().rollout_slots(found)
    plan = planner(found).environments({})[0]
    assert (plan.place, plan.environment.name) == (FixedAddress("10.0.0.7:50051"), "")


def test_a_brain_at_a_fixed_address_gets_a_session_name_of_its_own() -> None:
    found = read(phase().replace('brain: {name: "sparring.agent:DummyBrain"}', 'brain: {address: "10.0.0.8:50051"}'))
    assert brain_slots(found) == {}
    grant = planner(found).brain_grant("apprentice", found.agents[0].brain, {})
    assert (grant.address, len(grant.token)) == ("10.0.0.8:50051", 32)


def planner(found: Phase, placement: Placement = NOTHING_INLINE) -> Planner:
    return Planner("play-1", 3, 7, 3, 60.0, found, placement)


def test_a_plan_has_everything_a_rollout_worker_needs() -> None:
    found = read(phase(worker=2, more="learning: episode"))
    store, brain = Grant("s", "w", "store", "store:1"), Grant("b", "w", "agent", "agent:1")
    plan = planner(found, EVERYTHING_INLINE).rollout(
        1, 4, {"store": store}, {"apprentice": BrainReference(brain, True)}
    )
    assert (plan.origin.run, plan.origin.rollout, plan.first_episode, plan.epoch, plan.run_seed) == (
        "play-1",
        1,
        4,
        3,
        7,
    )
    assert (plan.environments[0].place, plan.agents[0].place) == (Inline(), Inline())
    assert (plan.agents[0].brain, plan.agents[0].sensors, plan.store) == (brain, ("arena.0", "arena.1"), store)
    assert plan.controller.name == "sparring.simulation:VanillaSimulationController"


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("sparring.experiment:EnvironmentTerminationCondition", 0),
        ("palaestrai.experiment:EnvironmentTerminationCondition", 0),
        ("mine:Condition", 1),
    ],
)
def test_rollout_workers_wait_for_no_condition_that_has_nothing_to_say_beside_brains(name: str, sent: int) -> None:
    found = replace(read(phase()), conditions=(ComponentSpec(name),))
    grants = {"store": Grant("s", "w", "store", "store:1")}
    reference = BrainReference(Grant("b", "w", "agent", "agent:1"), True)
    plan = planner(found, EVERYTHING_INLINE).rollout(0, 0, grants, {"apprentice": reference})
    assert len(plan.conditions) == sent


def test_a_bundle_that_lacks_a_grant_is_a_bug_that_says_so() -> None:
    with pytest.raises(InternalError) as caught:
        planner(read(phase())).environments({})
    assert caught.value.reason == "GRANT_MISSING"
