"""Packing by hand, after the page: fields to bytes, presence and texts, and setpoints back."""

import struct
from collections.abc import Sequence

from sparring.api.space.v1 import space_pb2, values_pb2
from tests.conformance_faults.world import BONUS_AT, FLOAT32, FLOAT64, World, box, declaration

ONE_32, ONE_64 = struct.pack("<f", 1.0), struct.pack("<d", 1.0)
SENSORS = [
    declaration("level", box(FLOAT32, [3], struct.pack("<f", -10), struct.pack("<f", 10))),
    declaration("tap", space_pb2.Space(discrete=space_pb2.Discrete(n=5, start=-2))),
    declaration("probe", box(FLOAT64, [], struct.pack("<d", 0), struct.pack("<d", 1e6))),
    declaration("note", space_pb2.Space(text=space_pb2.Text(max_length=8, charset="0123456789t"))),
]
ACTUATORS = [
    declaration("push", box(FLOAT32, [3], struct.pack("<f", -1), ONE_32)),
    declaration("gear", space_pb2.Space(discrete=space_pb2.Discrete(n=3))),
]
REWARDS = [declaration("calm", box(FLOAT64, [], struct.pack("<d", -30), struct.pack("<d", 0)))]
BONUS = declaration("bonus", box(FLOAT64, [], struct.pack("<d", 0), ONE_64))

Row = tuple[str, list[tuple[float, ...] | None]]
"""The format of one element, and per lane its elements."""


def pack(rows: Sequence[Row], fault: str = "") -> tuple[bytes, list[bool]]:
    """Pack fields; return the bytes, and per field and lane whether it is present."""
    data, present = b"", []
    for kind, lanes in rows:
        count = next((len(lane) for lane in lanes if lane is not None), 0) or {"f": 3}.get(kind, 1)
        for lane in lanes:
            present.append(lane is not None)
            hidden = (1,) * count if fault == "absent_dirty" else (0,) * count
            data += struct.pack(f"<{count}{kind}", *(hidden if lane is None else lane))
        padding = -len(data) % 8
        if fault != "padding_missing":
            data += (b"\x07" if fault == "padding_dirty" else b"\0") * padding
    return data, present


def presence(present: Sequence[bool]) -> bytes:
    """Pack presence; empty if all are present."""
    if all(present):
        return b""
    bits = sum(1 << index for index, one in enumerate(present) if one)
    return bits.to_bytes((len(present) + 7) // 8, "little")


def readings(worlds: Sequence[World], shown: Sequence[bool], fault: str = "") -> values_pb2.Values:
    """Pack what the sensors say; `shown` per lane."""
    levels: list[tuple[float, ...] | None] = []
    taps: list[tuple[float, ...] | None] = []
    probes: list[tuple[float, ...] | None] = []
    notes = []
    for world, shows in zip(worlds, shown, strict=True):
        outside = fault == "reading_outside" and world.tick == 5
        levels.append((99.0, *world.levels[1:]) if shows and outside else tuple(world.levels) if shows else None)
        taps.append((world.tick % 5 - 2,) if shows else None)
        probes.append((abs(world.levels[0]),) if shows and world.tick % 2 == 0 else None)
        notes.append(f"t{world.tick}" if shows else "")
    data, present = pack([("f", levels), ("q", taps), ("d", probes)], fault)
    present += list(shown)
    packed = presence(present)
    if fault == "present_long":
        packed = (packed or bytes([(1 << len(present)) - 1])) + b"\0"
    return values_pb2.Values(data=data, present=packed, texts=notes)


def rewards(worlds: Sequence[World], shown: Sequence[bool], bonus: bool, fault: str = "") -> values_pb2.Values:
    """Pack the rewards."""
    calm: list[tuple[float, ...] | None] = [
        (5.0 if fault == "reward_outside" and world.tick == 5 else max(-30.0, world.calm),) if shows else None
        for world, shows in zip(worlds, shown, strict=True)
    ]
    rows: list[Row] = [("d", calm)]
    if bonus:
        given = [shows and world.tick >= BONUS_AT for world, shows in zip(worlds, shown, strict=True)]
        rows.append(("d", [(0.5,) if one else None for one in given]))
    data, present = pack(rows)
    return values_pb2.Values(data=data, present=presence(present))


class Refusal(Exception):
    """A request is refused with an Error frame."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


def setpoints(values: values_pb2.Values, lanes: int, fault: str) -> list[tuple[tuple[float, ...] | None, int | None]]:
    """Read setpoints: per lane (push, gear), None where absent."""
    size = (12 * lanes + 7) // 8 * 8 + 8 * lanes
    data = values.data
    if len(data) != size:
        if fault != "short_setpoints" and not (fault == "oversized_taken" and len(data) > 1 << 16):
            raise Refusal("FRAME_MALFORMED", f"There are {len(data)} bytes of setpoints; expected {size}.")
        data = data[:size].ljust(size, b"\0")
    bits = int.from_bytes(values.present, "little") if values.present else -1
    if bits != -1 and fault == "absent_refused":
        raise Refusal("SETPOINT_ABSENT", "This environment needs all its setpoints.")
    found = []
    gears = (12 * lanes + 7) // 8 * 8
    for lane in range(lanes):
        push = struct.unpack_from("<3f", data, 12 * lane)
        (gear,) = struct.unpack_from("<q", data, gears + 8 * lane)
        has_push, has_gear = bits >> lane & 1, bits >> (lanes + lane) & 1
        found.append((push if has_push else None, gear if has_gear else None))
    return found


def check_setpoints(push: tuple[float, ...] | None, gear: int | None, fault: str) -> None:
    """Refuse what is outside."""
    if fault == "setpoint_clipped":
        return
    for force in push or ():
        if not -1.0 <= force <= 1.0 and not (fault == "nan_taken" and force != force):
            raise Refusal("SETPOINT_OUT_OF_SPACE", f"push {force} is not within -1 and 1.")
    if gear is not None and not 0 <= gear <= 2:
        raise Refusal("SETPOINT_OUT_OF_SPACE", f"gear {gear} is none of 0, 1, 2.")
