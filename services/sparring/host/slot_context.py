"""What the code of a slot's process finds: its configuration, its gauge, and which sessions it may hold."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sparring.host.gauge import SharedGauge
from sparring.host.pipe import SlotPipe
from sparring.rpc.tokens import check_token
from sparring.types.errors import ExhaustedError


@dataclass(frozen=True, slots=True)
class SlotConfiguration:
    """What the parent says first.

    Attributes:
        entry: `module:function` that makes the slot's step server (see `slot_main`).
        address: host:port to listen at; port 0 takes any.
        plugins: Author modules that may be imported; empty means only what the service brings.
        search_paths: Folders put in front of the import path.
        linger_s: How long a session is kept without a stream.
        token: The shared token that callers show, and that this process shows to others; None where there is none.
        options: What else the entry wants to know.
    """

    entry: str
    address: str = "127.0.0.1:0"
    plugins: tuple[str, ...] = ()
    search_paths: tuple[str, ...] = ()
    linger_s: float = 10.0
    token: str | None = field(default=None, repr=False)
    options: dict[str, Any] = field(default_factory=dict)


class SlotContext:
    """One slot: at most one session at a time, admitted by the token that the parent announced."""

    def __init__(self, configuration: SlotConfiguration, gauge: SharedGauge, pipe: SlotPipe) -> None:
        self.configuration = configuration
        self.gauge = gauge
        self.stop = threading.Event()
        self._pipe = pipe
        self._changed = threading.Lock()
        self._expected: dict[str, float] = {}
        self._on_withdraw: list[Callable[[str], None]] = []

    def hear(self, message: dict[str, Any]) -> None:
        """Carry out what the parent says."""
        match message.get("do"):
            case "expect":
                with self._changed:
                    self._expected = {message["token"]: time.monotonic() + float(message["for_s"])}
            case "withdraw":
                with self._changed:
                    self._expected.pop(message["token"], None)
                for act in self._on_withdraw:
                    act(message["token"])
            case "drain":
                self.stop.set()

    def authorize(self, method: str, metadata: Iterable[tuple[str, str | bytes]]) -> None:
        """Refuse a caller that does not show the shared token, where there is one.

        Raises:
            UnauthenticatedError: TOKEN_MISSING or TOKEN_WRONG.
        """
        token = self.configuration.token
        if token is not None:
            check_token(metadata, token)

    def on_withdraw(self, act: Callable[[str], None]) -> None:
        """Add what happens when a session is ended from outside; called in another thread, and told every token."""
        self._on_withdraw.append(act)

    def admit(self, token: str) -> None:
        """Use up an expected token.

        Raises:
            ExhaustedError: SLOT_TAKEN, the token is not expected here, or no longer.
        """
        with self._changed:
            until = self._expected.pop(token, 0.0)
        if time.monotonic() > until:
            raise ExhaustedError(
                "SLOT_TAKEN",
                "This slot does not expect the session: its grant is used up, has expired, or was never offered here.",
            )

    def opened(self, token: str, component: str, run: str) -> None:
        """Tell the parent that a session has begun."""
        self._pipe.say("opened", token=token, component=component, run=run)

    def suspended(self, token: str) -> None:
        """Tell the parent that a session has lost its stream."""
        self._pipe.say("suspended", token=token)

    def resumed(self, token: str) -> None:
        """Tell the parent that a session has a stream again."""
        self._pipe.say("resumed", token=token)

    def ended(self, token: str, reason: str = "", message: str = "") -> None:
        """Tell the parent that a session is over; `reason` is empty when it ended in good order."""
        self._pipe.say("ended", token=token, reason=reason, message=message)
