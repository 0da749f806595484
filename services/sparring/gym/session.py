"""One session with an environment server: frames by name, and its end."""

from __future__ import annotations

import contextlib
from typing import TypeVar

from sparring.gym.server import Server
from sparring.types.declaration import Declaration
from sparring.types.errors import InternalError, SparringError
from sparring.types.frames import (
    EnvironmentRequest,
    EnvironmentStarted,
    ResetDone,
    ShutDown,
    Shutdown,
    StartEnvironment,
    Updated,
)

Answer = TypeVar("Answer", EnvironmentStarted, ResetDone, Updated, ShutDown)
GRACE_S = 5.0
"""The server notices first that its deadline has passed, and says so."""


class GymSession:
    """Sends and receives apart, so that several sessions can work at the same time.

    Attributes:
        started: What is declared.
        rewards: Declared so far in this episode.
    """

    def __init__(self, server: Server, seeds: tuple[int, ...]) -> None:
        options = server.options
        self._timeouts = options.timeouts
        self._closed = False
        self._session = server.session()
        try:
            start = StartEnvironment(
                server.component,
                server.component.name or "environment",
                options.session_seed,
                seeds,
                lanes=len(seeds),
                mode=options.mode,
                recreate_each_episode=options.recreate_each_episode,
                timeouts=options.timeouts,
            )
            self._session.send(start)
            self.started = self._receive(EnvironmentStarted, self._timeouts.start_s)
        except BaseException:
            self._session.close()
            raise
        self.rewards: list[Declaration] = list(self.started.rewards)

    def send(self, request: EnvironmentRequest) -> None:
        """Ask for something."""
        self._session.send(request)

    def updated(self) -> Updated:
        """Receive the answer to an Update."""
        updated = self._receive(Updated, self._timeouts.step_s)
        self.rewards += updated.declared_rewards
        return updated

    def reset_done(self) -> ResetDone:
        """Receive the answer to a Reset."""
        done = self._receive(ResetDone, self._timeouts.reset_s)
        self.rewards = list(self.started.rewards)
        return done

    def close(self) -> None:
        """End the session; its slot is free then."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(SparringError):  # it may have ended already
            self._session.send(Shutdown())
            self._receive(ShutDown, self._timeouts.reset_s)
        self._session.close()

    def _receive(self, kind: type[Answer], timeout_s: float) -> Answer:
        answer = self._session.receive(timeout_s + GRACE_S)
        if not isinstance(answer, kind):
            raise InternalError("RESPONSE_UNEXPECTED", f"{type(answer).__name__} came; expected {kind.__name__}.")
        return answer
