"""The columns of a rollout worker's Parquet file, and which place in a row of the record each one comes from.

`episode`, `step`, then `sensor.ENVIRONMENT.UID`, `actuator.ENVIRONMENT.UID` and `reward.ENVIRONMENT.UID`;
`terminated.`, `truncated.`, `updated.`, `ticks.`, `timestamp.`, `world_state.` and `world_state_type.ENVIRONMENT`;
`objective.`, `acted.`, `data.`, `data_type.` and `proposed.AGENT` (what it proposed, packed, in steps in which not all
environments were updated). Step 0 is the state at the beginning. What is absent is null.

Nested spaces have a column per leaf, with the leaf's path behind the uid. An array of several numbers is a list of
fixed size in C order, one of a single number is that number. A field without any number or text has a column that only
says whether it is present. Where two columns would have the same name, the later one gets `~2` behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from sparring.store.declared import Declared
from sparring.store.episodes import LateRewards
from sparring.types.declaration import Declaration
from sparring.types.leaf import leaves
from sparring.types.record import RowLayout
from sparring.types.space_bytes import space_bytes
from sparring.types.space_text import describe_space

PARTS: Final = ("sensor", "actuator", "reward")


@dataclass(frozen=True, slots=True)
class LeafColumn:
    """The column of one leaf of a declared field.

    Attributes:
        name: of the column.
        kind: its type.
        dtype: of the numbers; None for texts and mere presence.
        count: numbers of one value; more than one make a list.
        text: whether it holds texts.
    """

    name: str
    kind: Any
    dtype: np.dtype[Any] | None
    count: int
    text: bool


Fields = tuple[tuple[LeafColumn, ...], ...]
"""The columns of the fields of one part, in packing order."""

Form = tuple[tuple[int, int, str, bytes], ...]
"""The rewards that rows hold beyond those declared at the beginning."""


class RecordColumns:
    """All columns of a file.

    Args:
        declared: what the rollout worker declared.
        late: all rewards that its episodes declared late.

    Attributes:
        schema: Arrow's.
        environments: names, in document order.
        agents: names, in document order.
    """

    def __init__(self, declared: Declared, late: Iterable[LateRewards]) -> None:
        self.declared = declared
        self.environments = tuple(each.uid for each in declared.environments)
        self.agents = declared.agents
        self._names: set[str] = set()
        self._columns: dict[tuple[int, int, str, bytes], tuple[LeafColumn, ...]] = {}
        fields = [_field(self._named(name), pa.int64()) for name in ("episode", "step")]
        for number, environment in enumerate(declared.environments):
            for part, declarations in enumerate((environment.sensors, environment.actuators, environment.rewards)):
                fields += self._add(number, part, declarations)
        for each in late:
            fields += self._add(each.environment, 2, each.declarations)
        for environment in declared.environments:
            fields += [_field(self._named(f"{name}.{environment.uid}"), kind) for name, kind in _ENVIRONMENT]
        for agent in declared.agents:
            fields += [_field(self._named(f"{name}.{agent}"), kind) for name, kind in _AGENT]
        self.schema = pa.schema(fields)

    def fields(self, environment: int, part: int, late: Sequence[LateRewards] = ()) -> Fields:
        """Return the columns of readings (0), setpoints (1) or rewards (2) of rows that hold these late rewards."""
        declared = self.declared.environments[environment]
        declarations = (declared.sensors, declared.actuators, declared.rewards)[part]
        if part == 2:
            for each in late:
                if each.environment == environment:
                    declarations += each.declarations
        return tuple(self._columns[_key(environment, part, each)] for each in declarations)

    @staticmethod
    def form(late: Sequence[LateRewards]) -> Form:
        """Return what tells apart rows that do not lie alike."""
        return tuple(_key(each.environment, 2, declaration) for each in late for declaration in each.declarations)

    def layout(self, late: Sequence[LateRewards]) -> RowLayout:
        """Return the layout of rows that hold these late rewards."""
        return self.declared.layout_with(late) if late else self.declared.layout

    def _add(self, environment: int, part: int, declarations: Sequence[Declaration]) -> list[Any]:
        """Add the columns of fields that are not there yet."""
        fields = []
        for declaration in declarations:
            key = _key(environment, part, declaration)
            if key in self._columns:
                continue
            name = f"{PARTS[part]}.{self.environments[environment]}.{declaration.uid}"
            columns = tuple(self._leaf(name, leaf) for leaf in leaves(declaration.space)) or (self._presence(name),)
            self._columns[key] = columns
            fields += [_field(column.name, column.kind, declaration) for column in columns]
        return fields

    def _leaf(self, field: str, leaf: Any) -> LeafColumn:
        name = self._named(f"{field}.{leaf.name}" if leaf.path else field)
        if leaf.dtype is None:
            return LeafColumn(name, pa.string(), None, 1, True)
        if not leaf.count:
            return LeafColumn(name, pa.bool_(), None, 0, False)
        kind = pa.from_numpy_dtype(leaf.dtype.newbyteorder("="))
        return LeafColumn(name, kind if leaf.count == 1 else pa.list_(kind, leaf.count), leaf.dtype, leaf.count, False)

    def _presence(self, field: str) -> LeafColumn:
        return LeafColumn(self._named(field), pa.bool_(), None, 0, False)

    def _named(self, name: str) -> str:
        """Return the name, made unique."""
        unique, count = name, 1
        while unique in self._names:
            count += 1
            unique = f"{name}~{count}"
        self._names.add(unique)
        return unique


_ENVIRONMENT: Final = (
    ("terminated", pa.bool_()),
    ("truncated", pa.bool_()),
    ("updated", pa.bool_()),
    ("ticks", pa.int64()),
    ("timestamp", pa.timestamp("ns", tz="UTC")),
    ("world_state", pa.binary()),
    ("world_state_type", pa.string()),
)
_AGENT: Final = (
    ("objective", pa.float64()),
    ("acted", pa.bool_()),
    ("data", pa.binary()),
    ("data_type", pa.string()),
    ("proposed", pa.binary()),
)


def _key(environment: int, part: int, declaration: Declaration) -> tuple[int, int, str, bytes]:
    return environment, part, declaration.uid, space_bytes(declaration.space)


def _field(name: str, kind: Any, declaration: Declaration | None = None) -> Any:
    if declaration is None:
        return pa.field(name, kind)
    told = {
        "space": describe_space(declaration.space),
        "unit": declaration.unit,
        "description": declaration.description,
    }
    return pa.field(name, kind, metadata={key: text for key, text in told.items() if text})
