"""Frames of every kind, drawn for properties."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st

from sparring.codec.experience_frames import Join
from sparring.codec.session import Attach, Attached, Refused
from sparring.types import errors
from sparring.types.declaration import Component, Declaration, FreeValue, Timeouts
from sparring.types.episode import AgentRows, EpisodeKey, EpisodeSummary, StepRows
from sparring.types.flow import SimulationFlowControl
from sparring.types.frames import (
    NO_TIMES,
    Act,
    Acted,
    EnvironmentStarted,
    LaneTimes,
    MuscleReset,
    MuscleStarted,
    Origin,
    Policy,
    Reset,
    ResetDone,
    ResetMuscle,
    ShutDown,
    Shutdown,
    StartEnvironment,
    StartMuscle,
    Update,
    Updated,
)
from sparring.types.learning import (
    BrainStarted,
    Considered,
    DiscardEpisode,
    EpisodeEnd,
    ExperienceBatch,
    ExperienceStep,
    Joined,
    Learn,
    Learned,
    Learning,
    Save,
    Saved,
    StartBrain,
)
from sparring.types.mode import Mode
from sparring.types.plan import AgentPlan, EnvironmentPlan, FixedAddress, Grant, Inline, RolloutPlan
from sparring.types.values import Values
from tests.unit.types.strategies import spaces

text = st.text(st.characters(exclude_categories=("Cs",)), max_size=6)
named = text.filter(bool)
number = st.integers(0, 2**32 - 1)
counter = st.integers(0, 2**64 - 1)
seed = st.integers(0, 2**31 - 1)
finite = st.floats(allow_nan=False)
lists = st.lists
small = st.binary(max_size=24)


def many(strategy: st.SearchStrategy[Any], least: int = 0, most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


flags = many(st.booleans())
masks = maybe(many(st.booleans(), 1))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | finite.filter(math.isfinite) | text,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
    max_leaves=4,
)
parameters = st.dictionaries(text, json_values, max_size=3)
components = st.builds(Component, text, parameters)
free_values = st.builds(FreeValue, named, st.binary(max_size=80))
values = st.builds(Values, small, small, many(text))
declarations = st.lists(st.builds(Declaration, named, spaces, text, text), max_size=3, unique_by=lambda one: one.uid)
declared = declarations.map(tuple)
ticks = many(st.integers(-(2**63), 2**63 - 1))
times = st.builds(LaneTimes, ticks, ticks).map(lambda drawn: drawn if drawn.ticks or drawn.timestamps_ns else NO_TIMES)
timeouts = st.builds(Timeouts, *[st.integers(1, 10**9).map(lambda milliseconds: milliseconds / 1000)] * 4)
origins = st.builds(Origin, text, number, number)
modes = st.sampled_from(Mode)
flows = st.sampled_from(SimulationFlowControl)
learnings = st.sampled_from(Learning)
keys = st.builds(EpisodeKey, number, modes, number, counter)
policies = st.builds(Policy, counter, free_values)
statistics = st.dictionaries(text, finite, max_size=3).map(lambda drawn: tuple(sorted(drawn.items())))
capabilities = st.frozensets(text, max_size=3)
reset_done = st.builds(ResetDone, values, times, maybe(times))

reasons = st.from_regex(r"[A-Z][A-Z0-9_]{0,20}[A-Z0-9]", fullmatch=True)
metadata = st.dictionaries(st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True), text, max_size=3)


@st.composite
def refusals(draw: st.DrawFn) -> Refused:
    kind = draw(
        st.sampled_from(
            (
                errors.InvalidArgumentError,
                errors.OutOfSpaceError,
                errors.OutOfActionSpaceError,
                errors.FailedPreconditionError,
            )
        )
    )
    error = kind(draw(reasons), draw(named))
    error.metadata.update(draw(metadata))
    return Refused(error)


session_requests = st.builds(Attach, text, counter) | st.builds(Shutdown)
session_responses = st.builds(Attached, counter) | st.builds(ShutDown) | refusals()

environment_requests = st.one_of(
    st.builds(
        StartEnvironment,
        components,
        text,
        seed,
        many(seed),
        st.integers(1, 8),
        text,
        modes,
        maybe(components),
        maybe(components),
        st.booleans(),
        timeouts,
        origins,
    ),
    st.builds(Update, values, masks),
    st.builds(Reset, many(seed), masks),
    session_requests,
)
environment_responses = st.one_of(
    st.builds(
        EnvironmentStarted,
        declared,
        declared,
        declared,
        reset_done,
        maybe(st.integers(-(2**63), 2**63 - 1)),
        capabilities,
        maybe(free_values),
    ),
    st.builds(Updated, values, values, flags, flags, times, maybe(times), declared, maybe(free_values)),
    reset_done,
    session_responses,
)
muscle_requests = st.one_of(
    st.builds(
        StartMuscle,
        components,
        text,
        seed,
        many(seed),
        declared,
        declared,
        many(text),
        st.integers(1, 8),
        text,
        modes,
        many(components),
        maybe(policies),
        timeouts,
        origins,
    ),
    st.builds(Act, values, maybe(values), flags, flags, many(times), maybe(policies), masks, declared),
    st.builds(ResetMuscle, many(seed), masks, maybe(policies), modes),
    session_requests,
)
muscle_responses = st.one_of(
    st.builds(MuscleStarted, capabilities),
    st.builds(Acted, values, maybe(free_values), statistics),
    st.builds(MuscleReset),
    session_responses,
)
brain_requests = st.one_of(
    st.builds(
        StartBrain,
        components,
        components,
        text,
        declared,
        declared,
        seed,
        modes,
        learnings,
        st.integers(1, 2**32 - 1),
        text,
        many(components),
        many(components),
        maybe(free_values),
        timeouts,
        st.integers(0, 10**6).map(float),
        origins,
    ),
    st.builds(Learn, counter, many(keys)),
    st.builds(Save),
    session_requests,
)
brain_responses = st.one_of(
    st.builds(BrainStarted, st.booleans(), maybe(policies)),
    st.builds(Learned, maybe(policies), statistics, flows),
    st.builds(Saved, free_values, many(keys), counter),
    session_responses,
)


@st.composite
def batches(draw: st.DrawFn) -> tuple[ExperienceBatch, int, int]:
    """Return a batch, and how many texts readings and setpoints have: values of one layout, as an agent has it."""
    lanes, fields = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    bits = lanes * fields
    sizes = [draw(st.integers(0, 2)) * 8 for _ in range(3)]
    counts = [draw(st.integers(0, 2)) for _ in range(3)]

    def one(size: int, count: int) -> Values:
        present = draw(st.integers(0, 2**bits - 1))
        packed = b"" if present == 2**bits - 1 else present.to_bytes((bits + 7) // 8, "little")
        data = draw(st.binary(min_size=size, max_size=size))
        return Values(data, packed, tuple(draw(st.lists(text, min_size=count, max_size=count))))

    ends = st.just(()) | many(st.booleans(), lanes, lanes).filter(any)
    steps = [
        ExperienceStep(
            *(one(size, count) for size, count in zip(sizes, counts, strict=True)),
            terminated=draw(ends),
            truncated=draw(ends),
            data=draw(maybe(free_values)),
            declared_rewards=draw(declared) if number == 0 else (),
        )
        for number in range(draw(st.integers(1, 4)))
    ]
    batch = ExperienceBatch(draw(many(counter, lanes, lanes)), draw(counter), tuple(steps))
    return batch, counts[0], counts[1]


experience_requests = st.one_of(
    st.builds(Join, text, origins, st.integers(1, 8), counter),
    st.builds(EpisodeEnd, keys, number, counter, values),
    st.builds(DiscardEpisode, keys),
)
experience_responses = st.one_of(
    st.builds(Considered, many(finite), flows, maybe(policies), statistics),
    policies,
    st.builds(Joined, maybe(policies), st.integers(1, 2**32 - 1)),
    refusals(),
)
grants = st.builds(Grant, text, text, text, text, text, st.integers(0, 2**31).map(float))
places = st.builds(Inline) | grants | st.builds(FixedAddress, text)
plans = st.builds(
    RolloutPlan,
    origins,
    text,
    modes,
    components,
    many(st.builds(EnvironmentPlan, text, components, places, maybe(components), maybe(components), st.booleans())),
    many(
        st.builds(
            AgentPlan,
            text,
            components,
            places,
            many(text),
            many(text),
            maybe(grants),
            st.booleans(),
            many(components),
        )
    ),
    seed,
    grants,
    learnings,
    many(components),
    timeouts,
    st.integers(1, 8),
    counter,
    number,
    st.integers(0, 10**6).map(float),
    counter,
)
summaries = st.builds(
    EpisodeSummary,
    keys,
    counter,
    finite,
    st.dictionaries(text, finite, max_size=2),
    st.booleans(),
    st.booleans(),
    small,
    st.dictionaries(text, counter, max_size=2),
    number,
    finite,
)


@st.composite
def step_rows(draw: st.DrawFn, least: int = 1) -> StepRows:
    steps, size, texts = draw(st.integers(least, 6)), draw(st.integers(0, 3)) * 8, draw(st.integers(0, 2))
    first = draw(st.integers(0, 1000))
    column = st.just(()) | many(finite, steps, steps)
    rows = draw(st.binary(min_size=steps * size, max_size=steps * size))
    world_states = draw(st.lists(st.tuples(st.integers(first, first + steps - 1), number, free_values), max_size=3))
    agents = draw(
        many(
            st.builds(
                AgentRows,
                number,
                column,
                st.just(()) | many(maybe(free_values), steps, steps),
                st.just(()) | many(st.booleans(), steps, steps),
            )
        )
    )
    written = tuple(draw(st.lists(text, min_size=steps * texts, max_size=steps * texts)))
    return StepRows(draw(counter), first, steps, rows, written, tuple(sorted(world_states, key=lambda s: s[0])), agents)
