"""Making environments of gymnasium from `grpc://HOST:PORT/NAME`."""

from __future__ import annotations

from typing import Any

from sparring.gym.environment import ServedEnvironment
from sparring.gym.lane_seats import LaneSeats
from sparring.gym.seats import Seats
from sparring.gym.server import Options, Server
from sparring.gym.session_seats import SessionSeats
from sparring.gym.vector import ServedVectorEnvironment
from sparring.types.errors import ExhaustedError, InvalidArgumentError

_USUAL = Options()


def make(place: str, /, *, session: Options = _USUAL, **parameters: Any) -> ServedEnvironment:
    """Open a session with an environment server.

    Args:
        place: grpc://HOST:PORT/NAME; without the name it is the server's only environment.
        session: Deadlines, token and the like.
        **parameters: Of the environment.

    Raises:
        InvalidArgumentError: BAD_ADDRESS, PARAMETERS_INVALID.
        SparringError: The server cannot be reached, has no such environment, or no free slot.
    """
    return ServedEnvironment(Server.of(place, parameters, session))


def make_vec(
    place: str, /, num_envs: int, *, lanes: bool | None = None, session: Options = _USUAL, **parameters: Any
) -> ServedVectorEnvironment:
    """Open a vector of environments.

    Args:
        place: As of `make`.
        num_envs: How many episodes are played at the same time.
        lanes: Whether they are lanes of one session (one slot, one call per step) or sessions of their own (a slot
            each, working at the same time). None: lanes where the server has as many.
        session: As of `make`.
        **parameters: Of the environment.

    Raises:
        InvalidArgumentError: As `make`; LANES_INVALID, the server does not have so many lanes.
        ExhaustedError: SLOT_TAKEN, it does not hold so many sessions.
        SparringError: As `make`.
    """
    if num_envs < 1:
        raise InvalidArgumentError("LANES_INVALID", f"num_envs is at least 1, not {num_envs}.")
    server = Server.of(place, parameters, session)
    offered = server.describe()
    most = offered.max_lanes if "lanes" in offered.capabilities else 1
    if lanes and most < num_envs:
        raise InvalidArgumentError(
            "LANES_INVALID", f"{server.uid} has at most {most} lane(s), not {num_envs}; use lanes=False.", most=most
        )
    seats: Seats
    if lanes or (lanes is None and most >= num_envs):
        seats = LaneSeats(server, num_envs)
    else:
        if offered.capacity < num_envs:
            raise ExhaustedError(
                "SLOT_TAKEN", f"{server.uid} holds {offered.capacity} session(s) at once, not {num_envs}."
            )
        seats = SessionSeats(server, num_envs)
    return ServedVectorEnvironment(seats, num_envs)
