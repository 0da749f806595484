"""The first tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "runs",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("run", sa.String, nullable=False, unique=True),
        sa.Column("base", sa.String, nullable=False),
        sa.Column("counter", sa.Integer, nullable=False),
        sa.Column("client_token", sa.String, nullable=False, unique=True),
        sa.Column("uid", sa.String, nullable=False, index=True),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("placement", sa.String, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("deterministic", sa.Boolean, nullable=False),
        sa.Column("created_ns", sa.BigInteger, nullable=False),
        *_standing(),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_runs_base", "runs", ["base", "counter"])
    op.create_index("ix_runs_status", "runs", ["status"])
    op.create_table(
        "events",
        sa.Column("run", sa.String, primary_key=True),
        *_standing(),
        sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("time_ns", sa.BigInteger, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
    )
    op.create_table(
        "phases",
        *_phase(),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("first_ns", sa.BigInteger),
        sa.Column("last_ns", sa.BigInteger),
        sa.Column("sealed", sa.Boolean, nullable=False),
    )
    op.create_table(
        "recordings",
        *_phase(),
        sa.Column("rollout", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("declarations", sa.LargeBinary, nullable=False),
    )
    _create_episodes()
    _create_brain_states()


def downgrade() -> None:
    """Remove them."""
    for table in ("brain_states", "episodes", "recordings", "phases", "events", "runs"):
        op.drop_table(table)


def _create_episodes() -> None:
    op.create_table(
        "episodes",
        *_phase(),
        sa.Column("rollout", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("episode", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("steps", sa.BigInteger, nullable=False),
        sa.Column("episode_return", sa.Double),
        sa.Column("objectives", sa.Text, nullable=False),
        sa.Column("terminated", sa.Boolean, nullable=False),
        sa.Column("truncated", sa.Boolean, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("seeds", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("duration_s", sa.Double, nullable=False),
        sa.Column("flow_control", sa.Integer, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("committed_ns", sa.BigInteger, nullable=False),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("stop", sa.BigInteger, nullable=False),
        sa.Column("late", sa.LargeBinary, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_episodes_revision", "episodes", ["run", "revision"])


def _create_brain_states() -> None:
    op.create_table(
        "brain_states",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("run", sa.String, nullable=False),
        sa.Column("phase", sa.Integer, nullable=False),
        sa.Column("agent", sa.String, nullable=False),
        sa.Column("tag", sa.String, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("contains", sa.Text, nullable=False),
        sa.Column("policy_version", sa.BigInteger, nullable=False),
        sa.Column("content_type", sa.String, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("saved_ns", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_brain_states_name", "brain_states", ["run", "phase", "agent", "tag"], unique=True)


def _phase() -> list[sa.Column[object]]:
    return [
        sa.Column("run", sa.String, primary_key=True),
        sa.Column("phase", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("mode", sa.String, primary_key=True),
    ]


def _standing() -> list[sa.Column[object]]:
    """Return what changes in a run, without its revision."""
    return [
        sa.Column("status", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("phase", sa.Integer, nullable=False),
        sa.Column("governor", sa.String, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("ordinal", sa.BigInteger, nullable=False),
        sa.Column("lease_until_ns", sa.BigInteger, nullable=False),
        sa.Column("ended_ns", sa.BigInteger),
        sa.Column("error_reason", sa.String, nullable=False),
        sa.Column("error_message", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("evaluation_digest", sa.LargeBinary, nullable=False),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("pause_requested", sa.Boolean, nullable=False),
    ]
