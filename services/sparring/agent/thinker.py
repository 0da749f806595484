"""A brain with its filters: steps in, policies out, and their state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from sparring.agent.brain import Brain
from sparring.agent.filter import Filter
from sparring.agent.memory import Memory
from sparring.agent.memory_row import Fields, Row
from sparring.agent.memory_state import decode_memory, encode_memory
from sparring.agent.parts import Resolve, make_part
from sparring.agent.resting import resting_values
from sparring.agent.statistics import numbers
from sparring.types.author_code import AUTHOR_FAULTS, author_error
from sparring.types.declaration import FreeValue
from sparring.types.frames import Policy
from sparring.types.free_value import JSON, PARTS, from_free_value, join_parts, split_parts, to_free_value
from sparring.types.gauge import Gauge
from sparring.types.information import ActuatorInformation, SensorInformation
from sparring.types.learning import StartBrain
from sparring.types.mode import Mode
from sparring.types.seeds import generator

Returned = TypeVar("Returned")

NOTHING_SAVED = FreeValue(JSON, b"null")
_GLANCE = 2
"""Rows in the memory of a brain that does not learn."""


class Thinker:
    """The author's brain of one session, and the brain halves of the filters.

    Args:
        resolve: Finds author classes.
        start: How the session began.
        gauge: Shows what runs.
        sensors: What the agent reads.
        actuators: What it sets.
    """

    def __init__(self, resolve: Resolve, start: StartBrain, gauge: Gauge, sensors: Fields, actuators: Fields) -> None:
        self._agent = start.agent
        self._gauge = gauge
        self._think_s = start.timeouts.think_s
        self._fields = (sensors, actuators)
        self._statistics: dict[str, Any] = {}
        self._version = -1
        self._update: Any = None
        self._last: FreeValue | None = None
        shown = Mode.TRAIN if start.mode is Mode.TRAIN else Mode.TEST
        seen = resting_values(SensorInformation, start.sensors)
        moved = resting_values(ActuatorInformation, start.actuators)
        gauge.begin("start", f"agent {start.agent!r}", start.timeouts.start_s)
        try:
            offers: dict[str, object] = {"seed": start.seed, "sensors": seen, "actuators": moved}
            brain: Brain = make_part(resolve, start.brain, Brain, "brain", start.agent, offers)
            self._filters = [make_part(resolve, each, Filter, "filter", start.agent, {}) for each in start.filters]
        finally:
            gauge.end()
        brain._name, brain.seed, brain.mode, brain.rng = start.agent, start.seed, shown, generator(start.seed)
        brain.sensors, brain.actuators = seen, moved
        self.learns = bool(brain.learns)
        # Who only looks on needs no past; who learns decides by `memory.size_limit`.
        brain._memory = Memory() if self.learns and shown is Mode.TRAIN else Memory(size_limit=_GLANCE)
        self._brain = brain
        self._loaded: FreeValue | None = None

    def setup(self, state: FreeValue | None) -> None:
        """Prepare filters and brain, and go on from a saved state, if there is one.

        Raises:
            AuthorError: The author's code raised.
            InvalidArgumentError: VALUE_MALFORMED, it is no saved state.
        """
        brain = self._brain
        for each in self._filters:
            each.brain = brain
            self._call("start", each.setup, "setup of a filter", "filter", each)
        self._call("start", brain.setup, "setup of its brain", "brain", brain)
        if state is None or state == NOTHING_SAVED:
            return
        parts: Sequence[FreeValue | None] = split_parts(state) if state.content_type == PARTS else [state]
        own, memory, self._last, *filters = (*parts, None, None) if len(parts) == 1 else parts
        if own is not None:
            self._call(
                "load", lambda: brain.load_state(from_free_value(own)), "load_state of its brain", "brain", brain
            )
        if memory is not None:
            decode_memory(memory, brain.memory, *self._fields)
        if brain.mode is not Mode.TRAIN:
            self._loaded = state
            brain.memory.size_limit = _GLANCE
        for each, saved in zip(self._filters, filters, strict=False):
            if saved is not None:
                self._load(each, saved)

    def think(self, row: Row, step: int, episode: int) -> None:
        """Let the brain learn from a step of an episode.

        Raises:
            AuthorError: Brain or filter raised.
        """
        brain = self._brain
        component = f"agent {self._agent!r}"
        assert brain._memory is not None
        brain._memory.add(row)
        part, called = "brain", "thinking of its brain"
        owner: object = brain
        self._gauge.begin("think", component, self._think_s)
        try:
            data = from_free_value(row.data) if isinstance(row.data, FreeValue) else row.data
            muscle = row.tag
            if self._filters:
                part, called = "filter", "brain_pre_process of a filter"
                for each in self._filters:
                    owner = each
                    muscle, data = each.brain_pre_process(muscle, data)
                part, called, owner = "brain", "thinking of its brain", brain
            update = brain.thinking(muscle, data)
            if self._filters:
                part, called = "filter", "brain_post_process of a filter"
                for each in reversed(self._filters):
                    owner = each
                    update = each.brain_post_process(update)
            if self.learns and not _is_nothing(update):
                self._update = update
            statistics = brain.pop_statistics()
            if statistics:
                self._statistics.update(numbers(statistics))
        except AUTHOR_FAULTS as error:
            raise author_error(
                error, component, called, owner, step, None, agent=self._agent, part=part, episode=episode
            ) from error
        finally:
            self._gauge.end()

    def first_policy(self, version: int) -> Policy | None:
        """Return the policy to begin with, if there is one: the brain's own, or that it was saved with."""
        self._version = version - 1
        policy = self.take_policy()
        self._version = version
        return Policy(version, self._last) if policy is None and self._last is not None else policy

    def take_policy(self) -> Policy | None:
        """Return a policy if there is a newer one than the last taken.

        Raises:
            AuthorError: The author's code raised, or gave what cannot be encoded: VALUE_UNENCODABLE.
        """
        brain = self._brain
        update = self._call("think", brain.pop_policy, "pop_policy of its brain", "brain", brain)
        if _is_nothing(update):
            update = self._update
        else:
            update = self._call(
                "think", partial(self._filtered, update), "brain_post_process of a filter", "filter", self
            )
        self._update = None
        if _is_nothing(update):
            return None
        self._last = self._encoded(update, "policy")
        self._version += 1
        return Policy(self._version, self._last)

    @property
    def version(self) -> int:
        """The version of the last policy taken."""
        return self._version

    def take_statistics(self) -> tuple[tuple[str, float], ...]:
        """Return the numbers put on record since the last call; of several of one name the last."""
        if not self._statistics:
            return ()
        found, self._statistics = tuple(self._statistics.items()), {}
        return found

    def save(self) -> FreeValue | None:
        """Return the state of brain, memory and filters, and the last policy; None if the brain cannot be saved.

        Nothing is learned in a test: what was loaded for one is returned as it is.

        Raises:
            AuthorError: The author's code raised, or gave what cannot be encoded.
        """
        if self._loaded is not None:
            return self._loaded
        brain = self._brain
        state = self._call("save", brain.save_state, "save_state of its brain", "brain", brain)
        if state is None and self.learns:
            return None
        own = None if state is None else self._encoded(state, "state")
        memory = encode_memory(brain._memory) if brain._memory_used and brain._memory is not None else None
        filters = [
            None
            if (kept := self._call("save", each.save_state, "save_state of a filter", "filter", each)) is None
            else self._encoded(kept, "state of a filter")
            for each in self._filters
        ]
        if memory is None and self._last is None and not any(filters):
            return own or NOTHING_SAVED
        return join_parts([own, memory, self._last, *filters])

    def _filtered(self, update: Any) -> Any:
        for each in reversed(self._filters):
            update = each.brain_post_process(update)
        return update

    def _load(self, each: Filter, saved: FreeValue) -> None:
        self._call("load", lambda: each.load_state(from_free_value(saved)), "load_state of a filter", "filter", each)

    def _call(self, kind: str, function: Callable[[], Returned], called: str, part: str, owner: object) -> Returned:
        component = f"agent {self._agent!r}"
        self._gauge.begin(kind, component, self._think_s)
        try:
            return function()
        except AUTHOR_FAULTS as error:
            raise author_error(error, component, called, owner, agent=self._agent, part=part) from error
        finally:
            self._gauge.end()

    def _encoded(self, value: Any, name: str) -> FreeValue:
        component = f"agent {self._agent!r}"
        try:
            return to_free_value(value)
        except AUTHOR_FAULTS as error:
            called = f"encoding the {name} of its brain"
            raise author_error(
                error, component, called, self._brain, None, "VALUE_UNENCODABLE", agent=self._agent, part="brain"
            ) from error


def _is_nothing(update: Any) -> bool:
    """Tell whether an update says that there is none: None, False, or something empty."""
    if update is None:
        return True
    return isinstance(update, bool | int | float | str | bytes | list | tuple | dict) and not update
