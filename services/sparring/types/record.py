"""Rows of a record: what one step was, in all environments, as the bytes that are sent, stored and digested.

The form is that of StepBatch in `store_service.proto`: for each environment in document order readings, setpoints and
rewards (each packed, then its presence, one bit per field, padded to a multiple of 8), then 24 bytes of time and flags.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sparring.types.declaration import Declaration
from sparring.types.errors import InvalidArgumentError
from sparring.types.layout import Layout
from sparring.types.row_columns import EnvironmentColumns, columns_of
from sparring.types.values import Values

END_BYTES: Final = 24
_END: Final = struct.Struct("<qq5B3x")

EncodeRow = Callable[[Values, Values | None, Values | None, int | None, int | None, bool, bool, bool], bytes]
"""Readings, setpoints, rewards, ticks, timestamp_ns, terminated, truncated, updated to an environment's part."""


@dataclass(frozen=True, slots=True, eq=False)
class EnvironmentDeclarations:
    """What one environment of a record declared.

    Attributes:
        uid: its name in the document.
        sensors: in packing order.
        actuators: in packing order.
        rewards: those declared at Start.
    """

    uid: str
    sensors: tuple[Declaration, ...]
    actuators: tuple[Declaration, ...]
    rewards: tuple[Declaration, ...]

    def layouts(self) -> EnvironmentLayouts:
        """Return where its values lie."""
        return EnvironmentLayouts(*(_layout(part) for part in (self.sensors, self.actuators, self.rewards)))


@dataclass(frozen=True, slots=True, eq=False)
class EnvironmentLayouts:
    """Where the values of one environment lie; each layout has one lane."""

    sensors: Layout
    actuators: Layout
    rewards: Layout

    def __iter__(self) -> Iterator[Layout]:
        return iter((self.sensors, self.actuators, self.rewards))


class PartLayout:
    """Readings, setpoints or rewards of one environment: their place in a row.

    Attributes:
        layout: of the packed values.
        offset: first byte of the values in the row.
        present_offset: first byte of their presence.
        present_bytes: bytes of presence, padding included.
        stop: first byte behind.
        full: presence with all fields present.
        absent: values and presence with nothing present.
    """

    def __init__(self, layout: Layout, offset: int) -> None:
        self.layout = layout
        self.offset = offset
        self.present_offset = offset + layout.size
        self.present_bytes = (layout.bit_count + 63) // 64 * 8
        self.stop = self.present_offset + self.present_bytes
        self.full = layout.full_present.ljust(self.present_bytes, b"\0")
        self.absent = bytes(self.stop - offset)


class EnvironmentRow:
    """One environment's part of a row.

    Attributes:
        parts: readings, setpoints and rewards, in the order in which they lie in the row.
        offset: first byte in the row.
        end_offset: first byte of time and flags.
        stop: first byte behind.
        text_count: texts of one row.
        encode: writes the part; see `EncodeRow`. Setpoints and rewards that are None, as in row 0 and where the
            environment was not updated, are absent, and so is a time that is None. Raises InvalidArgumentError
            PACKED_INVALID for values of another size.
    """

    def __init__(self, layouts: EnvironmentLayouts, offset: int) -> None:
        if any(layout.lanes != 1 for layout in layouts):
            raise InvalidArgumentError("LANES_INVALID", "A row is one lane wide; give layouts of one lane.")
        self.layouts = layouts
        self.offset = offset
        parts = []
        for layout in layouts:
            parts.append(PartLayout(layout, offset))
            offset = parts[-1].stop
        self.parts: tuple[PartLayout, ...] = tuple(parts)
        self.end_offset = offset
        self.stop = offset + END_BYTES
        self.text_count = sum(layout.text_count for layout in layouts)
        self.encode: EncodeRow = self._encoder()

    def texts(self, readings: Values, setpoints: Values | None, rewards: Values | None) -> tuple[str, ...]:
        """Return the texts of the same values, in the order of the row; not needed where `text_count` is 0."""
        found: tuple[str, ...] = ()
        for layout, values in zip(self.layouts, (readings, setpoints, rewards), strict=True):
            found += layout.absent.texts if values is None else values.texts
        if len(found) != self.text_count:
            raise InvalidArgumentError(
                "PACKED_INVALID", f"There are {len(found)} texts, the declared fields take {self.text_count}."
            )
        return found

    def _encoder(self) -> EncodeRow:
        """Return the writer with everything prepared that does not change: it runs for every environment and step."""
        sensors, actuators, rewarding = self.parts
        full_readings, full_setpoints, full_rewards = sensors.full, actuators.full, rewarding.full
        no_setpoints, no_rewards = actuators.absent, rewarding.absent
        pack, join, size, refuse = _END.pack, b"".join, self.stop - self.offset, self._refuse

        def encode(
            readings: Values,
            setpoints: Values | None,
            rewards: Values | None,
            ticks: int | None,
            timestamp_ns: int | None,
            terminated: bool,
            truncated: bool,
            updated: bool,
        ) -> bytes:
            data, present, _ = readings
            pieces = [data, present.ljust(len(full_readings), b"\0") if present else full_readings]
            if setpoints is None:
                pieces.append(no_setpoints)
            else:
                data, present, _ = setpoints
                pieces.append(data)
                pieces.append(present.ljust(len(full_setpoints), b"\0") if present else full_setpoints)
            if rewards is None:
                pieces.append(no_rewards)
            else:
                data, present, _ = rewards
                pieces.append(data)
                pieces.append(present.ljust(len(full_rewards), b"\0") if present else full_rewards)
            pieces.append(
                pack(
                    ticks or 0,
                    timestamp_ns or 0,
                    terminated,
                    truncated,
                    updated,
                    ticks is not None,
                    timestamp_ns is not None,
                )
            )
            row = join(pieces)
            if len(row) != size:
                refuse(readings, setpoints, rewards)
            return row

        return encode

    def _refuse(self, *given: Values | None) -> None:
        """Say which values do not fit."""
        for name, part, values in zip(("readings", "setpoints", "rewards"), self.parts, given, strict=True):
            if values is not None and (
                len(values.data) != part.layout.size or len(values.present) > len(part.layout.full_present)
            ):
                raise InvalidArgumentError(
                    "PACKED_INVALID",
                    f"The {name} have {len(values.data)} bytes and {len(values.present)} of presence, "
                    f"the declared fields take {part.layout.size} and {len(part.layout.full_present)}.",
                    part=name,
                )
        raise InvalidArgumentError("PACKED_INVALID", "The values do not follow the declared fields.")


