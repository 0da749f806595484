"""Tables of the store. A change here needs a migration beside `migrations/versions` and a new `REVISION`."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

REVISION: Final = "0003"
"""The newest migration; a database at this revision has exactly these tables."""


class Unsigned(TypeDecorator[int]):
    """An unsigned 64 bit integer in a signed column: the upper half is stored as negative numbers."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """Fold the upper half down."""
        return value - (1 << 64) if value is not None and value >= 1 << 63 else value

    def process_result_value(self, value: int | None, dialect: Dialect) -> int | None:
        """Unfold it."""
        return value + (1 << 64) if value is not None and value < 0 else value


METADATA: Final = MetaData()

_Number = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up in INTEGER columns only


def _standing() -> list[Column[Any]]:
    """Return the columns of what changes in a run; every event keeps them as they were after it."""
    return [
        Column("status", String, nullable=False),
        Column("state", String, nullable=False),
        Column("phase", Integer, nullable=False),
        Column("governor", String, nullable=False),
        Column("epoch", BigInteger, nullable=False),
        Column("ordinal", BigInteger, nullable=False),
        Column("lease_until_ns", BigInteger, nullable=False),
        Column("revision", BigInteger, nullable=False),
        Column("ended_ns", BigInteger),
        Column("error_reason", String, nullable=False),
        Column("error_message", Text, nullable=False),
        Column("digest", LargeBinary, nullable=False),
        Column("evaluation_digest", LargeBinary, nullable=False),
        Column("cancel_requested", Boolean, nullable=False),
        Column("pause_requested", Boolean, nullable=False),
    ]


RUNS: Final = Table(
    "runs",
    METADATA,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("run", String, nullable=False, unique=True),
    Column("base", String, nullable=False),
    Column("counter", Integer, nullable=False),
    Column("client_token", String, nullable=False, unique=True),
    Column("uid", String, nullable=False, index=True),
    Column("document", LargeBinary, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("seed", Unsigned, nullable=False),
    Column("placement", String, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("deterministic", Boolean, nullable=False),
    Column("created_ns", BigInteger, nullable=False),
    *_standing(),
    Index("ix_runs_base", "base", "counter"),
    Index("ix_runs_status", "status"),
    sqlite_autoincrement=True,
)

EVENTS: Final = Table(
    "events",
    METADATA,
    Column("run", String, primary_key=True),
    *(column for column in _standing() if column.name != "revision"),
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("time_ns", BigInteger, nullable=False),
    Column("message", Text, nullable=False),
)

PHASES: Final = Table(
    "phases",
    METADATA,
    Column("run", String, primary_key=True),
    Column("phase", Integer, primary_key=True, autoincrement=False),
    Column("mode", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("first_ns", BigInteger),
    Column("last_ns", BigInteger),
    Column("sealed", Boolean, nullable=False),
)

RECORDINGS: Final = Table(
    "recordings",
    METADATA,
    Column("run", String, primary_key=True),
    Column("phase", Integer, primary_key=True, autoincrement=False),
    Column("mode", String, primary_key=True),
    Column("rollout", Integer, primary_key=True, autoincrement=False),
    Column("declarations", LargeBinary, nullable=False),
)

EPISODES: Final = Table(
    "episodes",
    METADATA,
    Column("run", String, primary_key=True),
    Column("phase", Integer, primary_key=True, autoincrement=False),
    Column("mode", String, primary_key=True),
    Column("rollout", Integer, primary_key=True, autoincrement=False),
    Column("episode", BigInteger, primary_key=True, autoincrement=False),
    Column("steps", BigInteger, nullable=False),
    Column("episode_return", Double),  # NULL stands for NaN, which SQLite does not keep
    Column("objectives", Text, nullable=False),
    Column("terminated", Boolean, nullable=False),
    Column("truncated", Boolean, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("seeds", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("duration_s", Double, nullable=False),
    Column("flow_control", Integer, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("committed_ns", BigInteger, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("stop", BigInteger, nullable=False),
    Column("late", LargeBinary, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Index("ix_episodes_revision", "run", "revision"),
)

BRAIN_STATES: Final = Table(
    "brain_states",
    METADATA,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("run", String, nullable=False),
    Column("phase", Integer, nullable=False),
    Column("agent", String, nullable=False),
    Column("tag", String, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("contains", Text, nullable=False),
    Column("policy_version", BigInteger, nullable=False),
    Column("content_type", String, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("saved_ns", BigInteger, nullable=False),
    Index("ix_brain_states_name", "run", "phase", "agent", "tag", unique=True),
    sqlite_autoincrement=True,
)

FAULTS: Final = Table(
    "faults",
    METADATA,
    Column("run", String, primary_key=True),
    Column("phase", Integer, primary_key=True, autoincrement=False),
    Column("mode", String, primary_key=True),
    Column("rollout", Integer, primary_key=True, autoincrement=False),
    Column("episode", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("target", String, nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("value", Double, nullable=False),
    Column("attempt", String, nullable=False),
    Column("struck_ns", BigInteger, nullable=False),
)

JOBS: Final = Table(
    "jobs",
    METADATA,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("job", String, nullable=False, unique=True),
    Column("client_token", String, unique=True),
    Column("service", String, nullable=False),
    Column("method", String, nullable=False),
    Column("label", String, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("timeout_ns", BigInteger, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("created_ns", BigInteger, nullable=False),
    Column("expires_ns", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_ns", BigInteger, nullable=False),
    Column("owner", String, nullable=False),
    Column("lease_until_ns", BigInteger, nullable=False),
    Column("ended_ns", BigInteger),
    Column("failure_code", Integer, nullable=False),
    Column("failure_message", Text, nullable=False),
    Column("failure_details", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("reply", LargeBinary, nullable=False),
    Index("ix_jobs_state", "state", "size_bytes"),
    Index("ix_jobs_expires", "expires_ns"),
    sqlite_autoincrement=True,
)
