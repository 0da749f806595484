"""Each episode in a session of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from sparring.gym.seats import Moved, at, rewards_of
from sparring.gym.server import Server
from sparring.gym.session import GymSession
from sparring.types.errors import SparringError
from sparring.types.frames import EnvironmentRequest, Reset, Update
from sparring.types.layout import Layout
from sparring.types.values import Values

Found = TypeVar("Found")


class SessionSeats:
    """See `Seats`. All sessions are asked before the first is listened to."""

    def __init__(self, server: Server, count: int) -> None:
        self._sessions: list[GymSession] = []
        try:
            for number in range(count):
                self._sessions.append(GymSession(server, (server.options.session_seed + number,)))
        except BaseException:
            self.close()
            raise
        self.started = self._sessions[0].started

    def reset(self, seeds: Mapping[int, int]) -> dict[int, Moved]:
        """Begin new episodes."""
        done = self._ask({seat: Reset((seed,)) for seat, seed in seeds.items()}, GymSession.reset_done)
        return {
            seat: Moved(one.readings, ticks=at(one.time.ticks, 0), timestamp_ns=at(one.time.timestamps_ns, 0))
            for seat, one in done.items()
        }

    def update(self, setpoints: Mapping[int, Values]) -> dict[int, Moved]:
        """Advance episodes."""
        found = self._ask({seat: Update(given) for seat, given in setpoints.items()}, GymSession.updated)
        return {seat: self._moved(self._sessions[seat], updated) for seat, updated in found.items()}

    def close(self) -> None:
        """End the sessions."""
        for session in self._sessions:
            session.close()

    @staticmethod
    def _moved(session: GymSession, updated: Any) -> Moved:
        layout = Layout([reward.space for reward in session.rewards])
        values = layout.unpack(layout.accept(updated.rewards))
        return Moved(
            updated.readings,
            rewards_of(session.rewards, values),
            any(updated.terminated),
            any(updated.truncated),
            at(updated.time.ticks, 0),
            at(updated.time.timestamps_ns, 0),
            updated.world_state,
        )

    def _ask(
        self, requests: Mapping[int, EnvironmentRequest], listen: Callable[[GymSession], Found]
    ) -> dict[int, Found]:
        """Ask several sessions; what one of them refuses is raised when all have answered."""
        asked, refused = self._send(requests.items())
        found = {}
        for seat in asked:
            try:
                found[seat] = listen(self._sessions[seat])
            except SparringError as error:
                refused = refused or error
        if refused is not None:
            raise refused
        return found

    def _send(self, requests: Iterable[tuple[int, EnvironmentRequest]]) -> tuple[list[int], SparringError | None]:
        asked: list[int] = []
        for seat, request in requests:
            try:
                self._sessions[seat].send(request)
            except SparringError as error:
                return asked, error
            asked.append(seat)
        return asked, None