class RowLayout:
    """Where everything lies in the rows of a record.

    Attributes:
        environments: one per environment, in document order; `environments[i].encode(...)` writes its part of a row.
        size: bytes of a row.
        text_count: texts of a row.
    """

    def __init__(self, environments: Sequence[EnvironmentLayouts]) -> None:
        offset = 0
        rows = []
        for layouts in environments:
            rows.append(EnvironmentRow(layouts, offset))
            offset = rows[-1].stop
        self.environments: tuple[EnvironmentRow, ...] = tuple(rows)
        self.size = offset
        self.text_count = sum(row.text_count for row in rows)

    @classmethod
    def of(cls, environments: Sequence[EnvironmentDeclarations]) -> RowLayout:
        """Return the layout of declared environments."""
        return cls([environment.layouts() for environment in environments])

    def row(self, parts: Sequence[bytes]) -> bytes:
        """Join the environments' parts, in document order, to a row."""
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def environment_row(
        self,
        environment: int,
        readings: Values,
        setpoints: Values | None = None,
        rewards: Values | None = None,
        ticks: int | None = None,
        timestamp_ns: int | None = None,
        terminated: bool = False,
        truncated: bool = False,
        updated: bool = False,
    ) -> bytes:
        """Write one environment's part of a row: `environments[environment].encode` with names and defaults."""
        encode = self.environments[environment].encode
        return encode(readings, setpoints, rewards, ticks, timestamp_ns, terminated, truncated, updated)

    def with_rewards(self, environment: int, declarations: Sequence[Declaration]) -> RowLayout:
        """Return the layout of the rows after more rewards of one environment were declared."""
        layouts = [row.layouts for row in self.environments]
        sensors, actuators, rewards = layouts[environment]
        spaces = (*rewards.spaces, *(declaration.space for declaration in declarations))
        layouts[environment] = EnvironmentLayouts(sensors, actuators, Layout(spaces))
        return RowLayout(layouts)

    def columns(self, rows: bytes | bytearray | memoryview) -> list[EnvironmentColumns]:
        """Return the values of many rows as arrays on the very bytes, one set per environment.

        They can be written to where the bytes can (a bytearray).

        Raises:
            InvalidArgumentError: PACKED_INVALID, if the bytes are not a whole number of rows.
        """
        count, rest = divmod(len(rows), self.size) if self.size else (0, len(rows))
        if rest:
            raise InvalidArgumentError(
                "PACKED_INVALID", f"{len(rows)} bytes are not a whole number of rows of {self.size} bytes."
            )
        return [columns_of(row.parts, row.end_offset, rows, count, self.size) for row in self.environments]


def _layout(declarations: Sequence[Declaration]) -> Layout:
    return Layout([declaration.space for declaration in declarations])
