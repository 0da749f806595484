"""Names of sensors, actuators and rewards as agents write them: `environment.uid`, or the bare uid if it is unique."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from sparring.types.errors import InvalidArgumentError


def find_uid(kind: str, name: str, uids: Sequence[str]) -> int:
    """Return the place of a uid.

    Args:
        kind: sensor, actuator or reward, for messages.
        name: `environment.uid`, or `uid` if only one environment has it.
        uids: All there are, as `environment.uid`.

    Raises:
        InvalidArgumentError: SENSOR_UNKNOWN or SENSOR_AMBIGUOUS, and so on, naming those that there are.
    """
    if name in uids:
        return uids.index(name)
    ending = f".{name}"
    found = [place for place, uid in enumerate(uids) if uid.endswith(ending)]
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(uids[place] for place in found)
        raise InvalidArgumentError(
            f"{kind.upper()}_AMBIGUOUS",
            f"There are several {kind}s {name!r}: {several}. Write which one is meant.",
            name=name,
        )
    near = difflib.get_close_matches(name, [*uids, *(uid.rpartition(".")[2] for uid in uids)], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    known = ", ".join(uids) or "none"
    raise InvalidArgumentError(
        f"{kind.upper()}_UNKNOWN", f"There is no {kind} {name!r}; there are: {known}.{hint}", name=name
    )
