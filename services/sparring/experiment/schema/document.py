"""Top-level keys of a document."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from sparring.experiment.schema.base import AnyCase, AsList, Count, Label, Schema, key, wrong
from sparring.experiment.schema.component import ComponentSchema, PlacementName
from sparring.experiment.schema.phase import PhaseSchema, TimeoutsSchema

MAX_SEED = 2**63 - 1


def _version(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _one_phase(value: Any) -> Any:
    if isinstance(value, dict) and len(value) != 1:
        known = [each for each in value if each in PhaseSchema.model_fields]
        hint = f"; indent {known[0]!r} further, below the name of its phase" if known else ""
        shown = f"a mapping with {', '.join(value)}" if value else "an empty mapping"
        message = f"expected the name of one phase with its keys below it, found {shown}{hint}"
        raise wrong("the name of one phase with its keys below it", message)
    return value


def _some(value: tuple[Any, ...]) -> tuple[Any, ...]:
    if not value:
        raise wrong("a list of at least one phase")
    return value


PhaseEntry = Annotated[dict[Label, PhaseSchema], BeforeValidator(_one_phase)]


class RetriesSchema(Schema):
    """How often what was lost is tried again."""

    episode: Annotated[int, Field(ge=0, le=1000)] = key(
        "How often an episode is played again, from its start with the same seed, after a process or machine was lost.",
        ours=True,
        default=3,
    )


class RunConfigSchema(Schema):
    """What holds for the run as a whole."""

    condition: ComponentSchema | None = key(
        "Termination condition of phases. Default: `sparring.experiment:VanillaRunGovernorTerminationCondition`."
        " Whatever it says, a rollout worker never plays more than `episodes`.",
        default=None,
    )


class DocumentSchema(Schema):
    """An experiment run."""

    uid: Label | None = key("Name of the run. Default: the file's name without its ending.", default=None)
    experiment_uid: Label | None = key("Name of the experiment that the run belongs to.", default=None)
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = key(
        "The one seed from which all others are derived. Default: one is drawn, shown and recorded.", default=None
    )
    version: Annotated[str, BeforeValidator(_version)] | None = key(
        "Version of the software that the document was written for. Not compared.", default=None
    )
    schedule: Annotated[tuple[PhaseEntry, ...], AsList, AfterValidator(_some)] = key(
        "The phases in order: a list of `name: {...}`, one phase each."
    )
    run_config: RunConfigSchema = key("What holds for the run as a whole.", default_factory=RunConfigSchema)
    retries: RetriesSchema = key("How often what was lost is tried again.", ours=True, default_factory=RetriesSchema)
    timeouts: TimeoutsSchema = key(
        "When something counts as hung; phases may override it.", ours=True, default_factory=TimeoutsSchema
    )
    placement: Annotated[PlacementName, AnyCase] = key(
        "Where environments and muscles run: `inline` in the rollout worker's process, `service` behind a stream,"
        " `auto` inline where the rollout worker's host has the class.",
        ours=True,
        default="auto",
    )
    save_every: Count | None = key(
        "Brain states are saved after every so many episodes, and always at the end of a phase; `null` only then.",
        ours=True,
        default=100,
    )
