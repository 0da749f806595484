"""The port to the store for one rollout worker: rows and commits out, what became durable back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sparring.client.access import NO_ACCESS, Access, open_session_sync_channel, session_metadata
from sparring.client.attempts import FULL
from sparring.client.record_keeper import RECONNECTING, RecordKeeper
from sparring.codec.record_frames import (
    DeclaredAgent,
    DeclaredEnvironment,
    encode_begin_frame,
    encode_commit_frame,
    encode_drop_frame,
    encode_flush_frame,
    encode_open,
    encode_rewards_frame,
    encode_rows_frames,
)
from sparring.rpc.limits import checked_size
from sparring.rpc.retry import Backoff
from sparring.rpc.sync_channels import SyncChannel
from sparring.types.declaration import Declaration
from sparring.types.episode import EpisodeSummary, StepRows
from sparring.types.errors import LostError
from sparring.types.plan import RolloutPlan

RECORD_METHOD: Final = "/sparring.api.store.v1.StoreService/RecordEpisodes"
CONNECT_S: Final = 2.0
"""How long one attempt at coming back waits for a connection."""


class StreamRecord:
    """A `RecordSession` over a stream, whose docstrings hold here; called from one thread.

    Calls wait while more than 8 MiB wait to be sent. While the store is away, everything that is not durable is kept,
    and sent again when it is back. After 20 s this is given up: another store is looked for, and what is not durable is
    played again. A store that has no room left is waited for, up to an hour: it takes people to make room.
    """

    def __init__(self, keeper: RecordKeeper, channel: SyncChannel) -> None:
        """Take over an open record; both are closed with it."""
        self._keeper = keeper
        self._channel = channel

    @property
    def committed(self) -> frozenset[int]:
        """Episodes of this rollout worker that were committed before the stream was opened."""
        return self._keeper.committed

    @property
    def refusal(self) -> str:
        """Why the store takes nothing now."""
        return "STORE_FULL" if self._keeper.room.lacking else ""

    def begin(self, episode: int, seeds: Mapping[str, int]) -> None:
        """Open an episode."""
        self._keeper.say(episode, encode_begin_frame(episode, seeds))

    def declare_rewards(self, episode: int, environment: int, rewards: Sequence[Declaration]) -> None:
        """Announce rewards of one environment."""
        self._keeper.say(episode, encode_rewards_frame(episode, environment, rewards))

    def write(self, rows: StepRows) -> None:
        """Hand over rows, in order.

        Raises:
            InvalidArgumentError: MESSAGE_TOO_LARGE, a single row is larger than a message may be.
        """
        for frame in encode_rows_frames(rows):
            self._keeper.say(rows.episode, checked_size(frame, RECORD_METHOD))

    def commit(self, summary: EpisodeSummary, rows: int) -> None:
        """Make an episode durable."""
        self._keeper.commit(summary, encode_commit_frame(summary, rows))

    def drop(self, episode: int) -> None:
        """Forget an episode."""
        self._keeper.drop(episode, encode_drop_frame(episode))

    def flush(self) -> None:
        """Ask the store not to wait for more commits to group."""
        self._keeper.say(None, encode_flush_frame())

    def take_committed(self, timeout_s: float) -> list[EpisodeSummary]:
        """Return the episodes that became durable since the last call."""
        return self._keeper.take_durable(timeout_s)

    def close(self) -> None:
        """End the stream; open episodes are forgotten. Never raises; may be called twice."""
        self._keeper.close()
        self._channel.close()


def open_record(
    plan: RolloutPlan,
    environments: Sequence[DeclaredEnvironment],
    agents: Sequence[DeclaredAgent],
    *,
    access: Access = NO_ACCESS,
    reconnecting: Backoff = RECONNECTING,
    full: Backoff = FULL,
) -> StreamRecord:
    """Open the record of a rollout worker at the plan's store.

    Args:
        plan: Says where the store is, and whose record it is.
        environments: What they declared, in document order.
        agents: What they read and set, in document order.
        access: Token and TLS material.
        reconnecting: Attempts and budget of one outage of the store.
        full: The same while it has no room left.

    Raises:
        LostError: The store did not come within its budget.
        FailedPreconditionError: It refuses: EPOCH_STALE, RUN_ALREADY_TERMINAL, DECLARATIONS_CHANGED.
        NotFoundError: RUN_UNKNOWN.
    """
    channel = open_session_sync_channel(plan.store, access)
    call, metadata = channel.stream_stream(RECORD_METHOD), (session_metadata(plan.store.token),)
    opened = False

    def open_stream(requests: Iterator[bytes]) -> Any:
        nonlocal opened
        if opened:
            channel.wait_until_connected(CONNECT_S)
        opened = True
        try:
            return call(requests, metadata=metadata)
        except ValueError as error:  # closed while it was waited for
            raise LostError("STREAM_BROKEN", "The connection to the store was closed on this side.") from error

    keeper = RecordKeeper(
        open_stream,
        encode_open(plan, environments, agents),
        reconnecting=reconnecting,
        full=full,
    )
    record = StreamRecord(keeper, channel)
    try:
        keeper.open()
    except BaseException:
        record.close()
        raise
    return record
