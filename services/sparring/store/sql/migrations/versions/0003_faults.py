"""Faults that struck."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make their table."""
    op.create_table(
        "faults",
        sa.Column("run", sa.String, primary_key=True),
        sa.Column("phase", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("mode", sa.String, primary_key=True),
        sa.Column("rollout", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("episode", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("target", sa.String, nullable=False),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("attempt", sa.String, nullable=False),
        sa.Column("struck_ns", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("faults")
