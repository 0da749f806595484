"""The session ports: how a controller reaches environments, muscles and brains, wherever they run.

`client` implements them over streams, `environment` and `agent` around author classes in the same process, `embedded`
puts them together. A session
is used by one thread, strictly request by request: `send`, then `receive`. A controller sends to all and then
receives from all, so that
remote instances work at the same time; an instance in the same process does its work inside `send`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from sparring.types.declaration import Declaration
from sparring.types.episode import EpisodeSummary, StepRows
from sparring.types.errors import SparringError
from sparring.types.frames import EnvironmentRequest, EnvironmentResponse, MuscleRequest, MuscleResponse, Policy
from sparring.types.learning import Considered, DiscardEpisode, EpisodeEnd, ExperienceBatch, Joined


@runtime_checkable
class EndableSession(Protocol):
    """A session whose other end may be known to be lost by somebody else."""

    def end(self, error: SparringError) -> None:
        """End it from another thread: a `receive` that waits, and every later call, raises `error`."""


class EnvironmentSession(Protocol):
    """A conversation with one environment instance of K lanes: `Start (Update | Reset)* Shutdown?`."""

    def send(self, request: EnvironmentRequest) -> None:
        """Send one request. The answer to the one before must have been received.

        Raises:
            LostError: The other side is gone; the episode can be played again with another session.
        """

    def receive(self, timeout_s: float) -> EnvironmentResponse:
        """Wait for the answer to the last request, `timeout_s` seconds at most.

        Raises:
            InvalidArgumentError, FailedPreconditionError: The request was refused; the world has not moved.
            AuthorError: The environment's own code raised, or returned what its spaces do not allow.
            HungError: The deadline passed while the other side lives.
            LostError: The other side is gone.
        """

    def close(self) -> None:
        """Release everything, without a farewell. Never raises; may be called twice."""


class MuscleSession(Protocol):
    """A conversation with one muscle that acts for K lanes: `Start (Act | Reset)* Shutdown?`."""

    def send(self, request: MuscleRequest) -> None:
        """As `EnvironmentSession.send`."""

    def receive(self, timeout_s: float) -> MuscleResponse:
        """As `EnvironmentSession.receive`."""

    def close(self) -> None:
        """As `EnvironmentSession.close`."""


class ExperienceSession(Protocol):
    """One rollout worker's stream of experience to one brain. Answers come in order.

    `window` of `joined` bounds how many may be open.
    """

    @property
    def joined(self) -> Joined:
        """What the brain said at the beginning."""

    def send(self, request: ExperienceBatch | EpisodeEnd) -> None:
        """Send a batch or an episode's end.

        Blocks (bounded by the stream's deadline) only when `window` answers are open.

        Raises:
            LostError: The brain is gone.
        """

    def discard(self, request: DiscardEpisode) -> None:
        """Void an episode; not answered."""

    def receive(self, timeout_s: float) -> Considered:
        """Wait for the next answer, in the order of what was sent.

        Raises:
            AuthorError: Objective, filter or brain raised.
            HungError: The deadline passed while the brain lives.
            LostError: The brain is gone.
        """

    def latest_policy(self) -> Policy | None:
        """The newest policy heard of, without waiting; None if there is none."""

    def wait_for_policy(self, version: int, timeout_s: float) -> Policy:
        """Wait until a policy of at least this version is known.

        Raises:
            HungError: It did not come in time.
            LostError: The brain is gone.
        """

    def close(self) -> None:
        """Half-close and release. Never raises; may be called twice."""


class RecordSession(Protocol):
    """One rollout worker's stream of steps and commits to the store.

    Every call may block for as long as the store takes no more (back-pressure).
    """

    @property
    def committed(self) -> frozenset[int]:
        """Episodes of this rollout worker that were committed before the stream was opened."""

    @property
    def refusal(self) -> str:
        """Why the store takes nothing now: a reason; empty while it does. May be asked by any thread."""

    def begin(self, episode: int, seeds: Mapping[str, int]) -> None:
        """Open an episode; `seeds` by environment."""

    def declare_rewards(self, episode: int, environment: int, rewards: Sequence[Declaration]) -> None:
        """Announce rewards of one environment; rows from here on hold them."""

    def write(self, rows: StepRows) -> None:
        """Hand over rows, in order."""

    def commit(self, summary: EpisodeSummary, rows: int) -> None:
        """Make an episode durable, after all its `rows` were written; `take_committed` tells when it is."""

    def drop(self, episode: int) -> None:
        """Forget an episode."""

    def flush(self) -> None:
        """Ask the store not to wait for more commits to group."""

    def take_committed(self, timeout_s: float) -> list[EpisodeSummary]:
        """Return the episodes that became durable since the last call.

        Args:
            timeout_s: How long to wait for at least one; 0 does not wait.


        Raises:
            FailedPreconditionError: The store refuses this stream (reason EPOCH_STALE: somebody else owns the run now).
            LostError: The store did not come back within its budget.
        """

    def close(self) -> None:
        """End the stream; open episodes are forgotten. Never raises; may be called twice."""
