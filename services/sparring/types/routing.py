"""Readings on their way to agents and setpoints on theirs to environments: prepared joins of byte segments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sparring.types.errors import InvalidArgumentError
from sparring.types.layout import Layout
from sparring.types.space import equal_spaces
from sparring.types.space_text import describe_space
from sparring.types.values import Values, present_bytes

_REMEMBERED = 256


class _Run(NamedTuple):
    """Fields that lie side by side both in a source and in the target.

    Attributes:
        source: whose fields; -1 for absent ones, whose bytes and texts count from 0.
        start, stop: their bytes there.
        text_start, text_stop: their texts there.
        bit, bits: their first presence bit there, and how many.
    """

    source: int
    start: int
    stop: int
    text_start: int
    text_stop: int
    bit: int
    bits: int

    def grown(self, after: _Run) -> _Run | None:
        """Return both runs as one, if the other continues this one."""
        if after.source != self.source or (self.source >= 0 and after.bit != self.bit + self.bits):
            return None
        bits = self.bits + after.bits
        if self.source >= 0:
            return self._replace(stop=after.stop, text_stop=after.text_stop, bits=bits)
        return self._replace(stop=self.stop + after.stop, text_stop=self.text_stop + after.text_stop, bits=bits)


class _Plan(NamedTuple):
    """How one Values is joined from several.

    Attributes:
        whole: the source that is the result as it is; -1 if there is none.
        runs: what is joined otherwise.
        sources: those that are read.
        present: presence of the result if all that is read is present.
        bits: how many presence bits the result has.
        texts: whether the result has texts.
    """

    whole: int
    runs: tuple[_Run, ...]
    sources: tuple[int, ...]
    present: bytes
    bits: int
    texts: bool

    def join(self, values: Sequence[Any]) -> Values:
        """Join the sources' values; those that are not read may be None."""
        if self.whole >= 0:
            whole: Values = values[self.whole]
            return whole
        data = b"".join(
            [values[run.source].data[run.start : run.stop] if run.source >= 0 else bytes(run.stop) for run in self.runs]
        )
        present = self.present
        for source in self.sources:
            if values[source].present:
                present = self._presence(values)
                break
        return Values(data, present, self._texts(values) if self.texts else ())

    def _presence(self, values: Sequence[Any]) -> bytes:
        bits = position = 0
        for run in self.runs:
            if run.source >= 0:
                mask, present = (1 << run.bits) - 1, values[run.source].present
                bits |= (int.from_bytes(present, "little") >> run.bit & mask if present else mask) << position
            position += run.bits
        return present_bytes(bits, self.bits)

    def _texts(self, values: Sequence[Any]) -> tuple[str, ...]:
        texts: list[str] = []
        for run in self.runs:
            absent = run.source < 0
            texts += ("",) * run.text_stop if absent else values[run.source].texts[run.text_start : run.text_stop]
        return tuple(texts)


class Gather:
    """Builds an agent's readings from the environments' readings.

    Args:
        sources: the environments' layouts, all with the same number of lanes.
        picks: for each of the agent's sensors, in order, its source and its field there; one may be picked repeatedly.

    Attributes:
        layout: of what `gather` returns.

    Raises:
        InvalidArgumentError: ROUTE_INVALID, if a pick does not exist or lanes differ.
    """

    def __init__(self, sources: Sequence[Layout], picks: Sequence[tuple[int, int]]) -> None:
        lanes = _common_lanes(sources)
        for source, field in picks:
            _refuse_unknown(sources, source, field)
        self.layout = Layout([sources[source].spaces[field] for source, field in picks], lanes)
        self._plan = _plan(self.layout, sources, list(picks))

    def gather(self, values: Sequence[Values]) -> Values:
        """Return the agent's readings from those of all sources; the very same object where it is one source, whole."""
        return self._plan.join(values)


