"""Falsified values: sensors that freeze or are biased, actuators that are lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from gymnasium.spaces import Box

from sparring.types.declaration import Declaration
from sparring.types.errors import FailedPreconditionError
from sparring.types.faults import Fault, FaultKind
from sparring.types.field import PackedLeaf
from sparring.types.layout import Layout
from sparring.types.values import Values, present_bits, present_bytes


class Falsified:
    """Falsifies the values of the fields that an environment declared.

    Args:
        environment: Its uid, for errors.
        fields: Its sensors or its actuators.
        lanes: K.
        faults: Those about these fields.

    Raises:
        FailedPreconditionError: FAULT_IMPOSSIBLE, there is no such field, or it cannot be biased.
    """

    def __init__(self, environment: str, fields: Sequence[Declaration], lanes: int, faults: Sequence[Fault]) -> None:
        self._layout = Layout([field.space for field in fields], lanes)
        self._places: dict[str, int] = {}
        for fault in faults:
            number = next((at for at, field in enumerate(fields) if field.uid == fault.field), None)
            if number is None:
                raise _impossible(fault, f"environment {environment!r} has no {fault.field!r}")
            if fault.kind is FaultKind.SENSOR_BIAS and not _adds(self._layout, number):
                raise _impossible(fault, "only a Box of numbers can be biased")
            self._places[fault.name] = number

    def biased(self, values: Values, faults: Sequence[Fault]) -> Values:
        """Return values with biases added; they stay within their spaces, and what is absent stays so."""
        data = bytearray(values.data)
        for fault in faults:
            number = self._places[fault.name]
            leaf = self._layout.fields[number].leaves[0]
            array: Any = np.ndarray((self._layout.lanes, *leaf.leaf.shape), leaf.leaf.dtype, data, leaf.offset)
            biased = _added(array, fault.value, self._layout.spaces[number])
            for lane in range(self._layout.lanes):
                if self._layout.is_present(values, number, lane):
                    array[lane] = biased[lane]
        return values._replace(data=bytes(data))

    def frozen(self, values: Values, shown: Values, faults: Sequence[Fault]) -> Values:
        """Return values with fields as they were shown before."""
        return self._replaced(values, faults, lambda _: shown)

    def lost(self, values: Values, faults: Sequence[Fault]) -> Values:
        """Return values with fields absent."""
        return self._replaced(values, faults, lambda _: self._layout.absent)

    def _replaced(self, values: Values, faults: Sequence[Fault], source: Callable[[Fault], Values]) -> Values:
        layout = self._layout
        data, texts = bytearray(values.data), list(values.texts)
        bits = present_bits(values.present, layout.bit_count)
        for fault in faults:
            other, number = source(fault), self._places[fault.name]
            field, segment = layout.fields[number], layout.segment(number)
            mask = ((1 << layout.lanes) - 1) << number * layout.lanes
            data[segment] = other.data[segment]
            bits = bits & ~mask | present_bits(other.present, layout.bit_count) & mask
            at = slice(field.text_start, field.text_start + field.text_count)
            texts[at] = other.texts[at]
        return Values(bytes(data), present_bytes(bits, layout.bit_count), tuple(texts))


def _adds(layout: Layout, number: int) -> bool:
    leaves: Sequence[PackedLeaf] = layout.fields[number].leaves
    return isinstance(layout.spaces[number], Box) and leaves[0].leaf.dtype is not None


def _added(array: Any, bias: float, space: Any) -> Any:
    if array.dtype.kind == "f":
        return np.clip(array + np.asarray(bias, array.dtype), space.low, space.high).astype(array.dtype)
    low, high = space.low.astype(np.float64), space.high.astype(np.float64)
    return np.clip(np.rint(array.astype(np.float64) + bias), low, high).astype(array.dtype)


def _impossible(fault: Fault, why: str) -> FailedPreconditionError:
    return FailedPreconditionError(
        "FAULT_IMPOSSIBLE", f"The fault {fault.name!r} cannot strike: {why}.", fault=fault.name, target=fault.target
    )
