"""An environment behind the session port, in this process: author classes as the controller sees any environment."""

from __future__ import annotations

from sparring.environment.array_environment import ArrayEnvironment
from sparring.environment.construction import EnvironmentMaker, Resolve
from sparring.environment.environment import Environment
from sparring.environment.lane_group import MAX_LANES, LaneGroup
from sparring.types.errors import AuthorError, FailedPreconditionError, InvalidArgumentError, SparringError
from sparring.types.frames import (
    EnvironmentRequest,
    EnvironmentResponse,
    Reset,
    ShutDown,
    Shutdown,
    StartEnvironment,
    Strike,
    Update,
)
from sparring.types.gauge import NO_GAUGE, Gauge
from sparring.types.strike import carry_out


class EnvironmentInstance:
    """Implements the port `EnvironmentSession`; does its work inside `send`. One instance is one session.

    Args:
        resolve: Finds author classes by name: environments, rewards, state transformers.
        gauge: Shows what author code is running, for somebody who watches deadlines.
        existing: An object that is there already, to be used instead of a new one; `resolve` is not asked for it.
    """

    def __init__(
        self, resolve: Resolve, gauge: Gauge = NO_GAUGE, existing: Environment | ArrayEnvironment | None = None
    ) -> None:
        self._resolve = resolve
        self._gauge = gauge
        self._existing = existing
        self._lanes: LaneGroup | None = None
        self._begun = False
        self._answer: EnvironmentResponse | SparringError | None = None

    def send(self, request: EnvironmentRequest) -> None:
        """Carry out a request; `receive` tells what came of it."""
        try:
            lanes = self._lanes
            if type(request) is Update and lanes is not None:
                if request.lanes is not None:
                    self._require_mask(request.lanes, lanes)
                self._answer = lanes.update(request)
            else:
                self._answer = self._handle(request)
        except SparringError as error:
            self._answer = error
            if isinstance(error, AuthorError) or self._lanes is None:
                self.close()

    def receive(self, timeout_s: float) -> EnvironmentResponse:
        """Return the answer to the last request, or raise what it raised.

        Raises:
            InvalidArgumentError, FailedPreconditionError: The request was refused; the world has not moved.
            AuthorError: The environment's own code raised, or returned what its spaces do not allow; the session is
                over.
        """
        answer, self._answer = self._answer, None
        if isinstance(answer, SparringError):
            raise answer
        if answer is None:
            raise self._out_of_turn("nothing was sent since the last answer")
        return answer

    def close(self) -> None:
        """Release the author's objects."""
        lanes, self._lanes = self._lanes, None
        if lanes is not None:
            try:
                lanes.end()
            except AuthorError:
                return  # it is logged, and nobody waits for an answer

    def _handle(self, request: EnvironmentRequest) -> EnvironmentResponse:
        if isinstance(request, StartEnvironment):
            return self._start(request)
        lanes = self._lanes
        if lanes is None:
            raise self._out_of_turn("the session has ended" if self._begun else "it was not started")
        if isinstance(request, Reset):
            seeds = request.episode_seeds
            if len(seeds) != lanes.count:
                raise self._mismatch(f"{len(seeds)} seeds", lanes)
            if request.lanes is not None:
                self._require_mask(request.lanes, lanes)
            return lanes.reset(seeds, request.lanes)
        if isinstance(request, Shutdown):
            self._lanes = None
            lanes.end()
            return ShutDown()
        if isinstance(request, Strike):
            return carry_out(request)
        raise self._out_of_turn(f"{type(request).__name__} is no request to an environment")

    def _start(self, request: StartEnvironment) -> EnvironmentResponse:
        if self._begun:
            raise self._out_of_turn("it was started before")
        if request.lanes < 1 or len(request.episode_seeds) != request.lanes:
            raise InvalidArgumentError(
                "LANES_MISMATCH",
                f"A session of {request.lanes} lanes was given {len(request.episode_seeds)} episode seeds.",
            )
        if request.lanes > MAX_LANES:
            raise InvalidArgumentError(
                "LANES_INVALID", f"A session may have {MAX_LANES} lanes at most, not {request.lanes}."
            )
        maker = EnvironmentMaker(self._resolve, request, self._gauge, self._existing)
        self._begun = True
        lanes = LaneGroup(maker, request)
        try:
            started = lanes.start(request.episode_seeds)
        except SparringError:
            self._lanes = lanes
            self.close()
            raise
        self._lanes = lanes
        return started

    def _require_mask(self, mask: tuple[bool, ...], lanes: LaneGroup) -> None:
        if len(mask) != lanes.count:
            raise self._mismatch(f"a mask of {len(mask)}", lanes)

    @staticmethod
    def _mismatch(found: str, lanes: LaneGroup) -> InvalidArgumentError:
        return InvalidArgumentError("LANES_MISMATCH", f"A session of {lanes.count} lanes was given {found}.")

    @staticmethod
    def _out_of_turn(problem: str) -> FailedPreconditionError:
        return FailedPreconditionError("GRAMMAR_VIOLATED", f"This is not allowed in an environment session: {problem}.")
