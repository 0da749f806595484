"""Keys of a fault: what is disturbed on purpose, how, and when."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sparring.experiment.schema.base import AsList, Label, Qualified, Schema, Seconds, key, wrong

TARGETS = ("sensor", "actuator", "environment", "agent")
KINDS = {
    "freeze": ("sensor",),
    "bias": ("sensor",),
    "lost": ("actuator",),
    "kill": ("environment", "agent"),
    "freeze_s": ("environment", "agent"),
    "drop": ("environment", "agent"),
    "delay_s": ("environment", "agent"),
}
"""What may be done to what."""
_ONCE = ("kill", "freeze_s", "drop")

Number = Annotated[int, Field(ge=0, le=2**31 - 1)]


class FaultSchema(Schema):
    """What goes wrong: one target, one kind that suits it, and when. Without a when it strikes in every episode."""

    sensor: Qualified | None = key("Target: a sensor, as its agents read it.", ours=True, default=None)
    actuator: Qualified | None = key("Target: an actuator.", ours=True, default=None)
    environment: Label | None = key("Target: an environment, by its uid.", ours=True, default=None)
    agent: Label | None = key(
        "Target: an agent, by its name; what is disturbed is its muscle.", ours=True, default=None
    )
    freeze: Literal[True] | None = key("Sensor: it keeps showing what it showed last.", ours=True, default=None)
    bias: Annotated[float, Field(allow_inf_nan=False)] | None = key(
        "Sensor: this number is added; the result stays within the sensor's space.", ours=True, default=None
    )
    lost: Literal[True] | None = key(
        "Actuator: what agents set never reaches the environment.", ours=True, default=None
    )
    kill: Literal[True] | None = key(
        "Environment or agent: its process is killed. Inside the rollout worker (`placement: inline`) that is the"
        " rollout worker's own. The episode is played again.",
        ours=True,
        default=None,
    )
    freeze_s: Seconds | None = key(
        "Environment or agent: its process stands still for so many seconds; after more than one its host"
        " takes it for lost, and the episode is played again.",
        ours=True,
        default=None,
    )
    drop: Literal[True] | None = key(
        "Environment or agent: the stream of its session breaks, and a request with it. With `placement:"
        " auto` the component is behind a stream then.",
        ours=True,
        default=None,
    )
    delay_s: Seconds | None = key(
        "Environment or agent: each request of a step is held back for so many seconds.", ours=True, default=None
    )
    episode: Number | None = key("Strikes in this episode only, counted from 0.", ours=True, default=None)
    episodes: Annotated[tuple[Number, ...], AsList] | None = key(
        "Strikes in these episodes only.", ours=True, default=None
    )
    probability: Annotated[float, Field(ge=0, le=1)] | None = key(
        "Strikes in so many of its episodes, drawn for each from the run's seed.", ours=True, default=None
    )
    rollout: Number | None = key(
        "Strikes in this rollout worker only, counted from 0. Default: in all.", ours=True, default=None
    )
    from_step: Number = key(
        "Strikes from this step on; 0 is the state at the beginning of an episode, 1 the first step.",
        ours=True,
        default=0,
    )
    until_step: Number | None = key(
        "Over from this step on. Default: it lasts until the episode's end. Not for `kill`, `freeze_s` and `drop`,"
        " which strike once.",
        ours=True,
        default=None,
    )

    @property
    def target(self) -> str:
        """Return which of the targets is given."""
        return next(each for each in TARGETS if getattr(self, each) is not None)

    @property
    def kind(self) -> str:
        """Return which of the kinds is given."""
        return next(each for each in KINDS if getattr(self, each) is not None)

    @model_validator(mode="after")
    def _fits(self) -> FaultSchema:
        targets = [each for each in TARGETS if getattr(self, each) is not None]
        kinds = [each for each in KINDS if getattr(self, each) is not None]
        if len(targets) != 1:
            raise _wrong("one target: sensor, actuator, environment or agent", targets)
        fitting = [kind for kind, of in KINDS.items() if targets[0] in of]
        if len(kinds) != 1 or kinds[0] not in fitting:
            raise _wrong(f"what happens to the {targets[0]}: {' or '.join(fitting)}", kinds)
        if self.episode is not None and self.episodes is not None:
            raise _wrong("episode or episodes", ["episode", "episodes"])
        if self.until_step is not None and kinds[0] in _ONCE:
            raise _wrong(f"no until_step, for {kinds[0]} strikes once", ["until_step"])
        if self.until_step is not None and self.until_step <= self.from_step:
            raise _wrong(f"until_step above from_step, which is {self.from_step}", [f"until_step: {self.until_step}"])
        return self


def _wrong(expected: str, found: list[str]) -> Any:
    return wrong(expected, f"expected {expected}, found {' and '.join(found) or 'none of them'}")
