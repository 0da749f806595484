"""Checks of packed values against the declared fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sparring.conformance.findings import Violation
from sparring.conformance.showing import show
from sparring.types.errors import InvalidArgumentError
from sparring.types.layout import Layout
from sparring.types.values import Values


def check_values(
    message: Any, layout: Layout, uids: Sequence[str], what: str, moving: Sequence[bool], sent: str
) -> Values:
    """Return values in their one form.

    Args:
        message: Values, as they came.
        layout: Of the declared fields.
        uids: Of the declared fields.
        what: "readings" or "rewards".
        moving: Per lane, whether it has values in this answer.
        sent: The request, for people.

    Raises:
        Violation: ENV-PCK-1, ENV-PCK-2, ENV-PCK-3, ENV-VAL-1, ENV-LAN-5.
    """
    values = Values(message.data, message.present, tuple(message.texts))
    _check_counts(values, layout, what, sent)
    try:
        values = layout.accept(values)
    except InvalidArgumentError as error:
        raise Violation("ENV-PCK-2", sent, f"{what} with {show(values.data)}: {error.message}") from error
    if not all(moving):
        for field, uid in enumerate(uids):
            for lane, moves in enumerate(moving):
                if not moves and layout.is_present(values, field, lane):
                    came = f"{what} in which {uid!r} is present in lane {lane}, which the mask leaves out"
                    raise Violation("ENV-LAN-5", sent, came)
    outside = layout.check(values)
    if outside is not None:
        where = f" in lane {outside.lane}" if layout.lanes > 1 else ""
        raise Violation("ENV-VAL-1", sent, f"{what} in which {uids[outside.field]!r}{where} is {outside.describe()}")
    return values


def _check_counts(values: Values, layout: Layout, what: str, sent: str) -> None:
    if len(values.data) != layout.size:
        came = f"{what} of {len(values.data)} bytes; the declarations make {layout.size}, for {layout.lanes} lane(s)"
        raise Violation("ENV-PCK-1", sent, came)
    expected = len(layout.full_present)
    surplus = int.from_bytes(values.present, "little") >> layout.bit_count
    if values.present and (len(values.present) != expected or surplus):
        came = (
            f"{what} with {show(values.present)} of presence; {layout.bit_count} fields and lanes make {expected}"
            " bytes, surplus bits zero"
        )
        raise Violation("ENV-PCK-3", sent, came)
    if len(values.texts) != layout.text_count:
        came = f"{what} with {len(values.texts)} texts; the declarations make {layout.text_count}"
        raise Violation("ENV-PCK-3", sent, came)