class Scatter:
    """Builds one environment's setpoints from those of the agents that acted.

    Args:
        target: layout of the environment's actuators.
        sources: the agents' layouts, with the same number of lanes.
        picks: (field of the target, source, field of the source). A field that nobody sets is absent. Where several
            agents set one, which happens only when they take turns, the last in order that acted counts.

    Raises:
        InvalidArgumentError: ROUTE_INVALID, if a pick does not exist, lanes differ, or the spaces of its two fields do.
    """

    def __init__(self, target: Layout, sources: Sequence[Layout], picks: Sequence[tuple[int, int, int]]) -> None:
        _common_lanes([target, *sources])
        self._target = target
        self._sources = tuple(sources)
        self._routes: list[list[tuple[int, int]]] = [[] for _ in target.fields]
        for field, source, origin in picks:
            _refuse_unknown([target], 0, field)
            _refuse_unknown(sources, source, origin)
            ours, theirs = target.spaces[field], sources[source].spaces[origin]
            if not equal_spaces(ours, theirs):
                raise _invalid(
                    f"field {field} is {describe_space(ours)}, "
                    f"field {origin} of source {source} is {describe_space(theirs)}"
                )
            self._routes[field].append((source, origin))
        self._plans: dict[tuple[bool, ...], _Plan] = {}

    def scatter(self, values: Sequence[Values | None]) -> Values:
        """Return the environment's setpoints; None stands for an agent that did not act."""
        acted = tuple([value is not None for value in values])
        plan = self._plans.get(acted)
        if plan is None:
            plan = self._planned(acted)
        return plan.join(values)

    def _planned(self, acted: tuple[bool, ...]) -> _Plan:
        """Prepare the join for the agents that acted, and remember it; few patterns recur."""
        if len(acted) != len(self._sources):
            raise _invalid(f"there are setpoints of {len(acted)} agents, expected {len(self._sources)}")
        chosen = [next((pick for pick in reversed(route) if acted[pick[0]]), None) for route in self._routes]
        if len(self._plans) >= _REMEMBERED:
            self._plans.clear()
        plan = self._plans[acted] = _plan(self._target, self._sources, chosen)
        return plan


def _plan(target: Layout, sources: Sequence[Layout], picks: Sequence[tuple[int, int] | None]) -> _Plan:
    """Prepare a join of one field per pick, None being an absent one; neighbours that stay neighbours move as one."""
    runs: list[_Run] = []
    present = 0
    lanes = target.lanes
    for field, pick in zip(target.fields, picks, strict=True):
        run = _Run(-1, 0, field.nbytes, 0, field.text_count, 0, lanes)
        if pick is not None:
            origin = sources[pick[0]].fields[pick[1]]
            texts = origin.text_start + origin.text_count
            stop = origin.offset + origin.nbytes
            run = _Run(pick[0], origin.offset, stop, origin.text_start, texts, origin.index * lanes, lanes)
            present |= ((1 << lanes) - 1) << field.index * lanes
        grown = runs[-1].grown(run) if runs else None
        if grown is not None:
            runs[-1] = grown
        else:
            runs.append(run)
    read = tuple(dict.fromkeys(run.source for run in runs if run.source >= 0))
    whole = read[0] if len(runs) == 1 and read and runs[0].bits == sources[read[0]].bit_count else -1
    count = target.bit_count
    return _Plan(whole, tuple(runs), read, present_bytes(present, count), count, target.text_count > 0)


def _common_lanes(layouts: Sequence[Layout]) -> int:
    """Return the number of lanes that all layouts have; 1 if there are none."""
    lanes = {layout.lanes for layout in layouts}
    if len(lanes) > 1:
        raise _invalid(f"the numbers of lanes differ: {', '.join(map(str, sorted(lanes)))}")
    return lanes.pop() if lanes else 1


def _refuse_unknown(layouts: Sequence[Layout], source: int, field: int) -> None:
    if not (0 <= source < len(layouts) and 0 <= field < len(layouts[source].fields)):
        raise _invalid(f"there is no field {field} of source {source}")


def _invalid(problem: str) -> InvalidArgumentError:
    return InvalidArgumentError("ROUTE_INVALID", f"These values cannot be routed: {problem}.")
