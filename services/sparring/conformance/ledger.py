"""What a session has declared, and what every one of its answers has to obey."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sparring.codec.declaration import decode_declarations
from sparring.codec.version import MAJOR
from sparring.conformance.clocks import Clocks
from sparring.conformance.findings import Violation
from sparring.conformance.packed import check_values
from sparring.conformance.showing import show
from sparring.types.declaration import Declaration
from sparring.types.errors import InvalidArgumentError
from sparring.types.layout import Layout


def read_declarations(messages: Any, what: str, sent: str) -> tuple[Declaration, ...]:
    """Read declarations.

    Raises:
        Violation: ENV-DCL-1, ENV-DCL-2.
    """
    try:
        found = decode_declarations(messages)
        Layout([one.space for one in found])
        return found
    except InvalidArgumentError as error:
        rule = "ENV-DCL-1" if error.reason == "DECLARATION_MALFORMED" else "ENV-DCL-2"
        raise Violation(rule, sent, f"{what}: {error.message}") from error


def check_version(version: Any, what: str, sent: str) -> None:
    """Require the version of a server that takes what we send.

    Raises:
        Violation: ENV-VER-3.
    """
    if version.major != MAJOR:
        raise Violation("ENV-VER-3", sent, f"{what} with version {version.major}.{version.minor}; ours is {MAJOR}.x")


class Ledger:
    """Of one session of K lanes.

    Attributes:
        sensors, actuators: Layouts.
        over: Per lane, whether its episode has ended.
        readings, rewards: Values of the last answer.
        rewarded: Layout and uids of the last rewards.
    """

    def __init__(self, lanes: int, timed: bool) -> None:
        self.lanes = lanes
        self.over = [False] * lanes
        self._clocks = Clocks(lanes, timed)

    def started(self, message: Any, sent: str) -> None:
        """Take the declarations; check them and the first readings."""
        check_version(message.version, "Started", sent)
        sensors = read_declarations(message.sensors, "sensors", sent)
        actuators = read_declarations(message.actuators, "actuators", sent)
        self._rewards = list(read_declarations(message.rewards, "rewards", sent))
        self.uids = [sensor.uid for sensor in sensors]
        self.sensors = Layout([sensor.space for sensor in sensors], self.lanes)
        self.actuators = Layout([actuator.space for actuator in actuators], self.lanes)
        self.reset_done(message.first, (True,) * self.lanes, sent)

    def reset_done(self, message: Any, moving: Sequence[bool], sent: str) -> None:
        """Check the beginning of an episode."""
        self._known = list(self._rewards)
        self._clocks.forget(moving)
        self.readings = check_values(message.readings, self.sensors, self.uids, "readings", moving, sent)
        self._clocks.check(message, moving, sent)
        self.over = [over and not moves for over, moves in zip(self.over, moving, strict=True)]

    def updated(self, message: Any, moving: Sequence[bool], sent: str) -> None:
        """Check the answer to an update."""
        self.readings = check_values(message.readings, self.sensors, self.uids, "readings", moving, sent)
        self._declare(message.declared_rewards, sent)
        layout = Layout([reward.space for reward in self._known], self.lanes)
        if len(message.rewards.data) != layout.size and message.declared_rewards:
            came = f"rewards of {len(message.rewards.data)} bytes; with those just declared there are {layout.size}"
            raise Violation("ENV-RWD-1", sent, came)
        uids = [reward.uid for reward in self._known]
        self.rewards = check_values(message.rewards, layout, uids, "rewards", moving, sent)
        self.rewarded = layout, uids
        self._ends(message, sent)
        self._clocks.check(message, moving, sent)

    def _declare(self, messages: Any, sent: str) -> None:
        fresh = read_declarations(messages, "declared rewards", sent)
        known = {reward.uid for reward in self._known}
        for reward in fresh:
            if reward.uid in known:
                raise Violation("ENV-RWD-1", sent, f"the reward {reward.uid!r} announced, which was declared already")
        self._known += fresh

    def _ends(self, message: Any, sent: str) -> None:
        masks = []
        for name in ("terminated", "truncated"):
            mask = list(getattr(message, name))
            if len(mask) not in (0, self.lanes):
                raise Violation("ENV-END-3", sent, f"{name} with {len(mask)} entries, in a session of {self.lanes}")
            masks.append(mask or [False] * self.lanes)
        for lane, (terminated, truncated) in enumerate(zip(*masks, strict=True)):
            if terminated and truncated:
                raise Violation("ENV-END-2", sent, f"lane {lane} terminated and truncated at once: {show(message)}")
            self.over[lane] = self.over[lane] or terminated or truncated
