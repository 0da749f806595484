"""What the code of a slot's process finds: its configuration, its gauge, and which sessions it may hold."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import grpc

from sparring.host.gauge import SharedGauge
from sparring.host.pipe import SlotPipe
from sparring.rpc.tls import Tls, read_tls
from sparring.rpc.tokens import check_token
from sparring.types.errors import ExhaustedError, SparringError

ADMISSION_S: Final = 2.0
"""How long a client may be faster than the parent's word that it comes."""


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
        tls_files: PEM files: certificate, key, authority; empty serves plaintext.
        options: What else the entry wants to know; values as JSON knows them.
    """

    entry: str
    address: str = "127.0.0.1:0"
    plugins: tuple[str, ...] = ()
    search_paths: tuple[str, ...] = ()
    linger_s: float = 10.0
    token: str | None = field(default=None, repr=False)
    tls_files: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Self:
        """Read it from a message of the pipe."""
        lists = {name: tuple(message[name]) for name in ("plugins", "search_paths", "tls_files")}
        return cls(**{**message, **lists})

    def tls(self) -> Tls | None:
        """Read the TLS material."""
        if not self.tls_files:
            return None
        certificate, key, authority = (Path(path) if path else None for path in self.tls_files)
        return read_tls(certificate, key, authority)


class SlotContext:
    """One slot: at most one session at a time, admitted by the token that the parent announced.

    Attributes:
        configuration: As the parent said.
        gauge: Watched by the parent.
        stop: Set when this process is to end.
    """

    def __init__(self, configuration: SlotConfiguration, gauge: SharedGauge, pipe: SlotPipe) -> None:
        self.configuration = configuration
        self.gauge = gauge
        self.stop = threading.Event()
        self._pipe = pipe
        self._changed = threading.Condition()
        self._expected: tuple[str, float] | None = None
        self._held = ""
        self._unwanted = ""
        self._on_withdraw: list[Callable[[str], None]] = []

    def hear(self, message: Mapping[str, Any]) -> None:
        """Carry out what the parent says."""
        match message.get("do"):
            case "expect":
                with self._changed:
                    self._expected = message["token"], time.monotonic() + float(message["for_s"])
                    self._changed.notify_all()
            case "forget":
                self._forget(message["token"])
            case "withdraw":
                self._withdraw(message["token"])
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

    def server_credentials(self) -> grpc.ServerCredentials | None:
        """Credentials of the slot's listener; None serves plaintext."""
        tls = self.configuration.tls()
        return None if tls is None or tls.certificate is None else tls.server_credentials()

    def on_withdraw(self, act: Callable[[str], None]) -> None:
        """Add what happens when a session is ended from outside; called in another thread, and told every token."""
        self._on_withdraw.append(act)

    def expects(self, token: str) -> bool:
        """Tell whether a token is expected; waits a moment, for its client may be faster than the parent's word."""
        with self._changed:
            return self._await(token)

    def admit(self, token: str) -> None:
        """Use up an expected token.

        Raises:
            ExhaustedError: SLOT_TAKEN, the token is not expected here, or no longer.
        """
        with self._changed:
            if not self._await(token):
                raise ExhaustedError(
                    "SLOT_TAKEN",
                    "This slot does not expect the session: its grant is used up, has expired, or was never offered.",
                )
            self._expected = None
            self._held, self._unwanted = token, ""

    def opened(self, token: str, component: str, run: str) -> None:
        """Tell the parent that a session has begun."""
        self._pipe.say("opened", token=token, component=component, run=run)
        with self._changed:
            unwanted = self._unwanted == token
        if unwanted:  # withdrawn between `admit` and now, when nobody knew it yet
            self._act(token)

    def suspended(self, token: str) -> None:
        """Tell the parent that a session has lost its stream."""
        self._pipe.say("suspended", token=token)

    def resumed(self, token: str) -> None:
        """Tell the parent that a session has a stream again."""
        self._pipe.say("resumed", token=token)

    def ended(self, token: str, reason: str = "", message: str = "", *, lost: bool = False) -> None:
        """Tell the parent that a session is over.

        Args:
            token: Which.
            reason: UPPER_SNAKE; empty when it ended in good order.
            message: A sentence.
            lost: Its holder may play the episode again.
        """
        with self._changed:
            if self._held == token:
                self._held = ""
        self._pipe.say("ended", token=token, reason=reason, message=message, lost=lost)

    def failed(self, error: SparringError) -> None:
        """Tell the parent that this process cannot serve."""
        self._pipe.say("failed", reason=error.reason, message=error.message)

    def _await(self, token: str) -> bool:
        """Wait until any token is expected, for there is never more than one; tell whether it is this one."""
        self._changed.wait_for(lambda: self._expected is not None, ADMISSION_S)
        return self._expected is not None and self._expected[0] == token and time.monotonic() < self._expected[1]

    def _forget(self, token: str) -> bool:
        """Stop expecting a session; False if it was not expected."""
        with self._changed:
            if self._expected is None or self._expected[0] != token:
                return False
            self._expected = None
        self.ended(token)
        return True

    def _withdraw(self, token: str) -> None:
        if self._forget(token):
            return
        with self._changed:
            if self._held != token:
                return
            self._unwanted = token
        self._act(token)

    def _act(self, token: str) -> None:
        for act in self._on_withdraw:
            act(token)
